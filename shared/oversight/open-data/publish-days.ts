import { findEntries } from '../../audit/index/query.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type TehranDay, tehranDayAt, tehranDayOf } from '../../persian/tehran-day.ts';
import { type Edge, type IndexReading, overIndex, readEdge } from '../entries/index-edge.ts';
import { countDay } from './day-counts.ts';
import { dayBytes, dayDocument } from './day-document.ts';
import { dayAfter, dayKeyOf, readPublished, tellDay } from './published-days.ts';

const hour = 3_600_000;

/** Milliseconds after its end before which nothing is told of a day: nobody is watched as it happens. */
export const publicationDelay = 48 * hour;

/** Milliseconds behind a day that the index must know: what came late is looked for until 26 h after. */
const settled = 27 * hour;

/** Days that one call publishes at most. */
const mostDays = 31;

export type PublishingParts = IndexReading & {
  readonly objects: Pick<ObjectStore, 'get' | 'putIfAbsent' | 'replace'>;
  readonly now: Clock;
};

/** The day of the first inquiry; undefined before there is one. */
const firstDay = async (
  { index: segments }: PublishingParts,
  shards: Edge['reaches'],
): Promise<TehranDay | undefined> => {
  const mostObjects = 256 * Math.max(1, shards.length);
  const query = { segments, shards, filter: {}, order: 'oldest', limit: 1, mostObjects } as const;
  const { entries } = await findEntries(query);
  return entries[0] === undefined ? undefined : tehranDayOf(entries[0].t);
};

/**
 * Publishes the days whose time has come, oldest first and without a gap: counts each in the index, keeps
 * it for good, and tells of it then. What was broken off is done again: the same counts are the same
 * bytes, and those that stand stay. Resolves to the days. Rejects with `index-unavailable` and
 * `store-unavailable`: some may have been published.
 */
export const publishDays = async (parts: PublishingParts): Promise<readonly string[]> => {
  const { index, objects, now } = parts;
  const { until, reaches } = await readEdge(parts);
  const isDue = (day: TehranDay): boolean =>
    day.until + publicationDelay <= now() && day.until + settled <= until;
  const done: string[] = [];
  while (done.length < mostDays) {
    const standing = await readPublished(objects);
    const last = standing === undefined ? undefined : tehranDayAt(standing.days.last);
    const day =
      last === undefined ? await overIndex(() => firstDay(parts, reaches)) : dayAfter(last);
    if (day === undefined || !isDue(day)) break;
    const counts = await overIndex(() => countDay(index, reaches, day));
    const bytes = dayBytes(dayDocument(day.date, counts));
    await objects.putIfAbsent(dayKeyOf(day.date), bytes);
    await tellDay(objects, standing, day.date);
    done.push(day.date);
  }
  return done;
};
