import { type CensusTaken, censusTakenVersion } from '#events/census-taken.ts';
import { addressOf } from '../../audit/address.ts';
import type { Census } from '../../audit/census/census.ts';
import { recordLeafData } from '../../audit/leaf.ts';
import { packRecord, unpackRecord } from '../../audit/pack.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { type InquiryId, newId, timeOf } from '../../kernel/id.ts';
import type { ChangeRecording } from '../../registry/record-change.ts';
import type { CensusMark } from './census-marks.ts';

/**
 * Milliseconds after which no census is put on record under the id that was made for it: its leaf would
 * come late, and the one that counts what follows would stand in the log before it. Buckets are sealed
 * later than that, so whoever finds a census finds the one before it as well (client/verify/census-chain.ts).
 */
const timely = 10_000;

const textOf = (
  shard: number,
  { leaf: id, from, to }: CensusMark,
  { n, root, counts }: Census,
): string => {
  const t = timeOf(id);
  const event: CensusTaken = {
    v: censusTakenVersion,
    k: 'census',
    id,
    t,
    shard,
    from,
    to,
    n,
    root,
    counts,
  };
  const text = canonicalJson({ ...event });
  // What the sequencer could not take would stop the log.
  recordLeafData(text);
  return text;
};

/** A new id for a census: the log that its leaf goes into is the one that it counts. */
export const newCensusId = (
  { layout, now, random }: Pick<ChangeRecording, 'layout' | 'now' | 'random'>,
  shard: number,
): InquiryId => {
  for (;;) {
    const id = newId(now(), random);
    if (addressOf(id, layout).shard === shard) return id;
  }
};

/**
 * Puts the leaf of a census on record unless it is, durably once it resolves; false when the time of its
 * id is over, and it is not on record or may come late. Rejects with `store-unavailable`.
 */
export const recordCensus = async (
  { journal, layout, now }: Omit<ChangeRecording, 'random'>,
  shard: number,
  mark: CensusMark,
  census: Census,
): Promise<boolean> => {
  const address = addressOf(mark.leaf, layout);
  const isTimely = (): boolean => now() - timeOf(mark.leaf) <= timely;
  if (!isTimely()) {
    return (await journal.read(address)).record !== undefined;
  }
  const text = textOf(shard, mark, census);
  const standing = await journal.putRecord(address, { record: packRecord(text) });
  // Another version of this program may pack the same text into other bytes.
  if (standing === 'written' || unpackRecord(standing.record) === text) return isTimely();
  throw new Error('Another record stands under the id of a census.');
};
