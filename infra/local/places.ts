import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readOrMake } from './write-once.ts';

/** Where the parts of one installation are. */
export type Places = {
  readonly dataDir: string;
  readonly keys: string;
  /** The one secret of the exchange; everything it seals is lost with it. */
  readonly secretFile: string;
  readonly logs: string;
  /** What is written once: the logs, as C2SP tlog-tiles lays them out, in `log/<shard>`. */
  readonly objects: string;
  /** What can be made again: the index of entries, the vault, exports, statistics. */
  readonly derived: string;
  /** Batches of the logs on their way. */
  readonly staging: string;
  /** The private keys of the logs. */
  readonly logKeys: string;
  /** What must stay as it was when the log began. */
  readonly fixedFile: string;
  /** Each witness: its key, and the trees it remembers. */
  readonly witnesses: string;
  /** Whom to believe about the logs of this installation (C2SP tlog-policy). */
  readonly policyFile: string;
  /** The numbers of the last answers and questions. */
  readonly sequences: string;
  /** Where the registry says that the sample agencies are; missing while that is not known. */
  readonly agencyUrls: string;
  /** The keys of the provider that knows the sample persons. */
  readonly citizenKeys: string;
  readonly lock: string;
};

export const placesIn = (dataDir: string): Places => ({
  dataDir,
  keys: join(dataDir, 'keys'),
  secretFile: join(dataDir, 'secrets', 'exchange.secret'),
  logs: join(dataDir, 'logs'),
  objects: join(dataDir, 'objects'),
  derived: join(dataDir, 'derived'),
  staging: join(dataDir, 'staging'),
  logKeys: join(dataDir, 'secrets'),
  fixedFile: join(dataDir, 'fixed.env'),
  witnesses: join(dataDir, 'witnesses'),
  policyFile: join(dataDir, 'policy.txt'),
  sequences: join(dataDir, 'sequences'),
  agencyUrls: join(dataDir, 'agencies.json'),
  citizenKeys: join(dataDir, 'secrets', 'citizens.json'),
  lock: join(dataDir, 'running.lock'),
});

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Makes a directory and those above it. The `recursive` of Node.js 24 never ends below /proc. */
const makeDirectory = async (path: string): Promise<void> => {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
};

/** Makes the directories and the secret where they are missing; throws when that is not allowed. */
export const preparePlaces = async (places: Places): Promise<void> => {
  try {
    const { dataDir, keys, logs, objects, derived, staging, logKeys } = places;
    const { witnesses, sequences } = places;
    const all = [dataDir, keys, logs, objects, derived, staging, logKeys, witnesses, sequences];
    for (const directory of all) {
      await makeDirectory(resolve(directory));
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
