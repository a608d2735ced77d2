import type { Signer } from '../message/key.ts';

/** When a key was announced, and from when on it signs, in milliseconds since 1970. */
export type Announcement = {
  readonly at: number;
  /** 0 for the first key of an exchange, which signs as soon as it is announced. */
  readonly from: number;
};

/** One of the exchange's own signing keys. Without an announcement it never signed anything. */
type RingKey = {
  /** Keys are numbered from 1 on, in the order in which they were made. */
  readonly n: number;
  readonly announced?: Announcement | undefined;
};

/** A key as it is kept: sealed. */
export type SealedKey = RingKey & { readonly box: Uint8Array };

/** A key that a process has opened. */
export type OpenKey = RingKey & { readonly signer: Signer };

/**
 * Where the keys stand. Rejects with the problem `store-unavailable`, and then a write may have been
 * kept or not. Every read sees what was written before it began.
 */
export type KeyRingStore = {
  /** All keys, in the order of their numbers. */
  readonly read: () => Promise<readonly SealedKey[]>;
  /** Puts a key, durably once it resolves, where none stands under its number; else changes nothing. */
  readonly make: (key: Pick<SealedKey, 'n' | 'box'>) => Promise<'written' | 'taken'>;
  /**
   * Marks that very key as announced, durably once it resolves; `taken` when another stands there or
   * it was marked before, which nothing changes any more.
   */
  readonly mark: (
    key: Pick<SealedKey, 'n' | 'box'>,
    announced: Announcement,
  ) => Promise<'written' | 'taken'>;
};

/** Makes keys, and opens those that this exchange sealed. */
export type KeySmith = {
  readonly make: () => Promise<Uint8Array>;
  /** Rejects when it cannot be opened: it is another exchange's, or damaged. */
  readonly open: (box: Uint8Array) => Promise<Signer>;
};

/**
 * The key that signs at a time: of those announced whose time has come, the one made last. A key that
 * was made later is never followed by one that was made before it, whatever their times are.
 */
export const currentKey = <Key extends RingKey>(
  keys: readonly Key[],
  now: number,
): Key | undefined =>
  keys
    .filter(({ announced }) => announced !== undefined && announced.from <= now)
    .toSorted((a, b) => a.n - b.n)
    .at(-1);

/** How a key that was announced stands at a time. */
export type KeyStatus = 'current' | 'next' | 'retired';

/** A key that was announced, as it is published. */
export type PublishedKey = Pick<Signer, 'kid' | 'alg' | 'jwk'> & {
  readonly announced: Announcement;
  readonly status: KeyStatus;
};

const order = ['current', 'next', 'retired'] as const satisfies readonly KeyStatus[];

/**
 * The keys that were announced: the current one, those to come, and the retired, the last of them
 * first. Retired ones stay: receipts are evidence for ever.
 */
export const publishedKeys = (keys: readonly OpenKey[], now: number): readonly PublishedKey[] => {
  const current = currentKey(keys, now)?.n ?? 0;
  const statusOf = (n: number): KeyStatus => {
    if (n === current) return 'current';
    return n > current ? 'next' : 'retired';
  };
  const published = keys
    .toSorted((a, b) => b.n - a.n)
    .flatMap(({ n, announced, signer: { kid, alg, jwk } }) =>
      announced === undefined ? [] : [{ kid, alg, jwk, announced, status: statusOf(n) }],
    );
  return order.flatMap((wanted) => published.filter(({ status }) => status === wanted));
};
