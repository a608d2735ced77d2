import { invalid } from './refusals.ts';

const day = 86_400_000;

/** The longest that a grant or a delegation lasts: five years with all their leap days. */
export const fiveYears = 1827 * day;
/** How long a revoked grant stays behind its end, where its place is needed. */
export const year = 366 * day;

/** Milliseconds since 1970; `until` is exclusive. */
export type Period = { readonly from: number; readonly until: number };

/** What is wrong with a period that begins or goes on at `now`; undefined when nothing is. */
export const periodFault = ({ from, until }: Period, now: number): string | undefined => {
  if (until <= from) return 'must be later than from';
  if (until <= now) return 'must lie in the future';
  if (until - from > fiveYears) return 'must be at most five years after from';
  return from - now > fiveYears ? 'must not begin later than in five years' : undefined;
};

export const checkPeriod = (period: Period, now: number): void => {
  const fault = periodFault(period, now);
  if (fault !== undefined) throw invalid('/until', fault);
};

export const overlap = (one: Period, other: Period): boolean =>
  one.from < other.until && other.from < one.until;
