import * as z from 'zod';
import { addressOf, type Layout } from '../../audit/address.ts';
import { recordLeafData } from '../../audit/leaf.ts';
import { packRecord } from '../../audit/pack.ts';
import type { JournalStore } from '../../audit/ports.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { Clock } from '../../kernel/clock.ts';
import { InquiryId, newId, timeOf } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { recordable } from '../../registry/record-change.ts';
import type { Job, JobStore } from '../job-store.ts';

/** A leaf that is put once, by whoever comes by: its id is kept before it, and then that it stands. */
export const LeafMark = z.strictObject({ id: InquiryId, recorded: z.boolean() });
export type LeafMark = Readonly<z.infer<typeof LeafMark>>;

/** What leaves are put with. */
export type Noting = {
  readonly jobs: Pick<JobStore, 'swap'>;
  readonly journal: Pick<JournalStore, 'putRecord' | 'read'>;
  readonly layout: Layout;
  readonly now: Clock;
  readonly random: (length: number) => Uint8Array;
};

export const newMark = ({ now, random }: Pick<Noting, 'now' | 'random'>): LeafMark => ({
  id: newId(now(), random),
  recorded: false,
});

/** Where a state keeps the mark of its leaf, and what that leaf says. */
export type MarkedLeaf = {
  /** Undefined where there is no leaf to put. */
  readonly markIn: (job: Job) => LeafMark | undefined;
  readonly withMark: (job: Job, mark: LeafMark) => JsonObject;
  readonly leafOf: (job: Job, id: InquiryId, t: number) => JsonObject;
};

/** Puts the next state of a job; resolves to the job as it then stands, whoever put it. */
export const swapState = async (
  jobs: Pick<JobStore, 'swap'>,
  { id, version, until }: Job,
  state: JsonObject,
): Promise<Job> => {
  const next = { id, version: version + 1, until, state };
  const answer = await jobs.swap(next);
  if (answer === 'written') return next;
  if (answer.standing === undefined) throw new Error('A job is gone.');
  return answer.standing;
};

/** Puts the leaf of a mark; false when the time of its id is over and it is not on record. */
const record = async (
  { journal, layout, now }: Noting,
  id: InquiryId,
  text: string,
): Promise<boolean> => {
  // What the sequencer could not take would stop the log.
  recordLeafData(text);
  const address = addressOf(id, layout);
  if (now() - timeOf(id) > recordable) return (await journal.read(address)).record !== undefined;
  const standing = await journal.putRecord(address, { record: packRecord(text) });
  if (standing !== 'written') throw new Error('Another record stands under the id of a leaf.');
  return true;
};

/**
 * Finishes the leaf of a job, whoever began it: puts it, then keeps that it is on record. It is there
 * once, but where the time of its first id ran out before anybody knew. Resolves to the job as it
 * then stands. Rejects with `store-unavailable`, and then the next try goes on.
 */
export const settleLeaf = async (noting: Noting, begun: Job, place: MarkedLeaf): Promise<Job> => {
  let job = begun;
  for (;;) {
    const mark = place.markIn(job);
    if (mark === undefined || mark.recorded) return job;
    const text = canonicalJson(place.leafOf(job, mark.id, timeOf(mark.id)));
    const isOnRecord = await record(noting, mark.id, text);
    const next = isOnRecord ? { ...mark, recorded: true } : newMark(noting);
    job = await swapState(noting.jobs, job, place.withMark(job, next));
  }
};
