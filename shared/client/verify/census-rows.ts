import type { CensusTaken } from '#events/census-taken.ts';
import { bucketLength, bucketOf } from '../../audit/address.ts';
import type { Reach } from '../../audit/export/filter-reach.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { censusChain, joined, leftOf, type Stretch } from './census-chain.ts';
import type { NamedCensus } from './census-records.ts';
import type { Finding } from './findings.ts';
import { rowFault } from './row-reader.ts';

/** What comparing rows with censuses came to. */
export type CensusRowCounts = {
  /** Censuses that stand in the log. */
  readonly censuses: number;
  /** Counts of theirs that the rows are as many as. */
  readonly equal: number;
  /** Counts that only show that there are not too many rows: something else decides as well. */
  readonly bounds: number;
  /** The leaves that those are of. */
  readonly bounded: readonly Stretch[];
  /** Leaves of the range of which no census counts what the rows are. */
  readonly uncounted: readonly Stretch[];
  /** When the buckets of its first row and of its latest begin, but for rows that came late. */
  readonly since: number | undefined;
  readonly latest: number | undefined;
};

/** Compares the rows of one log with what its censuses count. */
export type CensusRows = {
  /** Takes the next row. */
  readonly take: (index: number, view: JsonObject) => void;
  /** Takes the census of a row, which was taken before; it may count leaves outside of the range too. */
  readonly census: (index: number, event: CensusTaken) => void;
  readonly finish: () => CensusRowCounts;
};

/** What is known at a border of a stretch, of the rows before it and behind it. */
type Border = {
  readonly at: number;
  /** Rows before it by key, and of inquiries in all. */
  counts: readonly number[];
  /** Late entries before it that lie outside of the time that was asked for. */
  late: number;
  /** The time of the last row before it and of the first behind it, that did not come late. */
  before: number | undefined;
  behind: number | undefined;
};

export type CensusRowsOptions = {
  readonly range: Stretch;
  readonly censuses: readonly NamedCensus[];
  readonly reach: Reach;
  /** The time that was asked for, in milliseconds. */
  readonly time: { readonly from?: number | undefined; readonly to?: number | undefined };
};

type Late = { readonly index: number; readonly id: InquiryId };

/**
 * Counts the rows between the borders of censuses and compares them, in memory that grows with the
 * censuses. Where one word alone decides what has a row, there must be as many rows of each of its
 * values as are counted. Beside a time that holds only of censuses that lie in it: which they do when
 * an entry before them was not earlier and one behind them not later, but for entries that came late,
 * whose notices say their time. Where more decides, there may only not be more rows.
 */
