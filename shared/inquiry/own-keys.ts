import type { KeyPublished } from '#events/key-published.ts';
import { putLeaf, type Recording } from '../audit/put-leaf.ts';
import { toBase64Url } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import type { Signer } from '../message/key.ts';
import {
  currentKey,
  type KeyRingStore,
  type KeySmith,
  type OpenKey,
  type PublishedKey,
  publishedKeys,
  type SealedKey,
} from './key-ring.ts';
import type { ExchangeSigner } from './ports.ts';

/** Milliseconds after which every process knows of a key that was announced. */
export const ringRefresh = 60_000;

/** Milliseconds that a process goes on with what it knows when the ring cannot be read again. */
export const ringGrace = 600_000;

/** Milliseconds from one reading that failed to the next, while what is known will do. */
const rest = 5000;

/** The exchange's own keys. Both reject with the problem `signer-unavailable`. */
export type OwnKeys = {
  readonly signer: ExchangeSigner;
  /** All that were announced, as {@link publishedKeys} orders them. */
  readonly published: () => Promise<readonly PublishedKey[]>;
};

export type OwnKeysParts = {
  readonly store: KeyRingStore;
  readonly smith: KeySmith;
  readonly recording: Recording;
};

type Known = { readonly keys: readonly OpenKey[]; readonly readAt: number };

/** Opens each key once; there are some four a year. */
const opener = ({ open }: KeySmith): ((keys: readonly SealedKey[]) => Promise<OpenKey[]>) => {
  const opened = new Map<string, Promise<Signer>>();
  const signerOf = (box: Uint8Array): Promise<Signer> => {
    const name = toBase64Url(box);
    const signer = opened.get(name) ?? open(box);
    opened.set(name, signer);
    signer.catch(() => opened.delete(name));
    return signer;
  };
  return (keys) =>
    Promise.all(
      keys.map(async ({ n, announced, box }) => ({ n, announced, signer: await signerOf(box) })),
    );
};

/** Makes the first key where there is none; of several makers the first wins and all use that one. */
const readOrMake = async ({ store, smith }: OwnKeysParts): Promise<readonly SealedKey[]> => {
  const standing = await store.read();
  if (standing.length > 0) return standing;
  await store.make({ n: 1, box: await smith.make() });
  return store.read();
};

/**
 * Puts the first key on record and then marks it so. A crash in between, or several who do it at once,
 * put it on record again, which changes nothing.
 */
const announceFirst = async (
  { store, recording }: OwnKeysParts,
  key: SealedKey,
  { kid, jwk }: Signer,
): Promise<void> => {
  await putLeaf(recording, (id, t) => {
    return { v: 1, k: 'key', id, t, kid, jwk: canonicalJson(jwk) } satisfies KeyPublished;
  });
  await store.mark(key, { at: recording.now(), from: 0 });
};

const missing = (): never => {
  throw new Error('The signing key was made and is not there.');
};

const isAnnounced = ({ announced }: SealedKey): boolean => announced !== undefined;

const load = async (
  parts: OwnKeysParts,
  open: ReturnType<typeof opener>,
): Promise<readonly OpenKey[]> => {
  const keys = await readOrMake(parts);
  if (keys.some(isAnnounced)) return open(keys);
  const first = keys[0] ?? missing();
  const [{ signer } = missing()] = await open([first]);
  await announceFirst(parts, first, signer);
  const announced = await parts.store.read();
  return announced.some(isAnnounced) ? open(announced) : missing();
};

const unavailable = (cause: unknown): Problem =>
  new Problem(
    'signer-unavailable',
    'The signing key cannot be had; nothing was sent on.',
    { retryAfter: 2 },
    { cause },
  );

/** A clock that was set back makes what was read too new to be believed. */
const isFresh = (age: number): boolean => age >= 0 && age < ringRefresh;

/** Reads again after {@link ringRefresh}, all callers together, and bears a store that fails. */
const remembered = (read: () => Promise<readonly OpenKey[]>, now: Clock) => {
  let known: Known | undefined;
  let reading: Promise<Known> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  const ageOf = ({ readAt }: Known): number => now() - readAt;

  const readAgain = async (): Promise<Known> => {
    const readAt = now();
    try {
      known = { keys: await read(), readAt };
      return known;
    } catch (error) {
      failedAt = now();
      throw error;
    } finally {
      reading = undefined;
    }
  };

  return async (): Promise<readonly OpenKey[]> => {
    if (known !== undefined && isFresh(ageOf(known))) return known.keys;
    const usable = known !== undefined && ageOf(known) < ringRefresh + ringGrace;
    if (usable && known !== undefined && Math.abs(now() - failedAt) < rest) return known.keys;
    try {
      reading ??= readAgain();
      return (await reading).keys;
    } catch (cause) {
      if (usable && known !== undefined) return known.keys;
      throw unavailable(cause);
    }
  };
};

/**
 * The exchange's ES256 keys. The first is made at first use and is on record in the journal, as a leaf
 * of its own, before it is handed out; those that follow are made by {@link rotateKey}. The ring is read
 * again after {@link ringRefresh}, so that no rotation needs a restart.
 */
export const ownKeys = (parts: OwnKeysParts): OwnKeys => {
  const { now } = parts.recording;
  const open = opener(parts.smith);
  const ring = remembered(() => load(parts, open), now);
  return {
    signer: async () => {
      const current = currentKey(await ring(), now());
      if (current === undefined) throw unavailable(undefined);
      return current.signer;
    },
    published: async () => publishedKeys(await ring(), now()),
  };
};
