import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { runSubjectSearch } from '#shared/oversight/facts/run-subject-search.ts';
import { mostLookedAt } from '#shared/oversight/facts/search-subject.ts';
import { parseSubjectSearch } from '#shared/oversight/facts/subject-search.ts';
import { readerLimits } from '#shared/oversight/reader-limit.ts';
import {
  type FactsStage,
  factsStage,
  refusedWith,
  sentAs,
  someone,
  someoneElse,
} from './facts-stage.ts';

const order = 'court-12/05-778';

const searching =
  ({ parts, as }: FactsStage) =>
  async (json: JsonObject, reader = 'all') =>
    runSubjectSearch(parts)(parseSubjectSearch({ order, ...json }), as(reader));

/** Three inquiries about someone, the last at another counter, and one about somebody else. */
const setStage = async () => {
  const stage = await factsStage();
  const { keys } = stage;
  const ids = [
    await stage.ask(),
    await stage.ask({ facts: { subject: someoneElse } }),
    await stage.ask({ facts: { operator: 'علي ۷' } }),
    await stage.ask({ key: keys.otherCounter }),
  ];
  await stage.settle();
  return { ...stage, ids, search: searching(stage) };
};

const idsOf = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id);

describe('a search for a subject', () => {
  it('finds the inquiries about it, newest first, with facts and the place in the log', async () => {
    const { search, ids } = await setStage();
    const { page } = await search({ subject: someone });
    expect(idsOf(page.entries)).toEqual([ids[3], ids[2], ids[0]]);
    expect(page.entries[0]).toMatchObject({
      counter: 'counter:72110346',
      outcome: 'DENIED',
      hasCase: true,
      leaf: { shard: 0 },
    });
    expect(JSON.stringify(page)).not.toContain(someone.value);
    expect(page.next).toBeUndefined();
    expect(Date.parse(page.indexed)).toBeGreaterThanOrEqual(
      Date.parse(page.entries[0]?.asked ?? ''),
    );
  });

  it('takes a number as a person types it', async () => {
    const { search } = await setStage();
    const { page } = await search({ subject: { ...someone, value: '۰۴۹۹-۳۷۰۸۹۹' } });
    expect(page.entries).toHaveLength(3);
  });

  it('goes on page by page, and each page is on record with the order and without the person', async () => {
    const { search, ids, leaves } = await setStage();
    const reason = 'A complaint about an office.';
    const first = await search({ subject: someone, limit: 2, reason });
    expect(idsOf(first.page.entries)).toEqual([ids[3], ids[2]]);
    const { next: cursor = '' } = first.page;
    const second = await search({ subject: someone, limit: 2, reason, cursor });
    expect(idsOf(second.page.entries)).toEqual([ids[0]]);
    expect(leaves().map(({ act, n, order: under, reason: why }) => [act, n, under, why])).toEqual([
      ['subject-search', 2, order, reason],
      ['subject-search', 1, order, reason],
    ]);
    expect(JSON.parse(leaves()[0]?.filter ?? '')).toEqual({
      for: 'subject',
      type: 'ir-national-id',
      from: first.page.from,
      to: first.page.to,
      limit: 2,
    });
    expect(JSON.stringify(leaves())).not.toContain(someone.value);
  });

  it('within times finds only what was asked then', async () => {
    const { search, ids } = await setStage();
    const { page } = await search({ subject: someone });
    const [, middle, oldest] = page.entries.map(({ asked }) => asked);
    const between = await search({ subject: someone, from: oldest ?? '', to: middle ?? '' });
    expect(idsOf(between.page.entries)).toEqual([ids[0]]);
  });

  it('shows a reader of a part only that part, and refuses one who has none, on record', async () => {
    const { search, ids, leaves } = await setStage();
    expect(idsOf((await search({ subject: someone }, 'other')).page.entries)).toEqual([ids[3]]);
    expect((await search({ subject: someone }, 'telecom')).page.entries).toEqual([]);
    const refused = await refusedWith(search({ subject: someone }, 'nothing'));
    expect(refused.name).toBe('out-of-scope');
    expect(leaves().map(({ n, refused: was }) => [n, was])).toEqual([
      [1, undefined],
      [0, undefined],
      [0, true],
    ]);
  });

  it('of a reader of a part has the pages of that part, one search however many', async () => {
    const { search } = await setStage();
    const first = await search({ subject: someone, limit: 1 }, 'other');
    expect([first.page.entries.length, first.page.next]).toEqual([1, undefined]);
    const none = await search({ subject: someone, limit: 1 }, 'telecom');
    expect([none.page.entries.length, none.page.next]).toEqual([0, undefined]);
    expect(none.limits[0]?.left).toBe(readerLimits['subject-searches'].hour - 1);
  });

  it('counts as another search where it goes on behind so much that others may see', async () => {
    const { search, fed } = await setStage();
    const { next: full = '' } = (await search({ subject: someone, limit: 1 })).page;
    expect((await search({ subject: someone, limit: 1, cursor: full })).limits).toEqual([]);
    const [row] = fed.subjects.dump();
    if (row === undefined) throw new Error('There is no subject.');
    const more = Array.from({ length: mostLookedAt }, (_, n) => ({ ...row, t: row.t - 1 - n }));
    await fed.subjects.store.put(more);
    const first = await search({ subject: someone }, 'telecom');
    expect(first.page.entries).toEqual([]);
    const { next: cursor = '' } = first.page;
    const second = await search({ subject: someone, cursor }, 'telecom');
    expect(second.page.next).toBeUndefined();
    expect(second.limits[0]?.left).toBe((first.limits[0]?.left ?? 0) - 1);
  });

  it.each([
    ['of another subject', { subject: someoneElse }, 'all'],
    ['under another order', { subject: someone, order: 'court-13' }, 'all'],
    ['of another reader', { subject: someone }, 'registrar:cra'],
  ])('a cursor does not go on a search %s', async (_, json, reader) => {
    const { search } = await setStage();
    const { next: cursor = '' } = (await search({ subject: someone, limit: 1 })).page;
    const refused = await refusedWith(search({ limit: 1, cursor, ...json }, reader));
    expect(refused.name).toBe('invalid-query');
  });

  it('does not find what is not in the index yet, and says until when it knows all', async () => {
    const { search, ask, ids } = await setStage();
    const late = await ask();
    const { page } = await search({ subject: someone });
    expect(idsOf(page.entries)).toEqual([ids[3], ids[2], ids[0]]);
    expect(page.entries.map(({ id }) => id)).not.toContain(late);
  });

  it('leaves nothing out where the index does not fit the log', async () => {
    const { search, fed } = await setStage();
    const { next: full = '' } = (await search({ subject: someone, limit: 1 })).page;
    expect((await search({ subject: someone, limit: 1, cursor: full })).limits).toEqual([]);
    const [row] = fed.subjects.dump();
    const other = fed.subjects.dump().find(({ tag }) => tag !== row?.tag);
    if (row === undefined || other === undefined) throw new Error('There are not two subjects.');
    await fed.subjects.store.put([{ ...row, t: row.t - 1, place: other.place }]);
    expect((await refusedWith(search({ subject: someone }))).name).toBe('index-unavailable');
  });

  it('shows nothing where it cannot be put on record', async () => {
    const { search, journal } = await setStage();
    journal.faults.breakCall('putRecord', 'not-persisted');
    expect((await refusedWith(search({ subject: someone }))).name).toBe('store-unavailable');
  });
});

