import { canonicalJson } from '../kernel/canonical-json.ts';
import type { Clock } from '../kernel/clock.ts';
import { type InquiryId, newId } from '../kernel/id.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import { addressOf, type Layout } from './address.ts';
import { recordLeafData } from './leaf.ts';
import { packRecord } from './pack.ts';
import type { JournalStore } from './ports.ts';

/** Where records are put that are leaves by themselves, and how they get their ids. */
export type Recording = {
  readonly journal: Pick<JournalStore, 'putRecord'>;
  readonly layout: Layout;
  readonly now: Clock;
  readonly random: (length: number) => Uint8Array;
};

/**
 * Puts a record of its own into the journal under a new id, durably once it resolves; from there the
 * sequencer takes it into the log. Rejects with `store-unavailable`, and then it may be there or not;
 * throws a RangeError for a record that outgrows a leaf.
 */
export const putLeaf = async (
  { journal, layout, now, random }: Recording,
  event: (id: InquiryId, t: number) => JsonObject,
): Promise<void> => {
  const t = now();
  const id = newId(t, random);
  const text = canonicalJson(event(id, t));
  // What the sequencer could not take would stop the log.
  recordLeafData(text);
  const standing = await journal.putRecord(addressOf(id, layout), { record: packRecord(text) });
  if (standing !== 'written') throw new Error('Another record stands under an id made just now.');
};
