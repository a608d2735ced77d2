import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import type { IndexMark } from '#shared/oversight/feeding/index-marks.ts';
import { DayDocument } from '#shared/oversight/open-data/day-document.ts';
import { publishDays } from '#shared/oversight/open-data/publish-days.ts';
import { readOpenDataDay, readOpenDataDays } from '#shared/oversight/open-data/read-open-data.ts';
import { tehranDayAt } from '#shared/persian/tehran-day.ts';
import { factsOf, fill } from '../../audit/index/sample-facts.ts';

const Days = z.looseObject({ days: z.array(z.string()) });
const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));

const hour = 3_600_000;
const startOf = (date: string): number => tehranDayAt(date)?.from ?? 0;
const first = startOf('2026-11-22');

/** 30 inquiries on the first day from 9 to 12, 12 on the second, one on the third; shard 1 has 20. */
const entries = [
  ...Array.from({ length: 30 }, (_, n) => ({ at: 9 * hour + n * 360_000 })),
  ...Array.from({ length: 12 }, (_, n) => ({ at: 34 * hour + n * 1000, outcome: 'DENIED' })),
  { at: 60 * hour },
];
const others = Array.from({ length: 20 }, (_, n) => ({ at: 11 * hour + n, service: 'b/y@1' }));

const makeSite = () => {
  const memory = memorySegmentSource();
  [entries, others].forEach((all, shard) => {
    const facts = all.map(({ at, ...rest }, index) =>
      factsOf({ shard, index, t: first + at, ...rest }),
    );
    fill(memory, facts, { shard, size: facts.length });
  });
  const objects = memoryObjectStore();
  let now = first;
  let until = first;
  const publish = () =>
    publishDays({
      index: openedIndex(memory.source, { segments: 4, summaries: 4 }, () => 0),
      marks: {
        read: async (shard): Promise<IndexMark> => ({ size: shard === 0 ? 43 : 20, until }),
      },
      shards: 2,
      objects: objects.store,
      now: () => now,
    });
  /** The clock shows so many hours after the first day began, and the index knows as much, or `known`. */
  const pass = (hours: number, known = hours): void => {
    now = first + hours * hour;
    until = first + known * hour;
  };
  const read = async (name: string) => {
    const { type, bytes, caching } = await readOpenDataDay(objects.store, name);
    return { type, text: Buffer.from(bytes).toString('utf8'), caching };
  };
  const days = async () => Days.parse(jsonOf((await readOpenDataDays(objects.store)).bytes));
  return { publish, pass, read, days, objects, memory };
};

