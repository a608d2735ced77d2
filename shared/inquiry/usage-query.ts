import * as z from 'zod';
import { Problem } from '../kernel/problem.ts';
import { ParticipantId, ServiceRef } from '../message/claims.ts';
import { type TehranDay, tehranDayAt, tehranDayOf } from '../persian/tehran-day.ts';
import { keptDays } from './meter-store.ts';

const Query = z.strictObject({
  service: ServiceRef,
  counter: ParticipantId.startsWith('counter:').optional(),
  /** A day of the calendar in Tehran by its Gregorian date; today where it is missing. */
  day: z.iso.date().optional(),
});

export type UsageQuery = Pick<z.infer<typeof Query>, 'service' | 'counter'> & {
  readonly day: TehranDay;
  readonly today: boolean;
};

/** Parses the query parameters; `invalid-query` says which are wrong, never what they held. */
export const parseUsageQuery = (
  parameters: Readonly<Record<string, string | undefined>>,
  now: number,
): UsageQuery => {
  const parsed = Query.safeParse(parameters);
  if (!parsed.success) {
    const known = parsed.error.issues.map(({ path: [name] }) => String(name ?? 'a parameter'));
    const said = `These are missing, unknown or of the wrong form: ${[...new Set(known)].join(', ')}.`;
    throw new Problem('invalid-query', said);
  }
  const { day: date, service, counter } = parsed.data;
  const today = tehranDayOf(now);
  const day = date === undefined ? today : tehranDayAt(date);
  const isKept = day !== undefined && day.from <= now && now < day.until + keptDays * 86_400_000;
  if (!isKept) throw new Problem('invalid-query', `The day must be one of the last ${keptDays}.`);
  return {
    service,
    ...(counter !== undefined && { counter }),
    day,
    today: day.from === today.from,
  };
};
