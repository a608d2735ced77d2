import { describe, expect, it } from 'vitest';
import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { printsKey, segmentKey, summaryKey } from '#shared/audit/index/segment-source.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { checkEntries, type IndexDifference } from '#shared/oversight/feeding/check-entries.ts';
import type { EntryFeeding, FedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import { reindexEntries } from '#shared/oversight/feeding/reindex-entries.ts';
import { eraseVaultRows, vaultKeyOf } from '#shared/oversight/feeding/vault-objects.ts';
import type { PlainLog } from '#tests/support/plain-log.ts';
import {
  type FeedStores,
  feedAll,
  feedingOf,
  feedStores,
  logOf,
  shownStores,
} from './feed-stage.ts';

const reindex = async (parts: EntryFeeding): Promise<readonly FedEntries[]> => {
  const steps: FedEntries[] = [];
  for await (const step of reindexEntries(parts, 0)) steps.push(step);
  return steps;
};

const check = async (log: PlainLog, stores: FeedStores): Promise<readonly IndexDifference[]> => {
  const found: IndexDifference[] = [];
  const parts = { ...feedingOf(log, stores), subjects: stores.subjects.store };
  for await (const { differences } of checkEntries(parts, 0)) found.push(...differences);
  return found;
};

const key = segmentKey(0, 1);

/** What may happen to an index, and what is said of it. */
const wrongs: readonly {
  readonly what: string;
  readonly spoil: (stores: FeedStores) => Promise<void> | void;
  readonly said: readonly IndexDifference[];
}[] = [
  {
    what: 'a segment is lost',
    spoil: ({ derived }) => derived.overwrite(key, undefined),
    said: [{ at: key, problem: 'missing', leaves: [] }],
  },
  {
    what: 'a segment is no segment',
    spoil: ({ derived }) => derived.overwrite(key, Buffer.from('spoilt')),
    said: [{ at: key, problem: 'unreadable', leaves: [] }],
  },
  {
    what: 'a segment is poisoned',
    spoil: ({ derived }) => {
      const segment = openSegment(derived.peek(key) ?? new Uint8Array());
      const facts = factsIn(segment).map((one, row) =>
        row === 1 ? { ...one, counter: 'counter:9' } : one,
      );
      derived.overwrite(key, encodeSegment({ shard: 0, n: 1, width: segment.width }, facts));
    },
    said: [{ at: key, problem: 'differs', leaves: [4200] }],
  },
  {
    what: 'a segment is that of another place',
    spoil: ({ derived }) => derived.overwrite(key, derived.peek(segmentKey(0, 0))),
    said: [{ at: key, problem: 'differs', leaves: [] }],
  },
  {
    what: 'a summary and the prints are lost',
    spoil: ({ derived }) => {
      derived.overwrite(summaryKey(0, 0), undefined);
      derived.overwrite(printsKey(0, 0), Buffer.from('spoilt'));
    },
    said: [
      { at: summaryKey(0, 0), problem: 'missing', leaves: [] },
      { at: printsKey(0, 0), problem: 'differs', leaves: [] },
    ],
  },
  {
    what: 'rows of subjects are lost',
    spoil: async ({ subjects }) => {
      const lost = subjects.dump().filter(({ index }) => index === 0 || index === 4100);
      await subjects.store.remove(lost);
    },
    said: [
      { at: 'rows of subjects', problem: 'missing', leaves: [0] },
      { at: 'rows of subjects', problem: 'missing', leaves: [4100] },
    ],
  },
  {
    what: 'the vault of a bundle is lost that the journal still has',
    spoil: ({ derived }) => derived.overwrite(vaultKeyOf(0, 16), undefined),
    said: [{ at: vaultKeyOf(0, 16), problem: 'missing', leaves: [4100, 4200, 4300] }],
  },
];

describe('an index of entries that is made again', () => {
  const log = logOf(4310, 100);

  const fed = async (): Promise<FeedStores> => {
    const stores = feedStores();
    await feedAll(feedingOf(await log, stores));
    return stores;
  };

  it('is what it was, and is said to be right before and after', async () => {
    const stores = await fed();
    const right = shownStores(stores);
    expect(await check(await log, stores)).toEqual([]);
    const steps = await reindex(feedingOf(await log, stores));
    expect(steps.map((step) => step.fed)).toEqual([4096, 4310]);
    expect(shownStores(stores)).toEqual(right);
  });

  it.each(wrongs)('is told of where $what, and right again afterwards', async ({ spoil, said }) => {
    const stores = await fed();
    const right = shownStores(stores);
    await spoil(stores);
    const spoilt = shownStores(stores);
    expect(await check(await log, stores)).toEqual(said);
    // To look changes nothing.
    expect(shownStores(stores)).toEqual(spoilt);
    await reindex(feedingOf(await log, stores));
    expect(shownStores(stores)).toEqual(right);
    expect(await check(await log, stores)).toEqual([]);
  });

  it('is made from nothing, without the journal too once the vault has it', async () => {
    const stores = await fed();
    const right = shownStores(stores);
    for (const name of stores.derived.dump().keys()) {
      if (name.startsWith('index/')) stores.derived.overwrite(name, undefined);
    }
    await stores.subjects.store.remove(stores.subjects.dump());
    await stores.marks.store.swap(0, stores.marks.peek(0), { size: 0, until: 0 });
    const journal = memoryJournalStore().store;
    await reindex(feedingOf(await log, stores, { journal }));
    expect(shownStores(stores)).toEqual(right);
  });

  it('counts how late entries are, where nobody did', async () => {
    const stores = await fed();
    const { late, ...uncounted } = stores.marks.peek(0);
    expect(late).toBeTypeOf('number');
    await stores.marks.store.swap(0, stores.marks.peek(0), uncounted);
    await feedAll(feedingOf(await log, stores));
    expect(stores.marks.peek(0)).toEqual(uncounted);
    await reindex(feedingOf(await log, stores));
    expect(stores.marks.peek(0)).toEqual({ ...uncounted, late });
  });

  it('keeps erased what was erased', async () => {
    const stores = await fed();
    await eraseVaultRows(stores.derived.store, 0, 0, [100]);
    const gone = stores.subjects.dump().filter(({ index }) => index === 100);
    await stores.subjects.store.remove(gone);
    await reindex(feedingOf(await log, stores));
    const facts = factsIn(openSegment(stores.derived.peek(segmentKey(0, 0)) ?? new Uint8Array()));
    expect(facts.find(({ index }) => index === 100)).not.toHaveProperty('subjectTag');
    expect(stores.subjects.dump().map(({ index }) => index)).not.toContain(100);
    expect(await check(await log, stores)).toEqual([]);
  });

  it('leaves its readers where they are until it is through, and when it is broken off', async () => {
    const stores = await fed();
    const right = shownStores(stores);
    stores.derived.overwrite(key, undefined);
    for await (const step of reindexEntries(feedingOf(await log, stores), 0)) {
      expect(stores.marks.peek(0)).toEqual(right.mark);
      if (step.fed === 4096) break;
    }
    expect((await check(await log, stores)).map(({ at }) => at)).toContain(key);
    await reindex(feedingOf(await log, stores));
    expect(shownStores(stores)).toEqual(right);
  });

  it('may be fed meanwhile: nobody loses anything to the other', async () => {
    const grown = await logOf(4310, 100);
    grown.publish(4200);
    const stores = feedStores();
    await feedAll(feedingOf(grown, stores));
    for await (const step of reindexEntries(feedingOf(grown, stores), 0)) {
      if (step.fed !== 4096) continue;
      grown.publish();
      await feedAll(feedingOf(grown, stores));
    }
    expect(shownStores(stores)).toEqual(shownStores(await fed()));
  });

  it('is looked at as far as it was known, however far it is fed meanwhile', async () => {
    const grown = await logOf(4310, 100);
    grown.publish(4200);
    const stores = feedStores();
    await feedAll(feedingOf(grown, stores));
    const found: IndexDifference[] = [];
    const parts = { ...feedingOf(grown, stores), subjects: stores.subjects.store };
    for await (const { checked, differences } of checkEntries(parts, 0)) {
      found.push(...differences);
      if (checked !== 4096) continue;
      grown.publish();
      await feedAll(feedingOf(grown, stores));
    }
    expect(found).toEqual([]);
  });

  it('is told of where its mark is beyond the log, and the mark is put right', async () => {
    const stores = await fed();
    const right = stores.marks.peek(0);
    await stores.marks.store.swap(0, right, { ...right, size: 9999 });
    const said = [{ at: 'mark 0', problem: 'differs', leaves: [] }];
    expect(await check(await log, stores)).toEqual(said);
    await reindex(feedingOf(await log, stores));
    expect(stores.marks.peek(0)).toEqual(right);
  });
});
