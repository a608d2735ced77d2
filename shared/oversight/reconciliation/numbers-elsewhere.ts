import { numberSet, type Range, without } from '../../audit/completeness/ranges.ts';
import { type Found, objectsOfStep } from '../../audit/index/walk.ts';
import { walkRows } from '../../audit/index/walk-rows.ts';
import type { TehranDay } from '../../persian/tehran-day.ts';
import { type Edge, type IndexReading, overIndex, reachesOfTime } from '../entries/index-edge.ts';
import { wordAt } from '../questions/rows.ts';
import type { OwnFilter } from './own-entries.ts';
import type { HandedRange } from './reconciliation.ts';

const hour = 3_600_000;

/** How far around a day its numbers are looked for: an id may have been made on the other side of midnight. */
const around = 24 * hour;

/** Milliseconds behind a day that the index must know: what came late is looked for until 26 h after. */
const settled = 27 * hour;

/** What one look may ask of the index: about two million entries, where they fill it. */
const objectsPerLook = 512;

/** Whose numbers, of which day. */
export type NumbersOf = { readonly whose: Omit<OwnFilter, 'from' | 'to'>; readonly day: TehranDay };

/** The numbers of rows, by series: of an agency those of its answers, of a counter what it signs at a station. */
const numbersIn = (found: Found, isAgency: boolean) => {
  const { seq, answer } = found.group.numbers;
  const [stationAt, byAt] = [wordAt(found, 'station'), wordAt(found, 'by')];
  const numbers = isAgency ? answer() : seq();
  return (row: number): { readonly station?: string; readonly number: number } | undefined => {
    const number = numbers[row] ?? 0;
    if (isAgency) return number === 0 ? undefined : { number };
    return byAt(row) === '' ? { station: stationAt(row), number } : undefined;
  };
};

/**
 * Those of some numbers that the log has nowhere: neither on the day, nor on the one before or after it.
 * Undefined where that cannot be told: the index does not know enough behind the day yet, or there is too
 * much to look through. Rejects with `index-unavailable` and `store-unavailable`.
 */
export const numbersNowhere = async (
  { index, shards }: IndexReading,
  { reaches, until }: Pick<Edge, 'reaches' | 'until'>,
  { whose, day }: NumbersOf,
  numbers: readonly HandedRange[],
): Promise<readonly HandedRange[] | undefined> => {
  if (numbers.length === 0) return [];
  if (until < day.until + settled) return undefined;
  const [from, to] = [day.from - around, day.until + around];
  const sought = numbers.map(({ station, ...range }) => ({ station, range, used: numberSet() }));
  const isAgency = whose.agency !== undefined;
  const take = (found: Found): void => {
    const numberAt = numbersIn(found, isAgency);
    for (const row of found.rows) {
      const one = numberAt(row);
      if (one === undefined) continue;
      for (const { station, range, used } of sought) {
        const isIn = range.first <= one.number && one.number <= range.last;
        if (isIn && station === one.station) used.add(one.number);
      }
    }
  };
  const { more } = await overIndex(async () =>
    walkRows(
      {
        segments: index,
        shards: await reachesOfTime(index, reaches, { from, to }),
        filter: { ...whose, from, to },
        mostObjects: Math.max(objectsPerLook, objectsOfStep * shards),
      },
      take,
    ),
  );
  if (more) return undefined;
  return sought.flatMap(({ station, range, used }) =>
    without(range, used.ranges()).map((left: Range) => ({
      ...(station !== undefined && { station }),
      ...left,
    })),
  );
};
