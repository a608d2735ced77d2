import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keySegments } from '#shared/audit/object-key.ts';
import type { ObjectStore } from '#shared/audit/ports.ts';
import { equalBytes } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const unavailable = (cause: unknown): Problem =>
  new Problem('store-unavailable', 'The objects cannot be reached.', { retryAfter: 2 }, { cause });

/** Makes what a directory lists durable, not only what its files hold. */
const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

const writeDurably = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
};

/**
 * Objects as files below a directory. A whole file is written beside its place and then linked to
 * it, which fails when the place is taken: nobody ever sees half an object.
 */
export const directoryObjectStore = (root: string): ObjectStore => {
  const pathOf = (key: string): string => join(root, ...keySegments(key));

  const get = async (key: string): Promise<Uint8Array | undefined> => {
    const path = pathOf(key);
    try {
      return await readFile(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw unavailable(error);
    }
  };

  /** Whether the place was free. */
  const place = async (path: string, bytes: Uint8Array): Promise<boolean> => {
    const draft = join(root, `.${randomUUID()}`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeDurably(draft, bytes);
      await link(draft, path);
      await syncDirectory(dirname(path));
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw unavailable(error);
    } finally {
      await unlink(draft).catch(() => undefined);
    }
  };

  return {
    get,
    putIfAbsent: async (key, bytes) => {
      if (await place(pathOf(key), bytes)) return 'written';
      const standing = await get(key);
      if (standing === undefined) throw unavailable(new Error('An object went away.'));
      return equalBytes(standing, bytes) ? 'written' : standing;
    },
  };
};
