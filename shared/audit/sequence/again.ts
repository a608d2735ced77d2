import type { EntryLate } from '#events/entry-late.ts';
import { toBase64Url } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { bucketLength, periodOf } from '../address.ts';
import { recordLeafData } from '../leaf.ts';
import type { Head } from '../log-head.ts';
import type { JournalEntry } from '../ports.ts';
import { leafHash } from '../tlog/hash.ts';
import { type LogSettings, slotsOf } from './log-settings.ts';
import type { SequencerPorts } from './ports.ts';
import { leavesOf, listPartition } from './seal.ts';
import { bucketOfId, type LogSearch, leafName } from './search.ts';

type Ports = Pick<SequencerPorts, 'journal' | 'now'>;

/** What a second look found: leaves to append, and how far the looking has come. */
export type SecondLook = Pick<Head, 'again' | 'late'> & {
  readonly leaves: readonly Uint8Array[];
  /** Whether a look was cut short, because it had found as much as one step takes. */
  readonly more: boolean;
};

/** Buckets looked at again in one step. */
const bucketsAtOnce = 30;

/** What one look finds at most, so that a staged batch stays an object that every store takes. */
const lookLimit = { leaves: 512, bytes: 1_048_576 };

/**
 * How many late entries may wait for their last look. Beyond it the first look stands still: a head
 * is one item of at most 400 KB in DynamoDB.
 */
const mostLate = 4000;

/** A straggler's own leaf, as its receipt promises it, and behind it the leaf that says it is late. */
const lateLeaves = (id: string, data: Uint8Array, t: number): readonly Uint8Array[] => {
  const leaf = toBase64Url(leafHash(data));
  const event: EntryLate = { v: 1, k: 'late', id, t, leaf };
  return [data, recordLeafData(canonicalJson(event))];
};

/** The one leaf of a journal entry, by its name; an id may have two: see {@link leavesOf}. */
type Straggler = { readonly name: string; readonly entry: JournalEntry };

const stragglersIn = ({ address, intent, outcome, record }: JournalEntry): readonly Straggler[] => [
  ...(intent === undefined && outcome === undefined
    ? []
    : [
        {
          name: leafName('i', address.id),
          entry: { address, ...(intent && { intent }), ...(outcome && { outcome }) },
        },
      ]),
  ...(record === undefined
    ? []
    : [{ name: leafName('record', address.id), entry: { address, record } }]),
];

/** What stands in the journal for a bucket and is not in the log. */
const stragglersOf = async (
  ports: Ports,
  settings: LogSettings,
  bucket: number,
  known: ReadonlySet<string>,
  search: LogSearch,
): Promise<readonly Straggler[]> => {
  const partitions = slotsOf(settings).map((slot) => ({ shard: settings.shard, bucket, slot }));
  const listed = await Promise.all(
    partitions.map((partition) => listPartition(ports.journal, partition)),
  );
  const standing = listed.flat().flatMap(stragglersIn);
  if (standing.length === 0) return [];
  const logged = await search.namesOfBucket(bucket);
  return standing.filter(({ name }) => !logged.has(name) && !known.has(name));
};

/** How far a look may go: buckets that are old enough, and in the log as a whole. */
const endOfLook = (head: Head, age: number, now: number): number =>
  Math.min(head.bucket, Math.floor((now - age) / bucketLength));

type Look = {
  readonly leaves: readonly Uint8Array[];
  readonly names: readonly string[];
  /** The first bucket that was not looked at, or not to its end. */
  readonly next: number;
  readonly more: boolean;
};

/** Looks again at the buckets of one age, from `from` on. */
const lookAgain = async (
  ports: Ports,
  settings: LogSettings,
  { from, end, known }: { from: number; end: number; known: ReadonlySet<string> },
  search: LogSearch,
): Promise<Look> => {
  if (from >= end) return { leaves: [], names: [], next: from, more: false };
  const periods = await ports.journal.periods(periodOf(from), periodOf(end - 1) + 1);
  const open = new Set(periods);
  const leaves: Uint8Array[] = [];
  const names: string[] = [];
  let [bytes, looked, bucket] = [0, 0, from];
  for (; bucket < end && looked < bucketsAtOnce; bucket += 1) {
    if (!open.has(periodOf(bucket))) continue;
    looked += 1;
    for (const { name, entry } of await stragglersOf(ports, settings, bucket, known, search)) {
      if (leaves.length >= lookLimit.leaves || bytes >= lookLimit.bytes) {
        return { leaves, names, next: bucket, more: true };
      }
      for (const { address, data } of await leavesOf(ports, entry)) {
        leaves.push(...lateLeaves(address.id, data, ports.now()));
        bytes += data.length;
      }
      names.push(name);
    }
  }
  return { leaves, names, next: bucket, more: bucket < end };
};

/**
 * Looks for stragglers: entries that a partition got after it was sealed, from a process that had
 * stood still or a clock that went wrong. Each bucket is looked at after 20 minutes and, for the last
 * time, after 26 hours.
 */
export const secondLook = async (
  ports: Ports,
  settings: LogSettings,
  head: Head,
  search: LogSearch,
): Promise<SecondLook> => {
  const now = ports.now();
  const known = new Set(head.late);
  const [first, last] = head.again;
  const [firstEnd, lastEnd] = settings.again.map((age) => endOfLook(head, age, now));
  const early = { from: first, end: known.size < mostLate ? (firstEnd ?? first) : first, known };
  const lookedFirst = await lookAgain(ports, settings, early, search);
  const seen = new Set([...known, ...lookedFirst.names]);
  const final = { from: last, end: lastEnd ?? last, known: seen };
  const lookedLast = await lookAgain(ports, settings, final, search);
  const late = [...seen, ...lookedLast.names].filter((name) => bucketOfId(name) >= lookedLast.next);
  return {
    leaves: [...lookedFirst.leaves, ...lookedLast.leaves],
    // What was looked at for the last time needs no first look any more.
    again: [Math.max(lookedFirst.next, lookedLast.next), lookedLast.next],
    late,
    more: lookedFirst.more || lookedLast.more,
  };
};
