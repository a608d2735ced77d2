import { describe, expect, it } from 'vitest';
import { bucketLength } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { demandFresh, readEdge } from '#shared/oversight/entries/index-edge.ts';
import { type AuditPage, listEntries } from '#shared/oversight/entries/list-entries.ts';
import { summariseEntries } from '#shared/oversight/entries/summarise-entries.ts';
import { parseSummaryQuery } from '#shared/oversight/entries/summary-query.ts';
import { feedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import type { IndexMarks } from '#shared/oversight/feeding/index-marks.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { fedLog } from '#tests/support/fed-log.ts';
import { agencyOf } from '#tests/support/registry.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

type Quiet = TestExchange & {
  readonly ids: readonly string[];
  /** Lets a time pass in which nothing is asked, and the log and its indexes do what they do. */
  readonly wait: (time: number) => Promise<void>;
  readonly range: () => { readonly from: string; readonly to: string };
  readonly list: (filter: Readonly<Record<string, string>>) => Promise<AuditPage>;
  readonly count: () => Promise<number>;
};

/** An exchange that was asked three times, ten seconds apart, and then no more. */
const setStage = async (): Promise<Quiet> => {
  const registry = [...sampleEntries(await testKeys()), agencyOf('auditor:one')];
  const test = await makeExchange({ registry });
  const fed = fedLog(test);
  const ids: string[] = [];
  const begun = test.clock.now();
  for (let n = 0; n < 3; n += 1) {
    const text = await test.request();
    await test.submit(text);
    ids.push(test.addressOf(text).id);
    test.clock.advance(bucketLength);
  }
  const wait = async (time: number): Promise<void> => {
    test.clock.advance(time);
    await test.log.sequence();
    await test.log.feedIndex();
    await fed.feed();
  };
  const range = () => ({
    from: new Date(begun - day).toISOString(),
    to: new Date(test.clock.now()).toISOString(),
  });
  const parts = auditReadingOf(test, fed);
  await wait(minute);
  return {
    ...test,
    ids,
    wait,
    range,
    list: (filter) => listEntries(parts)(parseAuditQuery(filter), 'auditor:one'),
    count: async () => {
      const query = parseSummaryQuery({ ...range(), by: 'outcome' });
      return (await summariseEntries(parts)(query, 'auditor:one')).n;
    },
  };
};

describe('an exchange that is asked nothing for a while', () => {
  it('tells all of it, by the index alone too', async () => {
    const { ids, wait, range, list, count } = await setStage();
    await wait(20 * minute);
    expect(await count()).toBe(3);
    const { entries } = await list({ ...range(), order: 'newest' });
    expect(entries.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });

  it('tells all of it when the journal has forgotten it', async () => {
    const { ids, wait, range, list } = await setStage();
    await wait(15 * day);
    const { entries } = await list(range());
    expect(entries.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const id of ids) expect((await list({ id })).entries).toHaveLength(1);
  });

  it('puts the mark of its index once in ten minutes', async () => {
    const test = await makeExchange();
    const fed = fedLog(test);
    await test.submit(await test.request());
    test.clock.advance(minute);
    await test.log.sequence();
    await fed.feed();
    const puts: number[] = [];
    const swap: IndexMarks['swap'] = (shard, expected, next) => {
      puts.push(next.until - expected.until);
      return fed.marks.store.swap(shard, expected, next);
    };
    const step = feedEntries({ ...fed.parts, marks: { ...fed.marks.store, swap } }, 0);
    for (let n = 0; n < 30; n += 1) {
      test.clock.advance(minute);
      await test.log.sequence();
      await step();
    }
    expect(puts.length).toBeGreaterThan(1);
    for (const further of puts) expect(further).toBeGreaterThanOrEqual(10 * minute);
  });
});

describe('a log beside another that is asked', () => {
  it('is no reason to say that the index is behind', async () => {
    const test = await makeExchange();
    const fed = fedLog(test);
    await test.submit(await test.request());
    test.clock.advance(minute);
    await test.log.sequence();
    await fed.feed();
    const start = test.clock.now();
    test.clock.advance(60 * minute);
    await test.log.sequence();
    await fed.feed();
    // The other log got an inquiry in each of these periods, and its index knows them.
    const journal = memoryJournalStore();
    const now = test.clock.now();
    await fed.marks.store.swap(1, fed.marks.peek(1), { size: 9, until: now - minute });
    const periods = Array.from({ length: 5 }, (_, n) => Math.floor(start / (10 * minute)) + n);
    const asked = {
      ...journal.store,
      periods: async (from: number, to: number) => periods.filter((one) => from <= one && one < to),
    };
    const edge = await readEdge({ ...auditReadingOf(test, fed), shards: 2 });
    await expect(
      demandFresh({ journal: asked, now: () => now }, edge, now),
    ).resolves.toBeUndefined();
  });
});
