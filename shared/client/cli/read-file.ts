import { open } from 'node:fs/promises';
import { FailedInput } from './failed-input.ts';

const isCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

/** Whether an error of the file system says that there is no such file. */
export const isAbsent = (error: unknown): boolean => isCode(error, ['ENOENT', 'ENOTDIR']);

/** The bytes of a file of at most `max`; undefined when it is larger. */
export const readAtMostFrom = async (
  path: string,
  max: number,
): Promise<Uint8Array | undefined> => {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size > max) return undefined;
  return file.readFile();
};

/** An input file, whole; throws {@link FailedInput}. */
export const readInput = async (path: string, max: number): Promise<Uint8Array> => {
  try {
    const bytes = await readAtMostFrom(path, max);
    if (bytes !== undefined) return bytes;
  } catch (cause) {
    const why = isAbsent(cause) ? 'there is no such file' : 'the system does not let it be read';
    throw new FailedInput('unreadable', `${path}: ${why}.`, { cause });
  }
  throw new FailedInput('malformed', `${path}: it is larger than ${max} bytes.`);
};
