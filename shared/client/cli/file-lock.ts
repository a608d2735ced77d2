import { accessSync, constants } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's primary result codes: somebody else has it, and the file is no database. */
const [busy, notADatabase] = [5, 26];

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'errcode' in error ? error.errcode : undefined;

/**
 * Takes a file for this process alone; gives back how to let go of it, or `taken`. What is held is
 * a lock of the operating system on an empty database of SQLite. It goes with its process however
 * that ends, and there is no number of a process in it that another could come to have. The file
 * itself stays: to delete it would let two hold what each takes for the lock. Throws when it cannot be made.
 */
export const lockFile = (path: string): (() => void) | 'taken' => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // SQLite opens what it may not write for reading, where an exclusive lock excludes nobody.
    accessSync(path, constants.W_OK);
    database.exec('BEGIN EXCLUSIVE');
    return () => database.close();
  } catch (error) {
    database.close();
    if (codeOf(error) === busy) return 'taken';
    if (codeOf(error) === notADatabase) {
      throw new Error(`${path} is no lock: delete it.`, { cause: error });
    }
    throw error;
  }
};
