import { type FileHandle, open } from 'node:fs/promises';
import { readAtMost } from '../../kernel/read-at-most.ts';
import { FailedInput } from './failed-input.ts';

const isCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

/** Whether an error of the file system says that there is no such file. */
export const isAbsent = (error: unknown): boolean => isCode(error, ['ENOENT', 'ENOTDIR']);

/** Bytes of a file that are read at once. */
const partSize = 262_144;

/** The bytes of what may have no beginning to go back to. */
const fromWhereItIs = async function* (
  file: FileHandle,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(partSize), 0, partSize, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
};

/** The bytes of a file of at most `max`; undefined when it is larger. */
export const readAtMostFrom = async (
  path: string,
  max: number,
): Promise<Uint8Array | undefined> => {
  await using file = await open(path, 'r');
  const stands = await file.stat();
  if (stands.size > max) return undefined;
  // Awaited before the file is closed: what goes wrong meanwhile would be nobody's, and end the process.
  // A device and a pipe say no size, and may have no end.
  return stands.isFile() ? await file.readFile() : await readAtMost(fromWhereItIs(file), max);
};

const unreadable = (path: string, cause: unknown): FailedInput => {
  const why = isAbsent(cause) ? 'there is no such file' : 'the system does not let it be read';
  return new FailedInput('unreadable', `${path}: ${why}.`, { cause });
};

/** An input file, whole; throws {@link FailedInput}. */
export const readInput = async (path: string, max: number): Promise<Uint8Array> => {
  try {
    const bytes = await readAtMostFrom(path, max);
    if (bytes !== undefined) return bytes;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw new FailedInput('malformed', `${path}: it is larger than ${max} bytes.`);
};

/** The bytes of an open file from its beginning, part by part. */
export const partsOf = async function* (
  file: FileHandle,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(partSize), 0, partSize, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
};

/** The same of an input file, whatever its size; throws {@link FailedInput}. */
export const readParts = async function* (
  path: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    await using file = await open(path, 'r');
    yield* partsOf(file);
  } catch (cause) {
    throw unreadable(path, cause);
  }
};

/** The first bytes of an input file, at most so many; throws {@link FailedInput}. */
export const readBeginning = async (path: string, max: number): Promise<Uint8Array> => {
  try {
    await using file = await open(path, 'r');
    const { bytesRead, buffer } = await file.read(Buffer.alloc(max), 0, max, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw unreadable(path, cause);
  }
};
