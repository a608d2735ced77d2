/** A plain log, the stores that its index is fed into, and what they hold. */

import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import { type MemoryObjectStore, memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import {
  type EntryFeeding,
  type FedEntries,
  feedEntries,
} from '#shared/oversight/feeding/feed-entries.ts';
import { memoryIndexMarks } from '#shared/oversight/feeding/memory-index-marks.ts';
import { memorySubjectIndex } from '#shared/oversight/feeding/memory-subject-index.ts';
import { recordLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { type PlainLog, plainKeys, plainLayout, plainLog } from '#tests/support/plain-log.ts';

export type FeedStores = {
  readonly derived: MemoryObjectStore;
  readonly subjects: ReturnType<typeof memorySubjectIndex>;
  readonly marks: ReturnType<typeof memoryIndexMarks>;
};

export const feedStores = (): FeedStores => ({
  derived: memoryObjectStore(),
  subjects: memorySubjectIndex(),
  marks: memoryIndexMarks(),
});

export const feedingOf = (
  log: PlainLog,
  { derived, subjects, marks }: FeedStores,
  change: Partial<EntryFeeding> = {},
): EntryFeeding => ({
  objects: log.objects.store,
  derived: derived.store,
  journal: log.journal.store,
  subjects: subjects.store,
  marks: marks.store,
  heads: { read: async () => undefined },
  province: async () => 'تهران',
  inputs: async () => undefined,
  settings: { ...plainKeys, layout: plainLayout },
  ...change,
});

/** Steps until nothing is left; all that they came to. */
export const feedAll = async (parts: EntryFeeding): Promise<readonly FedEntries[]> => {
  const step = feedEntries(parts, 0);
  const steps: FedEntries[] = [];
  for (;;) {
    const fed = await step();
    steps.push(fed);
    if (!fed.more) return steps;
  }
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** All that stands, so that two ways to it can be compared. */
export const shownStores = ({ derived, subjects, marks }: FeedStores) => ({
  objects: new Map([...derived.dump()].map(([key, bytes]) => [key, hex(bytes)])),
  rows: subjects.dump(),
  mark: marks.peek(0),
});

/** The facts that the index has, segment by segment. */
export const indexedFacts = ({ derived }: FeedStores): readonly EntryFacts[] => {
  const found: EntryFacts[] = [];
  for (let n = 0; ; n += 1) {
    const bytes = derived.peek(`index/0/segment/${n}`);
    if (bytes === undefined) return found;
    found.push(...factsIn(openSegment(bytes)));
  }
};

/** A log of so many leaves a millisecond apart, published: each `every`th an inquiry, the others records. */
export const logOf = async (count: number, every = 1): Promise<PlainLog> => {
  const log = plainLog();
  for (let n = 0; n < count; n += 1) {
    const t = testNow + n;
    if (n % every === 0) await log.add([{ n, t }]);
    else log.leaves.push(recordLeaf({ v: 1, k: 'access', id: inquiryIdAt(t), t }));
  }
  log.publish();
  return log;
};
