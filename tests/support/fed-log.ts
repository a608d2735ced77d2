/** A test's exchange with the index of entries of its log, in memory stores. */
import { type MemoryObjectStore, memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import {
  type EntryFeeding,
  type FedEntries,
  feedEntries,
} from '#shared/oversight/feeding/feed-entries.ts';
import {
  type MemoryIndexMarks,
  memoryIndexMarks,
} from '#shared/oversight/feeding/memory-index-marks.ts';
import {
  type MemorySubjectIndex,
  memorySubjectIndex,
} from '#shared/oversight/feeding/memory-subject-index.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { serviceInputs } from '#shared/oversight/feeding/service-inputs.ts';
import type { TestExchange } from './exchange.ts';

/** What pseudonyms are made with. */
export const testSubjectKey = sha256('subject key');

export type FedLog = {
  /** The store of what can be made again: the index of entries, and the vault. */
  readonly objects: MemoryObjectStore;
  readonly subjects: MemorySubjectIndex;
  readonly marks: MemoryIndexMarks;
  /** What the feeder stands on; a test may break or replace any of it. */
  readonly parts: EntryFeeding;
  /** Feeds all that is published; with what the last step came to. */
  readonly feed: (parts?: Partial<EntryFeeding>) => Promise<FedEntries>;
};

/** Sequences nothing by itself: `await test.log.sequence()`, then `await fed.feed()`. */
export const fedLog = (
  test: Pick<TestExchange, 'exchange' | 'journal' | 'log' | 'registry'>,
): FedLog => {
  const [objects, subjects, marks] = [
    memoryObjectStore(),
    memorySubjectIndex(),
    memoryIndexMarks(),
  ];
  const { layout, vaultKey } = test.exchange.settings;
  const parts: EntryFeeding = {
    objects: test.log.objects.store,
    derived: objects.store,
    journal: test.journal.store,
    subjects: subjects.store,
    marks: marks.store,
    heads: test.log.heads.store,
    province: provinceThen(test.registry.store),
    inputs: serviceInputs(test.registry.store),
    settings: { layout, vaultKey, subjectKey: testSubjectKey },
  };
  const feed = async (change: Partial<EntryFeeding> = {}): Promise<FedEntries> => {
    const step = feedEntries({ ...parts, ...change }, 0);
    for (;;) {
      const fed = await step();
      if (!fed.more) return fed;
    }
  };
  return { objects, subjects, marks, parts, feed };
};
