import type { ObjectStore } from '../../audit/ports.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { Problem } from '../../kernel/problem.ts';
import { DayDocument, dayCsv, floor } from './day-document.ts';
import { publicationDelay } from './publish-days.ts';
import { dayKeyOf, daysFrom, readPublished } from './published-days.ts';

type Objects = Pick<ObjectStore, 'get'>;

/** A file of the statistics. */
export type OpenDataFile = {
  readonly type: 'application/json' | 'text/csv; charset=utf-8';
  readonly bytes: Uint8Array;
  /** A Cache-Control field (RFC 9111 §5.2.2). */
  readonly caching: string;
};

/** Which days there are, newest first, and how they are told. */
export const readOpenDataDays = async (objects: Objects): Promise<OpenDataFile> => {
  const published = await readPublished(objects);
  const json = {
    floor,
    timeZone: 'Asia/Tehran',
    /** Hours after its end in which nothing is told of a day. */
    delay: publicationDelay / 3_600_000,
    days: published === undefined ? [] : daysFrom(published.days),
  };
  return {
    type: 'application/json',
    bytes: utf8(canonicalJson(json)),
    caching: 'public, max-age=60',
  };
};

const named = /^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?<csv>\.csv)?$/;

/**
 * The statistics of a day (`2026-11-22`), or the same as a table (`2026-11-22.csv`); `not-found` for every
 * other name, and for a day that is not published.
 */
export const readOpenDataDay = async (objects: Objects, name: string): Promise<OpenDataFile> => {
  const { day, csv } = named.exec(name)?.groups ?? {};
  const published = day === undefined ? undefined : await readPublished(objects);
  const isTold =
    day !== undefined &&
    published !== undefined &&
    published.days.first <= day &&
    day <= published.days.last;
  const bytes = isTold ? await objects.get(dayKeyOf(day)) : undefined;
  if (bytes === undefined) throw new Problem('not-found', 'There are no statistics of this day.');
  const caching = 'public, max-age=31536000, immutable';
  if (csv === undefined) return { type: 'application/json', bytes, caching };
  const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  const table = utf8(dayCsv(DayDocument.parse(json)));
  return { type: 'text/csv; charset=utf-8', bytes: table, caching };
};
