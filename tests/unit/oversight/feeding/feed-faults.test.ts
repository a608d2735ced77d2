import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgetTags } from '#shared/audit/index/change-index.ts';
import { storedSegments } from '#shared/audit/index/segment-source.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { type EntryFeeding, feedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import { eraseVaultRows, readVault } from '#shared/oversight/feeding/vault-objects.ts';
import type { PlainLog } from '#tests/support/plain-log.ts';
import {
  type FeedStores,
  feedAll,
  feedingOf,
  feedStores,
  indexedFacts,
  logOf,
  shownStores,
} from './feed-stage.ts';

const fed = async (log: PlainLog): Promise<FeedStores> => {
  const stores = feedStores();
  await feedAll(feedingOf(log, stores));
  return stores;
};

/** What breaks in the index of a log that grows, and where the log stood then. */
const spoils = [
  ['segment', 'lost'],
  ['segment', 'spoilt'],
  ['segment', 'cut short'],
  ['segment', 'another'],
  ['summary', 'lost'],
  ['summary', 'spoilt'],
  ['prints', 'lost'],
  ['prints', 'spoilt'],
] as const;

describe('an index of entries that is not what it should be', () => {
  const twoSegments = logOf(4300, 100);

  it.each(spoils)('is made again when the log grows: its %s is %s', async (kind, what) => {
    const log = await twoSegments;
    log.publish();
    const right = shownStores(await fed(log));
    const stores = feedStores();
    log.publish(kind === 'segment' ? 250 : 4200);
    await feedAll(feedingOf(log, stores));
    const key = `index/0/${kind}/0`;
    const bytes = stores.derived.peek(key) ?? new Uint8Array();
    if (what === 'cut short') {
      const shorter = feedStores();
      log.publish(200);
      await feedAll(feedingOf(log, shorter));
      stores.derived.overwrite(key, shorter.derived.peek(key));
    } else if (what === 'another') {
      stores.derived.overwrite(key, stores.derived.peek('index/0/summary/0'));
    } else {
      stores.derived.overwrite(key, what === 'lost' ? undefined : bytes.subarray(0, -1));
    }
    log.publish();
    const steps = await feedAll(feedingOf(log, stores));
    expect(steps.map(({ broken }) => broken)).toContain(true);
    expect(shownStores(stores)).toEqual(right);
  });

  it('is made anew from its mark, whatever stands and however wide', async () => {
    const log = await logOf(300, 10);
    const right = await fed(log);
    const other = await logOf(600, 30);
    const stores = await fed(other);
    await stores.subjects.store.remove(stores.subjects.dump());
    for (const key of ['vault/0/0', 'vault/0/1', 'vault/0/2']) {
      stores.derived.overwrite(key, right.derived.peek(key));
    }
    await stores.marks.store.swap(0, stores.marks.peek(0), { size: 0, until: 0 });
    await feedAll(feedingOf(log, stores));
    expect(shownStores(stores)).toEqual(shownStores(right));
  });

  it('loses its mark and is the same when it is made again', async () => {
    const log = await twoSegments;
    log.publish();
    const stores = await fed(log);
    const right = shownStores(stores);
    await stores.marks.store.swap(0, stores.marks.peek(0), { size: 0, until: 0 });
    const steps = await feedAll(feedingOf(log, stores));
    expect(steps).toHaveLength(2);
    expect(shownStores(stores)).toEqual(right);
  });
});

/** Every write of a feeder, by the twin that takes it. */
const writes = [
  ['replace', 9],
  ['put', 2],
  ['swap', 2],
] as const;

const breakWrite = (
  { derived, subjects, marks }: FeedStores,
  [method, nth, fault]: readonly ['put' | 'replace' | 'swap', number, Fault],
): void => {
  switch (method) {
    case 'put':
      return subjects.faults.breakCall(method, fault, nth);
    case 'replace':
      return derived.faults.breakCall(method, fault, nth);
    case 'swap':
      return marks.faults.breakCall(method, fault, nth);
  }
};

