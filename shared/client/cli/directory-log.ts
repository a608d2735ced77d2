import { join } from 'node:path';
import { type LogReader, LogUnreadable, type ReadPath, readerOf } from '../verify/log-reader.ts';
import { isAbsent, readAtMostFrom } from './read-file.ts';
import { limitOf } from './resource-limit.ts';

/** The files of a log in a folder that is laid out like the log itself. */
export const folderPaths =
  (folder: string): ReadPath =>
  async (path) => {
    try {
      const bytes = await readAtMostFrom(join(folder, ...path.split('/')), limitOf(path));
      if (bytes !== undefined) return bytes;
    } catch (cause) {
      if (isAbsent(cause)) return undefined;
      throw new LogUnreadable(`${path} cannot be read from the folder.`, { cause });
    }
    throw new LogUnreadable(`${path} is larger than any such file can be.`);
  };

/** A log as such a folder. */
export const directoryLog = (folder: string): LogReader => readerOf(folderPaths(folder));
