import { InquiryId, timeOf } from '../../kernel/id.ts';
import { type EntryFilter, type EntryScope, namedIn, valuesOf, wordColumns } from './filter.ts';
import { type Span, type Summary, summaryWidth } from './summary.ts';

const all = 2n ** BigInt(summaryWidth) - 1n;

/** The segments that may hold an entry of a scope. */
const maskOfScope = (summary: Summary, scope: EntryScope): bigint => {
  const named = namedIn(scope);
  return named.reduce(
    (mask, [name, value]) => mask & (summary.column(name).having([value]) ?? all),
    named.length === 0 ? 0n : all,
  );
};

/** The segments that may hold what the words of a filter mean. */
const maskOf = (summary: Summary, filter: EntryFilter): bigint => {
  let mask = all;
  for (const name of wordColumns) {
    const wanted = valuesOf(filter[name]);
    if (wanted !== undefined) mask &= summary.column(name).having(wanted) ?? all;
  }
  const scopes = filter.within?.map((scope) => maskOfScope(summary, scope));
  return scopes === undefined ? mask : mask & scopes.reduce((either, one) => either | one, 0n);
};

const overlaps = (
  { first, last, count }: Span,
  { from = 0, to = Number.POSITIVE_INFINITY }: EntryFilter,
  ids: readonly number[] | undefined,
): boolean =>
  count > 0 &&
  last >= from &&
  first < to &&
  (ids === undefined || ids.some((time) => first <= time && time <= last));

/** The first `width` leaves of segment n of a log. */
export type Asked = { readonly n: number; readonly width: number };

/**
 * Whether a summary says that a segment cannot hold what a filter means. False for one that it does
 * not know, or of which it knows fewer leaves. Tags are not summed up here.
 */
export const skips = (summary: Summary, filter: EntryFilter): ((asked: Asked) => boolean) => {
  const left = maskOf(summary, filter);
  const ids = valuesOf<string>(filter.id)?.map((id) => timeOf(InquiryId.parse(id)));
  return ({ n, width }) => {
    const place = n - summary.m * summaryWidth;
    const span = summary.spans[place];
    if (span === undefined || span.width < width) return false;
    return ((left >> BigInt(place)) & 1n) === 0n || !overlaps(span, filter, ids);
  };
};
