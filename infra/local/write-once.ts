import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
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

/** Writes a whole file that only its owner can read, unless one stands there already. */
const writeWhole = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    // A link, other than a rename, never replaces what another process has made meanwhile.
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
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
