import { randomUUID } from 'node:crypto';
import { link, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The code of a failure of the operating system, for example `ENOENT`; empty for every other one. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Makes what a directory lists durable, not only what its files hold. */
const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

const writeDurably = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Replaces a whole file that only its owner may read; it is never seen half written, nor after a crash. */
export const replaceFile = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.draft`;
  await writeDurably(draft, text);
  await rename(draft, path);
  await syncDirectory(dirname(path));
};

/** The same where nothing stands; false, and nothing is changed, where something does. */
export const makeFile = async (path: string, text: string): Promise<boolean> => {
  const draft = `${path}.${randomUUID()}`;
  await writeDurably(draft, text);
  try {
    await link(draft, path);
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
};
