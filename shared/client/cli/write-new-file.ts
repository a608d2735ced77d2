import { randomBytes } from 'node:crypto';
import { access, open, rename, rm } from 'node:fs/promises';
import type { Spool } from '../../audit/export/make-export.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { isAbsent, partsOf } from './read-file.ts';

const standsAlready = (path: string): WrongUsage =>
  new WrongUsage(`${path}: it is there already, and nothing is overwritten.`);

const isTaken = async (path: string): Promise<boolean> => {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
};

/** Takes a name that is free; what is there at the same moment is not overwritten. */
const take = async (path: string): Promise<void> => {
  try {
    const taken = await open(path, 'wx');
    await taken.close();
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw isThere ? standsAlready(path) : error;
  }
};

const write = async (
  path: string,
  suffix: string,
  make: (spool: Spool) => AsyncIterable<Uint8Array>,
): Promise<number> => {
  const [part, aside] = [`${path}.${suffix}.part`, `${path}.${suffix}.aside`];
  let size = 0;
  try {
    {
      await using kept = await open(aside, 'wx+');
      await using file = await open(part, 'wx');
      const spool = {
        write: (bytes: Uint8Array) => kept.appendFile(bytes),
        read: () => partsOf(kept),
      };
      for await (const bytes of make(spool)) {
        size += bytes.length;
        await file.appendFile(bytes);
      }
      await file.sync();
    }
    await take(path);
    try {
      await rename(part, path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return size;
  } finally {
    await Promise.all([part, aside].map((one) => rm(one, { force: true })));
  }
};

const isOfFiles = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

const overFiles = async <Result>(path: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    if (!isOfFiles(cause)) throw cause;
    throw new FailedInput('unreadable', `${path}: it cannot be written.`, { cause });
  }
};

/** Throws {@link WrongUsage} for a name that is taken: to be asked before what costs somebody something. */
export const checkFree = (path: string): Promise<void> =>
  overFiles(path, async () => {
    if (await isTaken(path)) throw standsAlready(path);
  });

/**
 * Writes a file that was not there, and its bytes; it appears whole or not at all. Throws
 * {@link WrongUsage} for a name that is taken, {@link FailedInput} when it cannot be written, and
 * whatever the making throws.
 */
export const writeNewFile = async (
  path: string,
  make: (spool: Spool) => AsyncIterable<Uint8Array>,
): Promise<number> => {
  await checkFree(path);
  return overFiles(path, () => write(path, randomBytes(6).toString('hex'), make));
};
