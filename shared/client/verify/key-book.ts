import { algorithmOf, importPublicKey, type VerificationKey } from '../../message/key.ts';
import type { KeyOnRecord } from './key-on-record.ts';

/** Where in the log a message stands: its leaf, and the bucket of that leaf's id. */
export type Place = {
  readonly index: number;
  readonly bucket: number;
  /** The number of the change that the message makes; only a command makes one. */
  readonly change?: number;
};

/** Why a key counts although it is not quite as it should be. */
export type KeyNote =
  /** Its leaf lies behind the message's, by at most one bucket: slots of a bucket follow each other. */
  | 'key-leaf-follows'
  /** It was revoked or ran out less than {@link spread} before. */
  | 'key-just-ended';

export type FoundKey =
  | { readonly kind: 'found'; readonly key: VerificationKey; readonly note: KeyNote | undefined }
  | { readonly kind: 'not-on-record' }
  | { readonly kind: 'not-in-force' };

/** The keys that the leaves of a log have put on record. */
export type KeyBook = {
  /** Adds a version, in the order of the log; the fault, when it contradicts what is on record. */
  readonly learn: (key: KeyOnRecord) => BookFault | undefined;
  /** The key to verify a message with that was made at `time`. */
  readonly find: (kid: string, place: Place, time: number) => Promise<FoundKey>;
  readonly all: () => readonly KeyOnRecord[];
};

export const bookFaults = {
  'owner-changed': 'The key is on record for another owner.',
  'version-missing': 'A version of the key before this one is not on record.',
} as const;
export type BookFault = keyof typeof bookFaults;

/** Milliseconds that a change of a key may take to reach every process (protocol.md §8). */
export const spread = 60_000;

/** Imported keys that are kept ready. */
const maxImported = 4096;

/** Between two changes their numbers decide, wherever in the log they stand. */
const isNumbered = (key: KeyOnRecord, { change }: Place): boolean =>
  key.change !== undefined && change !== undefined;

const isBefore = (key: KeyOnRecord, place: Place): boolean =>
  isNumbered(key, place) ? (key.change ?? 0) < (place.change ?? 0) : key.index < place.index;

const isOnRecord = (key: KeyOnRecord, place: Place): boolean =>
  isNumbered(key, place)
    ? isBefore(key, place)
    : (key.index >= 0 && key.index < place.index) || key.bucket <= place.bucket + 1;

/** The latest version that was made by a time; 0 when none was. */
const latestAt = (versions: readonly KeyOnRecord[], time: number): number =>
  versions.reduce((latest, one) => (one.time <= time ? Math.max(latest, one.version) : latest), 0);

/**
 * The first version that holds at a time, given the versions beside it that were on record; its end may
 * lie so many milliseconds back.
 */
const holding = (
  beside: readonly KeyOnRecord[],
  time: number,
  back = 0,
): KeyOnRecord | undefined => {
  const latest = latestAt(beside, time - back);
  return beside.find(
    (key) =>
      key.status === 'active' &&
      key.notBefore <= time &&
      time - back < key.notAfter &&
      key.version >= latest,
  );
};

/** An import costs as much as a verification, so keep some. */
const importer = () => {
  const ready = new Map<string, Promise<VerificationKey['key']>>();
  return ({ kid, jwk }: KeyOnRecord): Promise<VerificationKey['key']> => {
    const known = ready.get(kid);
    if (known !== undefined) return known;
    if (ready.size >= maxImported) ready.clear();
    const made = importPublicKey(jwk);
    ready.set(kid, made);
    return made;
  };
};

export const keyBook = (): KeyBook => {
  const versions = new Map<string, { readonly all: KeyOnRecord[]; last: number }>();
  const imported = importer();
  const ready = async (key: KeyOnRecord, note: KeyNote | undefined): Promise<FoundKey> => ({
    kind: 'found',
    note,
    // Status and times are judged here, by the log: for who verifies it is simply active.
    key: {
      kid: key.kid,
      alg: algorithmOf(key.jwk),
      key: await imported(key),
      jwk: key.jwk,
      owner: key.owner,
      role: key.role,
      status: 'active',
      notBefore: 0,
      notAfter: Number.MAX_SAFE_INTEGER,
    },
  });
  return {
    learn: (key) => {
      const known = versions.get(key.kid);
      if (known === undefined) {
        versions.set(key.kid, { all: [key], last: key.version });
        return undefined;
      }
      if (known.all[0]?.owner !== key.owner) return 'owner-changed';
      known.all.push(key);
      const { last } = known;
      known.last = Math.max(last, key.version);
      return key.version > last + 1 ? 'version-missing' : undefined;
    },
    find: async (kid, place, time) => {
      const known = (versions.get(kid)?.all ?? []).filter((key) => isOnRecord(key, place));
      if (known.length === 0) return { kind: 'not-on-record' };
      const before = known.filter((key) => isBefore(key, place));
      const inForce = holding(before, time);
      if (inForce !== undefined) return ready(inForce, undefined);
      const following = holding(known, time);
      if (following !== undefined) return ready(following, 'key-leaf-follows');
      // Commands are judged by the very state that they change, so no process knows it late.
      if (place.change !== undefined) return { kind: 'not-in-force' };
      const ended = holding(known, time, spread);
      return ended === undefined ? { kind: 'not-in-force' } : ready(ended, 'key-just-ended');
    },
    all: () => [...versions.values()].flatMap(({ all }) => all),
  };
};
