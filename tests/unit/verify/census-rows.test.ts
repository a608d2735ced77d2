import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { censusTakenExample } from '#events/census-taken.ts';
import { type Reach, reachOf } from '#shared/audit/export/filter-reach.ts';
import type { NamedCensus } from '#shared/client/verify/census-records.ts';
import { censusRows } from '#shared/client/verify/census-rows.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const minute = 60_000;
const root = censusTakenExample.root;

/** A row at an index, asked so many minutes after the beginning. */
type Row = { readonly index: number; readonly view: JsonObject };

const inquiry = (index: number, counter = 'counter:1', minutes = index): Row => ({
  index,
  view: { kind: 'inquiry', id: inquiryIdAt(testNow + minutes * minute), counter },
});

/** The notice that the entry before it came late. */
const late = (index: number, of: Row): Row => ({
  index,
  view: { kind: 'late', id: of.view['id'] ?? null },
});

const census = (from: number, to: number, n: number): NamedCensus => ({
  shard: 0,
  index: to,
  from,
  to,
  n,
  root,
  counts: new Map([['counter counter:1', n]]),
});

const byCounter = reachOf({ filter: { counter: 'counter:1' } });

type Settings = {
  readonly reach?: Reach;
  readonly time?: { readonly from?: number; readonly to?: number };
  /** Where a census ends that began before the range. */
  readonly begun?: number;
  /** What the leaves say, where that is not what the export says. */
  readonly leaves?: readonly NamedCensus[];
};

/** What rows come to beside censuses, whose leaves stand at their ends. */
const judged = (
  rows: readonly Row[],
  censuses: readonly NamedCensus[],
  { reach = byCounter, time = {}, leaves = censuses, begun = 0 }: Settings = {},
) => {
  const faults: string[] = [];
  const range = { from: begun === 0 ? 0 : 1, to: 100 };
  const counted = censusRows({ range, censuses, reach, time }, ({ fault, index }) =>
    faults.push(`${fault}@${index}`),
  );
  if (begun > 0) {
    const id = inquiryIdAt(testNow);
    counted.census(begun, { ...censusTakenExample, id, from: 0, to: begun, n: 0, root });
  }
  const standing = new Map(leaves.map((one) => [one.index, one]));
  const all = [
    ...rows,
    ...leaves.map(({ index }): Row => {
      const id = inquiryIdAt(testNow + index * minute);
      return { index, view: { kind: 'census', id } };
    }),
  ].toSorted((a, b) => a.index - b.index);
  for (const { index, view } of all) {
    counted.take(index, view);
    const own = view['kind'] === 'census' ? standing.get(index) : undefined;
    if (own === undefined) continue;
    const { from, to, n, root: said } = own;
    const id = inquiryIdAt(testNow + index * minute);
    counted.census(index, { ...censusTakenExample, id, from, to, n, root: said });
  }
  return { faults, ...counted.finish() };
};

const three = [inquiry(1), inquiry(5), inquiry(7)];

describe('rows beside a census', () => {
  it('are as many as it counts', () => {
    expect(judged(three, [census(0, 10, 3)])).toEqual({
      faults: [],
      censuses: 1,
      equal: 1,
      bounds: 0,
      bounded: [],
      uncounted: [{ from: 10, to: 100 }],
      since: testNow + minute,
      latest: testNow + 10 * minute,
    });
  });

  it('are neither fewer nor more', () => {
    expect(judged(three, [census(0, 10, 4)]).faults).toEqual(['rows-fewer-than-counted@10']);
    expect(judged(three, [census(0, 10, 2)]).faults).toEqual(['census-exceeded@10']);
  });

  it('are those of its stretch alone, whatever lies around', () => {
    const stretch = fc.integer({ min: 1, max: 40 });
    const places = fc.uniqueArray(fc.nat({ max: 90 }), { maxLength: 30 });
    fc.assert(
      fc.property(places, fc.array(stretch, { minLength: 1, maxLength: 3 }), (at, widths) => {
        const rows = at.toSorted((a, b) => a - b).map((index) => inquiry(index));
        let from = 0;
        const censuses = widths.flatMap((wide): readonly NamedCensus[] => {
          const begin = from;
          from = begin + wide;
          const many = at.filter((index) => index >= begin && index < from).length;
          // No two leaves stand at one place: then there is no census, and the next begins here.
          if (from < 95 && !at.includes(from)) return [census(begin, from, many)];
          from = begin;
          return [];
        });
        const right = judged(rows, censuses);
        expect([right.faults, right.equal]).toEqual([[], censuses.length]);
        const wrong = censuses.map((one) => ({
          ...one,
          counts: new Map([['counter counter:1', one.n + 1]]),
        }));
        expect(judged(rows, wrong, { leaves: censuses }).faults).toHaveLength(censuses.length);
      }),
    );
  });

  it('of others do not count', () => {
    expect(judged([...three, inquiry(8, 'counter:2')], [census(0, 10, 3)]).faults).toEqual([]);
  });

  it('may be fewer where another word decides too, and not more', () => {
    const reach = reachOf({ filter: { counter: 'counter:1', purpose: 'pension' } });
    const fewer = judged(three, [census(0, 10, 9)], { reach });
    expect([fewer.faults, fewer.equal, fewer.bounds]).toEqual([[], 0, 1]);
    expect(judged(three, [census(0, 10, 2)], { reach }).faults).toEqual(['census-exceeded@10']);
  });

  it('are all inquiries where no word decides', () => {
    const reach = reachOf({ filter: {} });
    const all = [...three, inquiry(8, 'counter:2')];
    expect(judged(all, [census(0, 10, 4)], { reach }).faults).toEqual([]);
    expect(judged(all, [census(0, 10, 5)], { reach }).faults).toEqual([
      'rows-fewer-than-counted@10',
    ]);
  });
});

