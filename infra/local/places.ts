import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrMake } from './write-once.ts';

/** Where the parts of one installation are. */
export type Places = {
  readonly dataDir: string;
  readonly keys: string;
  /** The one secret of the exchange; everything it seals is lost with it. */
  readonly secretFile: string;
  readonly logs: string;
  /** What is written once: the log's tiles will stand here. */
  readonly objects: string;
  /** The numbers of the last answers and questions. */
  readonly sequences: string;
  readonly lock: string;
};

export const placesIn = (dataDir: string): Places => ({
  dataDir,
  keys: join(dataDir, 'keys'),
  secretFile: join(dataDir, 'secrets', 'exchange.secret'),
  logs: join(dataDir, 'logs'),
  objects: join(dataDir, 'objects'),
  sequences: join(dataDir, 'sequences'),
  lock: join(dataDir, 'running.pid'),
});

/** Makes the directories and the secret where they are missing; throws when that is not allowed. */
export const preparePlaces = async (places: Places): Promise<void> => {
  try {
    const { keys, logs, objects, sequences } = places;
    for (const directory of [places.dataDir, keys, logs, objects, sequences]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    const probe = join(places.dataDir, `.${randomUUID()}`);
    await writeFile(probe, '');
    await unlink(probe);
    await readOrMake(places.secretFile, () => `${randomBytes(32).toString('base64url')}\n`);
  } catch (cause) {
    throw new Error(
      `The data directory ${places.dataDir} cannot be written: set ESTELAM_DATA to one that can.`,
      { cause },
    );
  }
};
