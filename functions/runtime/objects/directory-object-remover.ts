import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { keySegments } from '#shared/audit/object-key.ts';
import type { ObjectRemover } from '#shared/audit/object-remover.ts';
import { syncDirectory } from './durable-files.ts';
import { codeOf } from './error-code.ts';
import { objectsUnavailable } from './unavailable.ts';

/** How often a folder is removed anew into which somebody puts at the same time. */
const retries = 3;

/** Removes objects that are files below a directory, with the folders that they stood in. */
export const directoryObjectRemover = (directory: string): ObjectRemover => {
  const root = resolve(directory);
  return {
    removeBelow: async (folder) => {
      const path = join(root, ...keySegments(folder));
      try {
        await rm(path, { recursive: true, force: true, maxRetries: retries });
        // Also where nothing was left: a try that broke may have removed it and not come to this.
        await syncDirectory(dirname(path));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw objectsUnavailable(error);
      }
    },
  };
};
