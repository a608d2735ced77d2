import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { pendingInquiries } from '#shared/oversight/exports/pending-inquiries.ts';
import { makeExchange, recordsOf, type TestExchange } from '#tests/support/exchange.ts';
import { buildLog } from '#tests/support/log-builder.ts';
import { testNow } from '#tests/support/messages.ts';

const config = recordLeafData('{"k":"config","v":1}');
const counter = 'counter:72110345';

/** An exchange that was asked so many times, each so many milliseconds after the one before. */
const askedExchange = async (afters: readonly number[]) => {
  const stage = await makeExchange();
  const leaves: Uint8Array[] = [];
  const ids: string[] = [];
  for (const after of afters) {
    stage.clock.advance(after);
    const text = await stage.request();
    await stage.submit(text);
    const address = stage.addressOf(text);
    const { intent, outcome } = recordsOf(stage.journal, address);
    leaves.push(leafData(intent, outcome));
    ids.push(address.id);
  }
  return { stage, leaves, ids };
};

const partsOf = ({ exchange }: TestExchange, province?: string) => ({
  journal: exchange.journal,
  settings: exchange.settings,
  now: exchange.now,
  provinceOf: async () => province,
});

const listOfOne =
  ({ list }: TestExchange['exchange']['journal']): typeof list =>
  (partition, page) =>
    list({ ...partition, shard: 0 }, page);

/** A tree of these leaves, which is that of shard 0. */
const treeOf = async (leaves: readonly Uint8Array[]) => {
  const { files, size } = await buildLog([config, ...leaves]);
  return { shard: 0, size, files: { get: async (path: string) => files.get(path) } };
};

describe('what is durable and in no tree', () => {
  it('is what came later, and what else is of the bucket that the tree ends in', async () => {
    const { stage, leaves, ids } = await askedExchange([0, 1000, 1000, 20_000]);
    const log = await treeOf(leaves.slice(1, 2));
    const pending = await pendingInquiries(partsOf(stage))({ filter: { counter } }, [log], {});
    expect(pending).toEqual({ count: 3, ids: ids.filter((_, n) => n !== 1).toSorted() });
  });

  it('is nothing where the tree has all, or the filter is of another time or counter', async () => {
    const { stage, leaves } = await askedExchange([0, 1000]);
    const count = pendingInquiries(partsOf(stage));
    const whole = await treeOf(leaves);
    const none = { count: 0, ids: [] };
    expect(await count({ filter: {} }, [whole], {})).toEqual(none);
    const part = await treeOf(leaves.slice(0, 1));
    expect(await count({ filter: { counter: 'counter:1' } }, [part], {})).toEqual(none);
    expect(await count({ filter: {} }, [part], { to: testNow })).toEqual(none);
    expect((await count({ filter: {} }, [part], {})).count).toBe(1);
  });

  it('is everything of a log that no quorum has seen, or that has no entry yet', async () => {
    const { stage, ids } = await askedExchange([0, 1000]);
    const count = pendingInquiries(partsOf(stage));
    const all = { count: 2, ids: ids.toSorted() };
    expect(await count({ filter: {} }, [await treeOf([])], {})).toEqual(all);
    expect(await count({ filter: {} }, [], {})).toEqual(all);
    expect(await count({ filter: {} }, [], { to: testNow + 1 })).toMatchObject({ count: 1 });
  });

  it('is everything of one log of several, beside another that has its own', async () => {
    const { stage, leaves, ids } = await askedExchange([0, 1000, 1000, 1000, 1000, 1000]);
    const { layout } = stage.exchange.settings;
    const { journal } = stage.exchange;
    const parts = {
      ...partsOf(stage),
      settings: { layout: { ...layout, shards: 2 } },
      // What was written for one log is read as that of two.
      journal: { ...journal, list: listOfOne(journal) },
    };
    const inOther = ids.filter(
      (id) => addressOf(InquiryId.parse(id), { ...layout, shards: 2 }).shard === 1,
    );
    expect(inOther.length).toBeGreaterThan(0);
    const pending = await pendingInquiries(parts)({ filter: {} }, [await treeOf(leaves)], {});
    expect(pending.ids).toEqual(inOther.toSorted());
  });

  it('is looked for only as far back as the journal keeps it', async () => {
    const { stage } = await askedExchange([0]);
    const asked: number[] = [];
    const journal = {
      ...stage.exchange.journal,
      periods: async (from: number, to: number) => {
        asked.push(to - from);
        return stage.exchange.journal.periods(from, to);
      },
    };
    await pendingInquiries({ ...partsOf(stage), journal })({ filter: {} }, [], {});
    expect(Math.max(...asked)).toBeLessThan(14 * 144);
  });

  it('is of a province by where the counter was', async () => {
    const { stage, leaves } = await askedExchange([0, 1000]);
    const part = await treeOf(leaves.slice(0, 1));
    const filtering = { filter: { province: 'فارس' } };
    for (const [home, count] of [
      ['فارس', 1],
      ['تهران', 0],
      [undefined, 0],
    ] as const) {
      const pending = await pendingInquiries(partsOf(stage, home))(filtering, [part], {});
      expect(pending.count).toBe(count);
    }
  });

  it('is told in full beyond one call of the journal, and with the first ids only', async () => {
    const { stage, leaves } = await askedExchange([0]);
    const part = await treeOf(leaves);
    const later = await askedExchange(Array.from({ length: 30 }, () => 300_000));
    const pending = await pendingInquiries({
      ...partsOf(later.stage),
      settings: stage.exchange.settings,
    })({ filter: {} }, [part], {});
    expect(pending).toEqual({ count: 30, ids: later.ids.toSorted() });
  });
});
