import type { InquiryId } from '../kernel/id.ts';
import type { ParticipantId, ServiceRef } from '../message/claims.ts';
import type { Change } from './change.ts';
import type { EntryKind, EntryName, RegistryEntry } from './entry.ts';
import type { Participant } from './participant.ts';
import type { RegisteredKey } from './registered-key.ts';
import type { Service } from './service.ts';

/** A part of a list, in the order of the entries' keys. */
export type EntryPage = {
  readonly entries: readonly RegistryEntry[];
  /** Whether there are more behind the last one. */
  readonly more: boolean;
};

/** The most names that one batched read takes. */
export const mostNames = 25;

/**
 * Who takes part and what may be asked, as numbered changes lead to it: nothing else writes an entry.
 * What an early release wrote without a change stands since time 0, below every change. Rejects with the
 * problem `store-unavailable`. Every read sees what was written before it began.
 */
export type RegistryStore = {
  readonly findKey: (kid: string) => Promise<RegisteredKey | undefined>;
  readonly findParticipant: (id: ParticipantId) => Promise<Participant | undefined>;
  readonly findService: (ref: ServiceRef) => Promise<Service | undefined>;
  /** Every version of every service, ordered by its reference. */
  readonly listServices: () => Promise<readonly Service[]>;
  /** What stands under these names, in their order, by one batched read; at most {@link mostNames}. */
  readonly readAll: (
    names: readonly EntryName[],
  ) => Promise<readonly (RegistryEntry | undefined)[]>;
  /** Entries of one kind whose key is above `after`; '' begins. */
  readonly list: (
    kind: EntryKind,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<EntryPage>;
  /** What stood under a name at a time, in milliseconds since 1970: the newest version not after it. */
  readonly asOf: (name: EntryName, time: number) => Promise<RegistryEntry | undefined>;
  /** The number of the newest change that has taken effect, whole; 0 before the first. */
  readonly version: () => Promise<number>;
  /** One change; undefined when nobody proposed it yet. */
  readonly change: (n: number) => Promise<Change | undefined>;
  /** The number of the change that a command made, once it has taken effect. */
  readonly changeOf: (command: InquiryId) => Promise<number | undefined>;
  /**
   * Decides what change `n` is: of several who propose one, one wins, and from then on it is this.
   * The very change that stands already counts as written.
   */
  readonly propose: (change: Change) => Promise<'written' | 'taken'>;
  /**
   * Lets a change take effect: its entries (each only over an older version), their history, its
   * command's id, and then, as the last, the version. The same as often as it is called, by whoever;
   * after a failure it is called again. Changes are applied in their order: a RangeError otherwise.
   */
  readonly apply: (change: Change) => Promise<void>;
};
