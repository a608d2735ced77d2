import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

/** Has on the disk what was written to a file, or what a directory lists. */
const sync = async (path: string): Promise<void> => {
  await using handle = await open(path, 'r');
  await handle.sync();
};

/**
 * Writes a whole file that only its owner can read, unless one stands there already; it is on the disk
 * before anything is made with it.
 */
const writeWhole = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.${randomUUID()}`;
  {
    await using file = await open(draft, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  try {
    // A link, other than a rename, never replaces what another process has made meanwhile.
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  await sync(dirname(path));
};

/**
 * The text of a secret file, which is made at first use: mode 600 in a directory of mode 700, whole
 * or not at all, and never overwritten.
 */
export const readOrMake = async (path: string, make: () => string): Promise<string> => {
  const standing = await readIfThere(path);
  if (standing !== undefined) return standing;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeWhole(path, make());
  return readFile(path, 'utf8');
};
