import type { KeyAnnounced } from '#events/key-announced.ts';
import { putLeaf, type Recording } from '../audit/put-leaf.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import {
  type Announcement,
  currentKey,
  type KeyRingStore,
  type KeySmith,
  type SealedKey,
} from './key-ring.ts';

/** Milliseconds. */
export type RotationSettings = {
  /** How long a key signs. */
  readonly period: number;
  /** How long everybody can know a key before it signs for the first time. */
  readonly ahead: number;
};

export type RotationParts = {
  readonly store: KeyRingStore;
  readonly smith: KeySmith;
  readonly recording: Recording;
  readonly settings: RotationSettings;
};

export type Rotation = {
  /** The key that was announced; undefined when there was nothing to do. */
  readonly announced: { readonly kid: string; readonly from: number } | undefined;
  /** Milliseconds that the current key has signed; undefined while there is none. */
  readonly age: number | undefined;
};

/** Milliseconds: what clocks, caches and a slow write may take from the time that a key is announced. */
const margin = 600_000;

/** Milliseconds from one look at the ring to the next. */
const tick = 3_600_000;

/** Milliseconds from the announcement of a key that replaces another at once to its first use. */
export const shortNotice = 120_000;

/** Milliseconds within which a second order to replace the key at once is taken for the first. */
const sameOrder = 600_000;

/** How often a key is announced anew because its mark came too late behind its leaf. */
const attempts = 3;

/** `notice`: milliseconds to the first use; `slack`: how much of them may pass before the mark. */
type Notice = { readonly notice: number; readonly slack: number };

const scheduledNotice = ({ ahead }: RotationSettings): Notice => ({
  notice: ahead + margin,
  slack: margin / 2,
});

const urgentNotice: Notice = { notice: shortNotice, slack: 10_000 };

/** When a key began to sign: the first one as soon as it was announced. */
const beginOf = ({ at, from }: Announcement): number => Math.max(at, from);

const isDue = (announced: Announcement, { period, ahead }: RotationSettings, now: number) =>
  beginOf(announced) + period - (ahead + margin + tick) <= now;

const isSameOrder = ({ at, from }: Announcement, now: number): boolean =>
  from > 0 && from - at <= shortNotice && Math.abs(now - at) < sameOrder;

/**
 * Puts a key on record with the time from which it signs, and then marks it so. Of several who do it at
 * once the first mark counts, and its time is one that stands in the log. A crash in between leaves a
 * leaf of a key that signs later than it says, or never.
 */
const announce = async (
  { store, smith, recording }: RotationParts,
  key: SealedKey,
  { notice, slack }: Notice,
): Promise<Rotation['announced']> => {
  const { kid, jwk } = await smith.open(key.box);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    let recorded = 0;
    await putLeaf(recording, (id, t) => {
      recorded = t;
      const from = t + notice;
      return { v: 2, k: 'key', id, t, kid, jwk: canonicalJson(jwk), from } satisfies KeyAnnounced;
    });
    const at = recording.now();
    const from = recorded + notice;
    if (at - recorded <= slack) {
      const answer = await store.mark(key, { at, from });
      return answer === 'written' ? { kid, from } : undefined;
    }
  }
  throw new Error('The journal is too slow for a key to be announced in time.');
};

/** Makes the key of a number; when another was faster, that one is it. */
const makeNext = async ({ store, smith }: RotationParts, n: number): Promise<SealedKey> => {
  await store.make({ n, box: await smith.make() });
  const made = (await store.read()).find((key) => key.n === n);
  if (made === undefined) throw new Error('The next signing key was made and is not there.');
  return made;
};

/** The key to announce now, and how long before its first use; undefined when there is none. */
const nextKey = async (
  parts: RotationParts,
  keys: readonly SealedKey[],
  urgent: boolean,
): Promise<SealedKey | undefined> => {
  const newest = keys.at(-1);
  // The first key is made and announced by whoever signs first.
  if (newest === undefined || !keys.some(({ announced }) => announced !== undefined)) {
    return undefined;
  }
  const { n, announced } = newest;
  const now = parts.recording.now();
  if (urgent) {
    const done = announced !== undefined && isSameOrder(announced, now);
    // A key that lies about, made and never announced, may be known to the same thief.
    return done ? undefined : makeNext(parts, n + 1);
  }
  if (announced === undefined) return newest;
  return isDue(announced, parts.settings, now) ? makeNext(parts, n + 1) : undefined;
};

/**
 * Makes and announces the next key when the time of the current one is near its end; `urgent`: at once,
 * whatever the time. Harmless however often and by however many it is done: a key is made under a
 * number that is free, and marked once. Where it is never done, the current key goes on signing.
 * Rejects with `store-unavailable`, and is then to be done again.
 */
export const rotateKey =
  (parts: RotationParts) =>
  async ({ urgent }: { readonly urgent: boolean }): Promise<Rotation> => {
    const { store, recording, settings } = parts;
    const keys = await store.read();
    const next = await nextKey(parts, keys, urgent);
    const notice = urgent ? urgentNotice : scheduledNotice(settings);
    const announced =
      next === undefined || next.announced !== undefined
        ? undefined
        : await announce(parts, next, notice);
    const now = recording.now();
    const current = currentKey(keys, now)?.announced;
    return { announced, age: current === undefined ? undefined : now - beginOf(current) };
  };