describe('feeding that breaks off', () => {
  const broken = writes.flatMap(([method, count]) =>
    Array.from({ length: count }, (_, n) => n + 1).flatMap((nth) =>
      (['not-persisted', 'unacknowledged'] as const).map((fault) => [method, nth, fault] as const),
    ),
  );

  it.each(broken)('goes on at %s %i (%s) and comes to the same', async (...broke) => {
    const log = await logOf(300, 20);
    const right = shownStores(await fed(log));
    const stores = feedStores();
    const parts = feedingOf(log, stores);
    breakWrite(stores, broke);
    const tries = async (): Promise<number> => {
      let failed = 0;
      for (const size of [100, 300]) {
        log.publish(size);
        for (let left = 3; left > 0; left -= 1) {
          const came = await feedAll(parts).catch(() => undefined);
          if (came !== undefined) break;
          failed += 1;
        }
      }
      return failed;
    };
    expect(await tries()).toBe(1);
    expect(shownStores(stores)).toEqual(right);
  });
});

/** Lets each call of a store wait until the scheduler lets it go. */
const slowed = (parts: EntryFeeding, s: fc.Scheduler): EntryFeeding => {
  const slow =
    <Given extends readonly unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      await s.schedule(Promise.resolve());
      return work(...given);
    };
  const { objects, derived, subjects, marks } = parts;
  return {
    ...parts,
    objects: { get: slow(objects.get) },
    derived: { get: slow(derived.get), replace: slow(derived.replace) },
    subjects: { put: slow(subjects.put), remove: slow(subjects.remove) },
    marks: { read: slow(marks.read), swap: slow(marks.swap) },
  };
};

/** Erases one entry as whoever erases does: its vault, its row, its tags in the index. */
const erase = async (
  { derived, subjects }: EntryFeeding,
  rows: ReturnType<FeedStores['subjects']['dump']>,
  index: number,
): Promise<void> => {
  await eraseVaultRows(derived, 0, Math.floor(index / 256), [index % 256]);
  await subjects.remove(rows.filter((row) => row.index === index));
  for (;;) {
    const changes = await forgetTags(storedSegments(derived), 0, new Set([index]));
    const answers = [];
    for (const { key, before, bytes } of changes) {
      answers.push(await derived.replace(key, before, bytes));
    }
    if (answers.every((answer) => answer === 'written')) return;
  }
};

describe('several feeders at once', () => {
  it('come to what one comes to, whoever is overtaken, and nothing that is erased comes back', async () => {
    const log = await logOf(300, 25);
    const right = await fed(log);
    const all = right.subjects.dump();
    const sizes = fc.uniqueArray(fc.constantFrom(100, 200, 260), { maxLength: 3 });
    const erased = fc.option(fc.constantFrom(0, 25, 275), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        sizes,
        fc.integer({ min: 2, max: 3 }),
        erased,
        async (s, published, feeders, index) => {
          const stores = feedStores();
          const parts = feedingOf(log, stores);
          const slow = slowed(parts, s);
          const publishing = async (): Promise<void> => {
            for (const size of [...published.toSorted((a, b) => a - b), 300]) {
              log.publish(size);
              await s.schedule(Promise.resolve());
            }
          };
          const feeding = async (): Promise<void> => {
            const step = feedEntries(slow, 0);
            for (let left = 4; left > 0; left -= 1) await step();
          };
          const erasing = index === undefined ? [] : [erase(slow, all, index)];
          const runs = Array.from({ length: feeders }, feeding);
          await s.waitFor(Promise.all([publishing(), ...runs, ...erasing]));
          await feedAll(parts);
          expect(stores.subjects.dump()).toEqual(all.filter((row) => row.index !== index));
          const facts = indexedFacts(stores);
          const bare = facts.filter((one) => one.subjectTag === undefined);
          expect(facts).toHaveLength(12);
          expect(bare.map((one) => one.index)).toEqual(index === undefined ? [] : [index]);
          expect(stores.marks.peek(0)).toEqual(right.marks.peek(0));
          const [first] = await readVault(stores.derived.store, 0, 0);
          expect(first?.kind).toBe(index === 0 ? 'erased' : 'sealed');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never put what knows fewer leaves in the place of what knows more', async () => {
    const log = await logOf(300, 25);
    const stores = feedStores();
    const parts = feedingOf(log, stores);
    log.publish(100);
    const pause = stores.derived.faults.pauseCall('get', 'before');
    const slow = feedEntries(parts, 0)();
    await pause.reached;
    log.publish(300);
    await feedAll(parts);
    pause.release();
    await slow;
    expect(indexedFacts(stores)).toHaveLength(12);
    expect(stores.marks.peek(0).size).toBe(300);
  });
});
