import * as z from 'zod';
import { bucketOf } from '../../audit/address.ts';
import { type CommandedEntry, readCommandedEntries } from '../../audit/commanded-entries.ts';
import { fromBase64Url } from '../../kernel/bytes.ts';
import { Instant } from '../../kernel/clock.ts';
import { isP256Point, judgeEd25519 } from '../../kernel/curve-point.ts';
import { timeOf } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../../kernel/strict-json.ts';
import { Digest, ParticipantId, PublicJwk } from '../../message/claims.ts';
import { thumbprint, type VerificationKey } from '../../message/key.ts';
import { spread } from './key-book.ts';
import type { CommandLeaf, KeyLeaf, RegistryLeaf } from './read-leaf.ts';

/** One version of a key, as a leaf put it on record. Times in milliseconds since 1970. */
export type KeyOnRecord = {
  readonly kid: string;
  readonly jwk: PublicJwk;
  /** The participant it belongs to; `exchange` for the exchange's own. */
  readonly owner: string;
  /** What it may sign; one from before there were roles may sign everything. */
  readonly role: VerificationKey['role'];
  readonly status: 'active' | 'revoked';
  readonly notBefore: number;
  readonly notAfter: number;
  readonly version: number;
  /** When the change was made. */
  readonly time: number;
  /** The leaf's index in the log that is being verified; -1 when it stands in another. */
  readonly index: number;
  /** The bucket of the log's time in which it came on record; infinite for a leaf that came late. */
  readonly bucket: number;
  /** The number of the change that made this version; none for what no command did. */
  readonly change?: number;
};

/** A key as it stands in the `entry` of a `registry` leaf. */
export const KeyEntry = z.strictObject({
  kind: z.literal('key'),
  kid: Digest,
  jwk: PublicJwk,
  owner: ParticipantId,
  label: z.string().min(1).max(60),
  status: z.enum(['active', 'revoked']),
  notBefore: Instant,
  notAfter: Instant,
  role: z.enum(['station', 'server', 'officer']).optional(),
  revoked: z.strictObject({ reason: z.string(), from: Instant }).optional(),
  version: z.int().min(1),
  n: z.int().min(1).optional(),
});

/** Why a leaf puts no key on record. */
export const recordFaults = {
  'entry-malformed': 'The entry is not the item that the leaf names.',
  'kid-differs': 'The kid is not the thumbprint of the key.',
  'key-unsound': 'The key is no sound point of its curve.',
} as const;
export type RecordFault = keyof typeof recordFaults;

const entryOf = (text: string): JsonObject | undefined => {
  try {
    const json = parseStrictJson(text);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

const isSound = (jwk: PublicJwk): boolean => {
  const x = fromBase64Url(jwk.x);
  if (x?.length !== 32) return false;
  if (jwk.kty === 'OKP') return judgeEd25519(x) === 'sound';
  const y = fromBase64Url(jwk.y);
  return y?.length === 32 && isP256Point(x, y);
};

const judgeKey = async (kid: string, jwk: PublicJwk): Promise<RecordFault | undefined> => {
  if (!isSound(jwk)) return 'key-unsound';
  return (await thumbprint(jwk)) === kid ? undefined : 'kid-differs';
};

type Place = Pick<KeyOnRecord, 'time' | 'index' | 'bucket' | 'change'>;

const readKey = async (
  json: JsonObject,
  name: string,
  place: Place,
): Promise<KeyOnRecord | RecordFault> => {
  const entry = KeyEntry.safeParse(json).data;
  if (entry === undefined || entry.kid !== name) return 'entry-malformed';
  const fault = await judgeKey(entry.kid, entry.jwk);
  if (fault !== undefined) return fault;
  const { kid, jwk, owner, role = 'officer', status, notBefore, notAfter, version } = entry;
  return { kid, jwk, owner, role, status, notBefore, notAfter, version, ...place };
};

const readEntry = async (
  { event }: RegistryLeaf,
  place: Place,
): Promise<KeyOnRecord | RecordFault | undefined> => {
  const json = entryOf(event.entry);
  if (json?.['kind'] !== event.kind || json['version'] !== event.n) return 'entry-malformed';
  return event.kind === 'key' ? readKey(json, event.key, place) : undefined;
};

const readOwn = async (
  { event }: KeyLeaf,
  place: Place,
): Promise<KeyOnRecord | RecordFault | undefined> => {
  const jwk = PublicJwk.safeParse(entryOf(event.jwk)).data;
  if (jwk === undefined) return 'entry-malformed';
  const fault = await judgeKey(event.kid, jwk);
  if (fault !== undefined) return fault;
  // A receipt is dated before it is signed, by a clock that may be behind.
  const notBefore = 'from' in event ? Math.max(0, event.from - spread) : 0;
  return {
    kid: event.kid,
    jwk,
    owner: 'exchange',
    role: 'server',
    status: 'active',
    notBefore,
    notAfter: Number.MAX_SAFE_INTEGER,
    version: 1,
    ...place,
  };
};

const isKey = ({ kind }: CommandedEntry): boolean => kind === 'key';

/** The keys among the entries that a command led to. */
const readCommanded = (
  { event }: CommandLeaf,
  place: Place,
): Promise<readonly (KeyOnRecord | RecordFault)[]> => {
  const keys = (readCommandedEntries(event.entries) ?? []).filter(isKey);
  return Promise.all(
    keys.map(({ entry, key }) => readKey(entry, key, { ...place, change: event.n })),
  );
};

/**
 * The keys that a leaf puts on record, and why any of them does not come on record; none when it is
 * about something else. A leaf that came `late` counts from its index on, and not by the time that
 * its id claims.
 */
export const keysOnRecord = async (
  leaf: RegistryLeaf | CommandLeaf | KeyLeaf,
  index: number,
  late: boolean,
): Promise<readonly (KeyOnRecord | RecordFault)[]> => {
  const bucket = late ? Number.POSITIVE_INFINITY : bucketOf(timeOf(leaf.id));
  const place = { time: leaf.event.t, index, bucket };
  if (leaf.kind === 'command') return readCommanded(leaf, place);
  const read = await (leaf.kind === 'registry' ? readEntry(leaf, place) : readOwn(leaf, place));
  return read === undefined ? [] : [read];
};
