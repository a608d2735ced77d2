import * as z from 'zod';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { Code, Digest } from '../../message/claims.ts';
import { type TehranDay, tehranDayAt } from '../../persian/tehran-day.ts';
import { rangeShape } from '../entries/entry-query.ts';
import { parseBody } from '../parse-body.ts';

/** What one call may hand in. */
export const mostRecords = 1000;
export const mostRanges = 64;

const Numbers = z
  .strictObject({
    /** Of a counter: its sequence numbers are those of a station. */
    station: Code.exactOptional(),
    first: z.int().min(1),
    last: z.int().min(1),
  })
  .refine(({ first, last }) => first <= last, { path: ['last'] });

const Body = z
  .strictObject({
    /** In Tehran, by its Gregorian date. */
    day: z.iso.date(),
    /** A part of the day: from ≤ time inside the id < to. */
    from: rangeShape.from.exactOptional(),
    to: rangeShape.to.exactOptional(),
    records: z
      .array(z.strictObject({ id: InquiryId, leaf: Digest.exactOptional() }))
      .max(mostRecords)
      .exactOptional(),
    ranges: z.array(Numbers).max(mostRanges).exactOptional(),
  })
  .refine(({ records, ranges }) => records !== undefined || ranges !== undefined, {
    path: ['records'],
  });

/** Sequence numbers that were used, from the first to the last. */
export type HandedRange = Readonly<z.infer<typeof Numbers>>;
/** An inquiry that is known, and the leaf hash that its receipt promised. */
export type HandedRecord = { readonly id: InquiryId; readonly leaf?: string };

/** What somebody has of its own, to be held against the log: of a day, or a part of it. */
export type Reconciliation = {
  readonly day: string;
  readonly from: number;
  readonly to: number;
  readonly records: readonly HandedRecord[];
  readonly ranges: readonly HandedRange[];
};

const wrong = (pointer: string, detail: string): Problem =>
  new Problem('invalid-body', `This cannot be reconciled: ${pointer.slice(1)}.`, {
    errors: [{ pointer, detail }],
  });

const partOf = (
  day: TehranDay,
  { from = day.from, to = day.until }: { readonly from?: number; readonly to?: number },
): { readonly from: number; readonly to: number } => {
  if (from < day.from) throw wrong('/from', 'must be within the day');
  if (to > day.until) throw wrong('/to', 'must be within the day');
  if (from >= to) throw wrong('/to', 'must be later than from');
  return { from, to };
};

/** Agencies number their answers; all others what they ask, at each station. */
const checkStations = (ranges: readonly HandedRange[], isAgency: boolean): void => {
  const place = ranges.findIndex(({ station }) => (station === undefined) !== isAgency);
  if (place < 0) return;
  const detail = isAgency ? 'must be absent: answers have none' : 'is the station of the numbers';
  throw wrong(`/ranges/${place}/station`, detail);
};

/** Parses what was posted; `invalid-body` says what is missing or wrong, never what it held. */
export const parseReconciliation = (
  json: JsonObject,
  { isAgency, now }: { readonly isAgency: boolean; readonly now: number },
): Reconciliation => {
  const { records = [], ranges = [], ...rest } = parseBody(Body, json);
  const day = tehranDayAt(rest.day);
  if (day === undefined || day.from > now) {
    throw wrong('/day', 'must be a day that has begun in Tehran');
  }
  const part = partOf(day, rest);
  checkStations(ranges, isAgency);
  const stray = records.findIndex(({ id }) => timeOf(id) < part.from || timeOf(id) >= part.to);
  if (stray >= 0) throw wrong(`/records/${stray}/id`, 'must be of the day, and of the part of it');
  const ids = new Set(records.map(({ id }) => id));
  if (ids.size < records.length) throw wrong('/records', 'must name each inquiry once');
  return { day: day.date, ...part, records, ranges };
};
