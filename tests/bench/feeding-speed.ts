import { factsOfLeaf } from '#shared/audit/index/entry-facts.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { memoryLogHead } from '#shared/audit/memory-log-head.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { readLeaves } from '#shared/audit/published-leaves.ts';
import { logFiles } from '#shared/audit/sequence/log-files.ts';
import { type EntryFeeding, feedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import { memoryIndexMarks } from '#shared/oversight/feeding/memory-index-marks.ts';
import { memorySubjectIndex } from '#shared/oversight/feeding/memory-subject-index.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { serviceInputs } from '#shared/oversight/feeding/service-inputs.ts';
import type { FeedingLog } from './feeding-log.ts';

/** Microseconds of CPU of one entry. */
export type FeedingSpeed = {
  /** To read the bundles and nothing else, and to read what each leaf says. */
  readonly bundles: number;
  readonly facts: number;
  /** To feed them, a segment at a time, and as few at a time as a quiet log grows by. */
  readonly segments: number;
  readonly few: number;
  /** To feed them again from the vault alone, as after a loss. */
  readonly again: number;
};

/** Leaves that a log of twenty inquiries a second grows by in a bucket. */
export const fewAtOnce = 200;

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const before = cpu();
  await work();
  return cpu() - before;
};

const readAll = (
  log: FeedingLog,
  size: number,
  read: (leaf: Uint8Array, index: number) => unknown,
) => readLeaves(logFiles(log.objects.store, 0), { shard: 0, size }, { from: 0, to: size }, read);

const feedAll = async (parts: EntryFeeding): Promise<void> => {
  const step = feedEntries(parts, 0);
  while ((await step()).more);
};

/** Feeds a log from stores in memory: what is left is the work of this process alone. */
export const measureSpeed = async (
  log: FeedingLog,
  told: (share: number) => void,
): Promise<FeedingSpeed> => {
  const size = log.rows.length;
  const journal = memoryJournalStore();
  for (const { address, intent } of log.rows) await journal.store.putIntent(address, intent);
  const partsOf = (derived = memoryObjectStore()): EntryFeeding => ({
    objects: log.objects.store,
    derived: derived.store,
    journal: journal.store,
    subjects: memorySubjectIndex().store,
    marks: memoryIndexMarks().store,
    heads: memoryLogHead().store,
    province: provinceThen(log.registry.store),
    inputs: serviceInputs(log.registry.store),
    settings: log.settings,
  });
  log.publish(size);
  // Once before: what is compiled while it is measured would count.
  await readAll(log, size, () => undefined);
  const bundles = await timed(() => readAll(log, size, () => undefined));
  const facts = await timed(() =>
    readAll(log, size, (leaf, index) => factsOfLeaf(leaf, { shard: 0, index })?.t),
  );
  told(0.2);
  const derived = memoryObjectStore();
  const segments = await timed(() => feedAll(partsOf(derived)));
  told(0.5);
  const again = await timed(() =>
    feedAll({ ...partsOf(derived), journal: memoryJournalStore().store }),
  );
  told(0.7);
  const growing = partsOf();
  const grown = Math.min(size, 8192);
  let few = 0;
  for (let to = fewAtOnce; to <= grown; to += fewAtOnce) {
    log.publish(to);
    few += await timed(() => feedAll(growing));
  }
  log.publish(size);
  const fewFed = Math.floor(grown / fewAtOnce) * fewAtOnce;
  return {
    bundles: bundles / size,
    facts: facts / size,
    segments: segments / size,
    again: again / size,
    few: few / fewFed,
  };
};