describe('rows of a time beside a census', () => {
  const rows = [inquiry(1), inquiry(12), inquiry(15), inquiry(30)];
  const from = testNow;
  const to = testNow + 60 * minute;

  it('are as many as it counts where it lies wholly in the time', () => {
    const stretch = [census(10, 20, 3)];
    expect(judged(rows, stretch, { begun: 10, time: { from, to } }).faults).toEqual([
      'rows-fewer-than-counted@20',
    ]);
    // Nothing shows that what it counts began in the time, or ended in it.
    expect(judged(rows.slice(1), stretch, { begun: 10, time: { from } })).toMatchObject({
      bounds: 1,
    });
    expect(judged(rows, stretch, { begun: 10, time: { to: testNow + 20 * minute } })).toMatchObject(
      {
        faults: [],
        bounds: 1,
      },
    );
    expect(
      judged(rows, stretch, { begun: 10, time: { to: testNow + 21 * minute } }).faults,
    ).toHaveLength(1);
  });

  it('may be fewer by the entries that came late from outside of it', () => {
    const early = inquiry(15, 'counter:1', -30);
    const shown = [inquiry(1), inquiry(12), late(16, early), inquiry(30)];
    expect(judged(shown, [census(10, 20, 2)], { begun: 10, time: { from } })).toMatchObject({
      faults: [],
      bounds: 1,
    });
    expect(judged(shown, [census(10, 20, 3)], { begun: 10, time: { from } }).faults).toHaveLength(
      1,
    );
    // A notice at the border is of an entry before it.
    expect(judged(shown, [census(10, 16, 2)], { begun: 10, time: { from } }).faults).toEqual([]);
    expect(judged(shown, [census(16, 20, 1)], { begun: 16, time: { from } }).faults).toHaveLength(
      1,
    );
    // One from within the time leaves no room.
    const inTime = inquiry(15, 'counter:1', 2);
    const other = [inquiry(1), inquiry(12), late(16, inTime), inquiry(30)];
    expect(judged(other, [census(10, 20, 2)], { begun: 10, time: { from } }).faults).toHaveLength(
      1,
    );
  });

  it('that came late themselves show nothing of the time around them', () => {
    const early = inquiry(5, 'counter:1', 1);
    const known = [early, late(6, early), inquiry(12)];
    const begun = testNow + minute / 2;
    expect(judged(known, [census(10, 20, 2)], { begun: 10, time: { from: begun } })).toMatchObject({
      faults: [],
      bounds: 1,
    });
    expect(
      judged([early, inquiry(12)], [census(10, 20, 2)], { begun: 10, time: { from: begun } })
        .faults,
    ).toEqual(['rows-fewer-than-counted@20']);
  });
});

describe('the censuses that an export names', () => {
  it('stand in the log as it says', () => {
    const said = census(0, 10, 3);
    for (const change of [{ from: 1 }, { to: 9 }, { n: 4 }, { root: 'x'.repeat(43) }]) {
      const { faults } = judged(three, [said], { leaves: [{ ...said, ...change }] });
      expect(faults).toEqual(['census-unlisted@10', 'row-missing@10']);
    }
  });

  it('are all of its range', () => {
    const stretch = census(0, 10, 3);
    expect(judged(three, [], { leaves: [stretch] }).faults).toEqual(['census-unlisted@10']);
    expect(judged(three, [stretch], { leaves: [] }).faults).toEqual(['row-missing@10']);
  });

  it('may count the same twice, and not with a pause', () => {
    const twice = [census(0, 10, 3), { ...census(0, 10, 3), index: 11 }];
    const rest = [{ from: 10, to: 100 }];
    expect(judged(three, twice)).toMatchObject({ faults: [], equal: 2, uncounted: rest });
    const pause = [...twice, census(20, 30, 0), census(30, 40, 0)];
    expect(judged(three, pause)).toMatchObject({
      faults: ['census-missing@30'],
      uncounted: [
        { from: 10, to: 20 },
        { from: 40, to: 100 },
      ],
    });
  });

  it('are told by their leaves where they show only that there are not too many rows', () => {
    const reach = reachOf({ filter: { counter: 'counter:1', purpose: 'pension' } });
    const all = [census(0, 10, 9), census(10, 20, 2), census(20, 30, 0)];
    expect(judged(three, all, { reach })).toMatchObject({
      bounds: 2,
      bounded: [{ from: 0, to: 20 }],
    });
  });
});