describe('a search for an operator', () => {
  it('finds what was asked at its desk, and the pseudonyms under which that is listed', async () => {
    const { search, ids, leaves } = await setStage();
    const operator = { counter: 'counter:72110345', name: 'operator-7' };
    const { page } = await search({ operator });
    expect(idsOf(page.entries)).toEqual([ids[1], ids[0]]);
    const shown = new Set(page.entries.map((entry) => entry.operator));
    expect([...shown]).toEqual([page.pseudonyms?.find(({ year }) => year === 2027)?.operator]);
    expect(leaves()[0]?.filter).toContain('"counter":"counter:72110345","for":"operator"');
    expect(leaves()[0]?.filter).not.toContain('operator-7');
  });

  it('finds a name however its letters were typed, page by page', async () => {
    const { search, ids } = await setStage();
    for (const name of ['علي ۷', 'علی 7', '\u200Fعلی ٧ ']) {
      const operator = { counter: 'counter:72110345', name };
      expect(idsOf((await search({ operator, limit: 1 })).page.entries)).toEqual([ids[2]]);
    }
    const seven = { counter: 'counter:72110345', name: 'operator-7' };
    const first = (await search({ operator: seven, limit: 1 })).page;
    const second = (await search({ operator: seven, limit: 1, cursor: first.next ?? '' })).page;
    expect(idsOf([...first.entries, ...second.entries])).toEqual([ids[1], ids[0]]);
  });

  it('of a counter outside the scope is refused', async () => {
    const { search } = await setStage();
    const operator = { counter: 'counter:72110345', name: 'operator-7' };
    expect((await refusedWith(search({ operator }, 'other'))).name).toBe('out-of-scope');
  });
});