export const censusRows = (
  { range, censuses, reach, time }: CensusRowsOptions,
  found: (finding: Finding) => void,
): CensusRows => {
  const { keys, only } = reach;
  const wanted = keys.map((key) => {
    const space = key.indexOf(' ');
    return { kind: key.slice(0, space), value: key.slice(space + 1) };
  });
  const places = [...new Set(censuses.flatMap(({ from, to }) => [from, to]))].toSorted(
    (a, b) => a - b,
  );
  const borders = places.map(
    (at): Border => ({ at, counts: [], late: 0, before: undefined, behind: undefined }),
  );
  const byIndex = new Map(borders.map((border) => [border.at, border]));
  const named = new Map(censuses.map((one) => [one.index, one]));
  const standing: NamedCensus[] = [];
  const chain = censusChain(range);
  const counts = [...keys, ''].map(() => 0);
  let late = 0;
  let passed = 0;
  let settled = 0;
  let before: number | undefined;
  let since: number | undefined;
  let latest: number | undefined;
  let pending: Late | undefined;

  /** Everything before an index is known. */
  const pass = (index: number): void => {
    for (let next = borders[passed]; next !== undefined && next.at <= index; ) {
      next.counts = [...counts];
      next.late = late;
      next.before = before;
      passed += 1;
      next = borders[passed];
    }
  };

  /** The row before did not come late. */
  const settle = (): void => {
    if (pending === undefined) return;
    const { index, id } = pending;
    pending = undefined;
    before = bucketOf(timeOf(id)) * bucketLength;
    since ??= before;
    latest = Math.max(latest ?? before, before);
    for (let next = borders[settled]; next !== undefined && next.at <= index; ) {
      next.behind = before;
      settled += 1;
      next = borders[settled];
    }
  };

  const isOutside = (id: InquiryId): boolean => {
    const { from = 0, to = Number.POSITIVE_INFINITY } = time;
    return timeOf(id) < from || timeOf(id) >= to;
  };

  const takeLate = (index: number, id: InquiryId | undefined): void => {
    if (pending?.index === index - 1 && pending.id === id) pending = undefined;
    settle();
    pass(index - 1);
    if (id !== undefined && isOutside(id)) late += 1;
    pass(index);
  };

  const isInTime = (from: Border, to: Border): boolean => {
    const begins = time.from === undefined || (from.before ?? -1) >= time.from;
    const ends =
      time.to === undefined || (to.behind ?? Number.POSITIVE_INFINITY) + bucketLength <= time.to;
    return begins && ends;
  };

  const isWhole = (place: number): boolean => {
    if (only === undefined) return false;
    return only === 'all' || wanted[place]?.kind === only.name;
  };

  /** What one count of a census says of the rows. */
  const judge = (census: NamedCensus, place: number, many: number): 'equal' | 'bound' | 'wrong' => {
    const [from, to] = [byIndex.get(census.from), byIndex.get(census.to)];
    if (from === undefined || to === undefined) return 'bound';
    const rows = (to.counts[place] ?? 0) - (from.counts[place] ?? 0);
    const of = place < keys.length ? `of ${keys[place]}` : 'in all';
    const said = `It counts ${many} ${of}, and there are ${rows} rows.`;
    if (rows > many) {
      found(rowFault('census', 'census-exceeded', census.index, said));
      return 'wrong';
    }
    if (rows === many) return 'equal';
    if (!isWhole(place) || !isInTime(from, to) || many - rows <= to.late - from.late)
      return 'bound';
    found(rowFault('census', 'rows-fewer-than-counted', census.index, said));
    return 'wrong';
  };

  return {
    take: (index, view) => {
      const id = InquiryId.safeParse(view['id']).data;
      if (id !== undefined) chain.reached(timeOf(id));
      if (view['kind'] === 'late') return takeLate(index, id);
      settle();
      pass(index);
      if (id !== undefined) pending = { index, id };
      if (view['kind'] !== 'inquiry') return;
      counts[keys.length] = (counts[keys.length] ?? 0) + 1;
      wanted.forEach(({ kind, value }, place) => {
        if (view[kind] === value) counts[place] = (counts[place] ?? 0) + 1;
      });
    },
    census: (index, event) => {
      chain.take(index, event);
      if (event.from < range.from) return;
      const census = named.get(index);
      const isNamed =
        census !== undefined &&
        census.from === event.from &&
        census.to === event.to &&
        census.n === event.n &&
        census.root === event.root;
      if (isNamed) {
        standing.push(census);
        named.delete(index);
        return;
      }
      const detail = 'The export does not say of this census what it counts.';
      found(rowFault('census', 'census-unlisted', index, detail));
    },
    finish: () => {
      settle();
      pass(Number.POSITIVE_INFINITY);
      for (const { index } of named.values()) {
        found(rowFault('tree', 'row-missing', index, 'The row of a census is missing.'));
      }
      chain.finish(found);
      const verdicts = standing.flatMap((census) => {
        const all = keys.flatMap((key, place) => {
          const many = census.counts.get(key);
          return many === undefined ? [] : [{ census, verdict: judge(census, place, many) }];
        });
        if (only !== 'all') return all;
        return [...all, { census, verdict: judge(census, keys.length, census.n) }];
      });
      const bounds = verdicts.filter(({ verdict }) => verdict === 'bound');
      return {
        censuses: standing.length,
        equal: verdicts.filter(({ verdict }) => verdict === 'equal').length,
        bounds: bounds.length,
        bounded: joined(bounds.map(({ census: { from, to } }) => ({ from, to }))),
        // One that counts no word of the filter shows nothing of its rows.
        uncounted: leftOf(
          range,
          verdicts.map(({ census }) => census),
        ),
        since,
        latest,
      };
    },
  };
};
