import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { keySegments } from '#shared/audit/object-key.ts';
import { checkObjectSize } from '#shared/audit/object-size.ts';
import type { ByteRange, ObjectStore } from '#shared/audit/ports.ts';
import { equalBytes } from '#shared/kernel/bytes.ts';
import { newDraft } from './drafts.ts';
import { makeDirectory, syncDirectory, writeDurably } from './durable-files.ts';
import { codeOf } from './error-code.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { objectsUnavailable } from './unavailable.ts';

const readPart = async (path: string, { offset, length }: ByteRange): Promise<Uint8Array> => {
  await using file = await open(path);
  const buffer = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, offset + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
};

const read = async (path: string, range?: ByteRange): Promise<Uint8Array | undefined> => {
  try {
    return await (range === undefined ? readFile(path) : readPart(path, range));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw objectsUnavailable(error);
  }
};

/** What stands already may be the work of a try that broke before it was durable. */
const confirm = async (path: string): Promise<'written'> => {
  try {
    await syncDirectory(dirname(path));
    return 'written';
  } catch (error) {
    throw objectsUnavailable(error);
  }
};

/**
 * Objects as files below a directory. A whole file is written beside its place and then linked to
 * it, which fails when the place is taken, or renamed to it: nobody ever sees half an object.
 *
 * Files know no compare-and-swap: `replace` compares and renames while no other `replace` of this
 * process is at that place. So one process only may replace the objects of a directory (`npm start`
 * holds a lock on it); `putIfAbsent` and `get` are safe from any number of them.
 */
export const directoryObjectStore = (directory: string): ObjectStore => {
  const root = resolve(directory);
  const pathOf = (key: string): string => join(root, ...keySegments(key));

  /** Whether the draft came to its place: `settle` fails with EEXIST where it must not. */
  const place = async (
    path: string,
    bytes: Uint8Array,
    settle: (draft: string, path: string) => Promise<void>,
  ): Promise<boolean> => {
    const draft = newDraft(root);
    try {
      await makeDirectory(dirname(path));
      await writeDurably(draft, bytes);
      await settle(draft, path);
      await syncDirectory(dirname(path));
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw objectsUnavailable(error);
    } finally {
      await unlink(draft).catch(() => undefined);
    }
  };

  const putIfAbsent = async (path: string, bytes: Uint8Array): Promise<'written' | Uint8Array> => {
    if (await place(path, bytes, link)) return 'written';
    const standing = await read(path);
    if (standing === undefined) throw objectsUnavailable(new Error('An object went away.'));
    return equalBytes(standing, bytes) ? confirm(path) : standing;
  };

  const replace = async (
    path: string,
    expected: Uint8Array,
    bytes: Uint8Array,
  ): Promise<'written' | { readonly standing: Uint8Array | undefined }> => {
    const standing = await read(path);
    if (standing === undefined) return { standing };
    if (equalBytes(standing, bytes)) return confirm(path);
    if (!equalBytes(standing, expected)) return { standing };
    await place(path, bytes, rename);
    return 'written';
  };

  return {
    get: async (key, range) => read(pathOf(key), range),
    putIfAbsent: async (key, bytes) => {
      checkObjectSize(bytes);
      return putIfAbsent(pathOf(key), bytes);
    },
    replace: async (key, expected, bytes) => {
      checkObjectSize(bytes);
      const path = pathOf(key);
      if (expected !== undefined) {
        return oneAtATime(path, () => replace(path, expected, bytes));
      }
      const put = await putIfAbsent(path, bytes);
      return put === 'written' ? put : { standing: put };
    },
  };
};
