import { randomUUID } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from './durable-files.ts';
import { codeOf } from './error-code.ts';

/** The name of no object: a key has no segment that begins with a dot. */
const name = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A path in a directory of objects for what is on its way to be one. */
export const newDraft = (root: string): string => join(root, `.${randomUUID()}`);

/**
 * Removes what processes that were stopped left on its way: it may hold what is erased since. For a
 * time when nobody puts an object. Where there is no such directory there is nothing to remove.
 */
export const removeDrafts = async (root: string): Promise<void> => {
  try {
    const drafts = (await readdir(root)).filter((one) => name.test(one));
    for (const draft of drafts) await unlink(join(root, draft));
    if (drafts.length > 0) await syncDirectory(root);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
};
