import * as z from 'zod';
import type { RegistryCommanded } from '#events/registry-commanded.ts';
import { addressOf } from '../audit/address.ts';
import { recordLeafData } from '../audit/leaf.ts';
import { packRecord, unpackRecord } from '../audit/pack.ts';
import type { JournalStore } from '../audit/ports.ts';
import type { Recording } from '../audit/put-leaf.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { type InquiryId, newId, timeOf } from '../kernel/id.ts';
import type { Change } from './change.ts';

/** Where changes are put on record. */
export type ChangeRecording = Omit<Recording, 'journal'> & {
  readonly journal: Pick<JournalStore, 'putRecord' | 'read'>;
};

/**
 * Milliseconds after which a leaf cannot be written any more under the id that was made for it: the
 * sequencer looks at a bucket for the last time 26 hours after its end (audit-log.md §3).
 */
export const recordable = 24 * 3_600_000;

const Json = z.record(z.string(), z.json());

/** Entries as RFC 8785 JSON text: equal entries have equal texts. */
const entriesText = (entries: Change['entries']): string =>
  canonicalJson(Json.parse(JSON.parse(JSON.stringify({ entries }))));

/** The leaf of a change. Throws a RangeError when it outgrows one. */
export const changeLeaf = (
  { n, t, command, entries }: Omit<Change, 'leaf' | 'id'>,
  id: InquiryId,
): string => {
  const text = canonicalJson({
    v: 2,
    k: 'registry',
    id,
    t,
    n,
    command,
    entries: entriesText(entries),
  } satisfies RegistryCommanded);
  recordLeafData(text);
  return text;
};

const put = async (
  { journal, layout }: ChangeRecording,
  change: Change,
  id: InquiryId,
): Promise<void> => {
  const text = changeLeaf(change, id);
  const standing = await journal.putRecord(addressOf(id, layout), { record: packRecord(text) });
  // Another version of this program may pack the same text into other bytes.
  if (standing !== 'written' && unpackRecord(standing.record) !== text) {
    throw new Error('Another record stands under the id of a change.');
  }
};

/**
 * Puts a decided change on record, durably once it resolves; from there the sequencer takes it into
 * the log. The same as often as it is called, by whoever. One whose time is over before it was
 * recorded is recorded under an id made now; if that is broken off, it may be on record twice, under
 * two ids and with the same content. Rejects with `store-unavailable`.
 */
export const recordChange = async (parts: ChangeRecording, change: Change): Promise<void> => {
  const { journal, layout, now, random } = parts;
  const time = now();
  if (time - timeOf(change.leaf) <= recordable) return put(parts, change, change.leaf);
  const { record } = await journal.read(addressOf(change.leaf, layout));
  if (record === undefined) await put(parts, change, newId(time, random));
};