describe('what is posted for a search', () => {
  it.each([
    [{ order: undefined, subject: someone }, '/order'],
    [{ order: '', subject: someone }, '/order'],
    [{ order: '0499370899', subject: someone }, '/order'],
    [{}, '/subject'],
    [{ subject: { type: 'ir-national-id', value: '0499370890' } }, '/subject/value'],
    [{ subject: someone, operator: { counter: 'counter:1', name: 'x' } }, ''],
    [{ operator: { counter: 'guild:1', name: 'x' } }, '/operator/counter'],
    [{ operator: { counter: 'counter:1', name: '' } }, '/operator/name'],
    [{ subject: someone, limit: 101 }, '/limit'],
    [{ subject: someone, limit: 0 }, '/limit'],
    [{ subject: someone, from: 'yesterday' }, '/from'],
    [{ subject: someone, from: '2027-01-02T00:00:00Z', to: '2027-01-01T00:00:00Z' }, '/to'],
    [{ subject: someone, from: '2001-01-02T00:00:00Z', to: '2027-01-01T00:00:00Z' }, '/from'],
    [{ subject: someone, reason: 'he is 0499370899' }, '/reason'],
    [{ subject: someone, tag: 'x' }, ''],
    [{ subject: someone, cursor: '' }, '/cursor'],
  ] as const)('%j is refused at %j', async (json, pointer) => {
    const { name, extras } = await refusedWith(
      Promise.resolve().then(() => parseSubjectSearch(sentAs({ order, ...json }))),
    );
    expect(name).toBe('invalid-body');
    expect(extras.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(JSON.stringify(extras)).not.toMatch(/0499|yesterday/);
  });
});

describe('trying one person after another', () => {
  const { hour, day } = readerLimits['subject-searches'];

  it('ends at so many in an hour: refused with what is left, told for an alarm, on record once', async () => {
    const { search, leaves, clock, settle } = await setStage();
    for (let n = 0; n < hour; n += 1) {
      expect((await search({ subject: someoneElse })).limits[0]?.left).toBe(hour - 1 - n);
    }
    for (let n = 0; n < 3; n += 1) {
      const { name, extras } = await refusedWith(search({ subject: someone }));
      expect(name).toBe('rate-limited');
      expect(extras).toMatchObject({
        alarm: 'subject-searches',
        limits: [{ name: 'subject-searches-hour', quota: hour, window: 3600, left: 0 }],
      });
      expect(extras.retryAfter).toBeLessThanOrEqual(3600);
    }
    expect(leaves().filter(({ refused }) => refused)).toHaveLength(1);
    expect(leaves()).toHaveLength(hour + 1);
    expect((await search({ subject: someone }, 'registrar:cra')).page.entries).toHaveLength(3);
    clock.advance(3_600_000);
    await settle();
    expect((await search({ subject: someone })).page.entries).toHaveLength(3);
  });

  it('ends at so many in a day', async () => {
    const { search, clock, meters, settle } = await setStage();
    const anHourLater = async (): Promise<void> => {
      clock.advance(3_600_000);
      await settle();
    };
    for (let n = 0; n < day; n += 1) {
      if (n % hour === 0) await anHourLater();
      await search({ subject: someoneElse });
    }
    await anHourLater();
    const { extras } = await refusedWith(search({ subject: someone }));
    expect(extras.limits?.map(({ name, left }) => [name, left])).toEqual([
      ['subject-searches-hour', hour - 1],
      ['subject-searches-day', 0],
    ]);
    expect(meters.faults.calls('take')).toBeGreaterThan(day);
  });

  it('is put on record even where that fails at first', async () => {
    const { search, leaves, journal } = await setStage();
    for (let n = 0; n < hour; n += 1) await search({ subject: someoneElse });
    journal.faults.breakCall('putRecord', 'not-persisted');
    expect((await refusedWith(search({ subject: someone }))).name).toBe('store-unavailable');
    expect((await refusedWith(search({ subject: someone }))).name).toBe('rate-limited');
    expect(leaves().filter(({ refused }) => refused)).toHaveLength(1);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'shows nothing where a use cannot be counted: %s',
    async (fault) => {
      const { search, meters, leaves } = await setStage();
      meters.faults.breakCall('take', fault);
      expect((await refusedWith(search({ subject: someone }))).name).toBe('store-unavailable');
      expect(leaves()).toEqual([]);
    },
  );
});
