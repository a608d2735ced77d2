import type { Address, Partition } from './address.ts';

/** I and the vault beside it, empty once that was erased. Packed by pack.ts, sealed by vault.ts. */
export type IntentRow = { readonly record: Uint8Array; readonly vault: Uint8Array };
/** O, and beside it the answer's disclosures where these are held. */
export type OutcomeRow = { readonly record: Uint8Array; readonly hold?: HoldRow };
/** A record that is a leaf by itself, one line. Packed by pack.ts. */
export type RecordRow = { readonly record: Uint8Array };
/**
 * The answer's disclosures, to be read by a retry until `until` (milliseconds since 1970); empty and
 * until 0 once they were erased. They stand as long as the outcome: it is their key that goes.
 */
export type HoldRow = { readonly vault: Uint8Array; readonly until: number };

/** One use of a retry's token. `nonce` tells two uses of one token apart; `until` as above. */
export type RetryRow = { readonly jti: string; readonly nonce: Uint8Array; readonly until: number };

/** Everything that stands under one id: the rows of an inquiry, or a record of its own. */
export type JournalRows = {
  readonly intent?: IntentRow;
  readonly outcome?: OutcomeRow;
  readonly record?: RecordRow;
};

export type JournalEntry = { readonly address: Address } & JournalRows;

/**
 * The journal. Every write is conditional and durable once it resolves; a rejection means that it
 * may or may not have been kept. Rejects with the problem `store-unavailable`.
 */
export type JournalStore = {
  /**
   * Writes the intent; resolves to the one that already stands there when the id is taken. The very
   * row that stands already (an earlier try that was kept but not acknowledged) counts as written.
   */
  readonly putIntent: (address: Address, row: IntentRow) => Promise<'written' | IntentRow>;
  /**
   * Writes the outcome and what is held beside it; resolves to the other one when a different one
   * already stands there. The record alone says which it is: what stands is held, or nothing.
   */
  readonly putOutcome: (address: Address, row: OutcomeRow) => Promise<'written' | OutcomeRow>;
  /** Writes a record of its own; resolves to the other one when a different one stands there. */
  readonly putRecord: (address: Address, row: RecordRow) => Promise<'written' | RecordRow>;
  /**
   * Notes that the token of a retry is used; `used` when another use of it stands there. It may be
   * forgotten after its `until`, when the token has expired. No other method shows these rows.
   */
  readonly useRetry: (address: Address, row: RetryRow) => Promise<'written' | 'used'>;
  /**
   * Takes away what is sealed under an id, the vault beside the intent and the held answer, for good
   * once it resolves: no later put of the same brings it back. The records stay as they are; where
   * nothing stands, or all is taken away already, nothing happens.
   */
  readonly eraseFacts: (address: Address) => Promise<void>;
  /** What stands under one id, after every write that was acknowledged before. */
  readonly read: (address: Address) => Promise<JournalRows>;
  /**
   * The entries of one partition with ids greater than `after`, in the order of their ids, at most
   * `limit` of them and possibly fewer; `more` says whether to ask again.
   */
  readonly list: (
    partition: Partition,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<{ readonly entries: readonly JournalEntry[]; readonly more: boolean }>;
  /**
   * The periods from `from` up to and without `to`, ascending, in which an intent or a record was
   * written that was acknowledged, in any shard; it may name a few in which nothing stands.
   */
  readonly periods: (from: number, to: number) => Promise<readonly number[]>;
};

/** Some of an object's bytes: at most `length` of them from `offset` on, counted from 0. */
export type ByteRange = { readonly offset: number; readonly length: number };

/**
 * Objects of at most 16 MiB: what the log is made of, written once but for the few that `replace`
 * changes. A key is lower-case words, digits, `.`, `_` and `-` in segments parted by `/`. Rejects
 * with the problem `store-unavailable`.
 */
export type ObjectStore = {
  /**
   * Keeps an object under a key that is free; durable once it resolves. Resolves to the one that
   * stands there when it is another; the very same bytes count as written.
   */
  readonly putIfAbsent: (key: string, bytes: Uint8Array) => Promise<'written' | Uint8Array>;
  /** What stands under a key, or the part of it that is wanted: fewer bytes where it ends before. */
  readonly get: (key: string, range?: ByteRange) => Promise<Uint8Array | undefined>;
  /**
   * Puts `bytes` where `expected` stands (undefined: nothing stands), durably once it resolves; the
   * linearisation point of a published checkpoint. Resolves to what stands instead when it is
   * something else; the very same bytes standing already count as written.
   */
  readonly replace: (
    key: string,
    expected: Uint8Array | undefined,
    bytes: Uint8Array,
  ) => Promise<'written' | { readonly standing: Uint8Array | undefined }>;
};