describe('publishing statistics', () => {
  it('tells of a day 48 hours after its end, and not before', async () => {
    const { publish, pass, read, days } = makeSite();
    pass(24 + 48 - 0.001, 100);
    expect(await publish()).toEqual([]);
    await expect(read('2026-11-22')).rejects.toMatchObject({ name: 'not-found' });
    pass(24 + 48, 100);
    expect(await publish()).toEqual(['2026-11-22']);
    const { text, type, caching } = await read('2026-11-22');
    expect(DayDocument.parse(JSON.parse(text))).toEqual({
      day: '2026-11-22',
      floor: 10,
      total: 50,
      services: [
        { service: 'b/y@1', counts: [{ outcomes: ['answered'], n: 20 }] },
        { service: 'civil-registry/identity@1', counts: [{ outcomes: ['answered'], n: 30 }] },
      ],
      hours: [
        { from: 0, to: 10, n: 10 },
        { from: 10, to: 11, n: 10 },
        { from: 11, to: 24, n: 30 },
      ],
    });
    expect([type, caching]).toEqual(['application/json', 'public, max-age=31536000, immutable']);
    expect(await days()).toEqual({
      floor: 10,
      timeZone: 'Asia/Tehran',
      delay: 48,
      days: ['2026-11-22'],
    });
  });

  it('waits for an index that may lack what came late', async () => {
    const { publish, pass } = makeSite();
    pass(200, 24 + 26.9);
    expect(await publish()).toEqual([]);
    pass(200, 24 + 27);
    expect(await publish()).toEqual(['2026-11-22']);
  });

  it('catches up without a gap, and says of a day with few that they are few', async () => {
    const { publish, pass, read, days } = makeSite();
    pass(72 + 48);
    expect(await publish()).toEqual(['2026-11-22', '2026-11-23', '2026-11-24']);
    expect(await publish()).toEqual([]);
    expect(JSON.parse((await read('2026-11-24')).text)).toEqual({
      day: '2026-11-24',
      floor: 10,
      total: null,
      services: [],
      hours: [],
    });
    expect((await days()).days).toEqual(['2026-11-24', '2026-11-23', '2026-11-22']);
  });

  it('publishes nothing where nothing was asked yet', async () => {
    const objects = memoryObjectStore();
    const made = publishDays({
      index: openedIndex(memorySegmentSource().source, { segments: 4, summaries: 4 }, () => 0),
      marks: { read: async () => ({ size: 0, until: 0 }) },
      shards: 1,
      objects: objects.store,
      now: () => first,
    });
    expect(await made).toEqual([]);
    const { bytes } = await readOpenDataDays(objects.store);
    expect(jsonOf(bytes)).toMatchObject({ days: [] });
  });

  it('gives a day as a table too', async () => {
    const { publish, pass, read } = makeSite();
    pass(72);
    await publish();
    const { text, type } = await read('2026-11-22.csv');
    expect(type).toBe('text/csv; charset=utf-8');
    expect(text).toContain("'2026-11-22,b/y@1,answered,,,20\r\n");
  });

  it.each([
    '2026-11-23',
    '2026-11-21',
    '2026-13-01',
    'days',
    '../index/0/segment/0',
    '2026-11-22.json',
    '2026-11-22.csv.csv',
    '',
  ])('there is nothing under %j', async (name) => {
    const { publish, pass, read } = makeSite();
    pass(72);
    await publish();
    await expect(read(name)).rejects.toMatchObject({ name: 'not-found', status: 404 });
  });

  it.each([
    ['putIfAbsent', 'not-persisted'],
    ['putIfAbsent', 'unacknowledged'],
    ['replace', 'not-persisted'],
    ['replace', 'unacknowledged'],
  ] as const)(
    'goes on after a %s that was %s, and tells of no day that is not there',
    async (method, fault) => {
      const { publish, pass, objects, days, read } = makeSite();
      pass(72 + 48);
      objects.faults.breakCall(method, fault, 2);
      await expect(publish()).rejects.toMatchObject({ name: 'store-unavailable' });
      for (const day of (await days()).days) expect((await read(day)).text).toContain(day);
      await publish();
      expect((await days()).days).toEqual(['2026-11-24', '2026-11-23', '2026-11-22']);
    },
  );

  it('keeps what it has told, though the index says something else by now', async () => {
    const { publish, pass, objects, memory, read } = makeSite();
    pass(72);
    objects.faults.breakCall('replace', 'not-persisted');
    await expect(publish()).rejects.toMatchObject({ name: 'store-unavailable' });
    const fewer = entries.slice(0, 12).map(({ at }, index) => factsOf({ index, t: first + at }));
    fill(memory, fewer, { shard: 0, size: 43 });
    expect(await publish()).toEqual(['2026-11-22']);
    expect(JSON.parse((await read('2026-11-22')).text)).toMatchObject({ total: 50 });
  });

  it('tells nothing while a part of the index is missing', async () => {
    const { publish, pass, memory, objects } = makeSite();
    pass(72);
    memory.put('index/1/segment/0', undefined);
    await expect(publish()).rejects.toMatchObject({ name: 'index-unavailable' });
    expect(objects.dump().size).toBe(0);
  });
});
