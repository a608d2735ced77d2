import * as z from 'zod';
import type { ObjectStore } from '../../audit/ports.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { type TehranDay, tehranDayAt, tehranDayOf } from '../../persian/tehran-day.ts';

/** Where the statistics of a day are in the store of what can be made again. */
export const dayKeyOf = (day: string): string => `open-data/${day}`;

/** Where it is told which days there are: all from the first to the last. */
const daysKey = 'open-data/days';

const PublishedDays = z.strictObject({ first: z.iso.date(), last: z.iso.date() });
export type PublishedDays = z.infer<typeof PublishedDays>;

type Standing = { readonly bytes: Uint8Array; readonly days: PublishedDays } | undefined;

const bytesOf = (days: PublishedDays): Uint8Array => utf8(canonicalJson(days));

/** What is told; rejects with `store-unavailable`. */
export const readPublished = async (objects: Pick<ObjectStore, 'get'>): Promise<Standing> => {
  const bytes = await objects.get(daysKey);
  if (bytes === undefined) return undefined;
  const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return { bytes, days: PublishedDays.parse(json) };
};

/** Tells of one day more, durably once it resolves; nothing where another has told it meanwhile. */
export const tellDay = async (
  objects: Pick<ObjectStore, 'replace'>,
  standing: Standing,
  day: string,
): Promise<void> => {
  const next = { first: standing?.days.first ?? day, last: day };
  await objects.replace(daysKey, standing?.bytes, bytesOf(next));
};

/** The day after another in Tehran. */
export const dayAfter = ({ until }: TehranDay): TehranDay => tehranDayOf(until);

/** Every day from the first to the last, the newest first. */
export const daysFrom = ({ first, last }: PublishedDays): readonly string[] => {
  const days: string[] = [];
  let day = tehranDayAt(first);
  for (; day !== undefined && day.date <= last; day = dayAfter(day)) days.unshift(day.date);
  return days;
};
