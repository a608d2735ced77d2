import * as z from 'zod';
import { within } from '../audit/completeness/ranges.ts';
import { InquiryId, timeOf } from '../kernel/id.ts';
import { toRfc3339 } from '../kernel/instant-text.ts';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import { tehranDayAt } from '../persian/tehran-day.ts';
import { targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** What somebody has of its own of a day. */
export type OwnRecords = {
  /** Inquiries, each with the leaf hash of its receipt where that is kept. */
  readonly records?: readonly { readonly id: string; readonly leaf?: string }[];
  /** Sequence numbers: of a counter at a station, of an agency those of its answers. */
  readonly ranges?: readonly {
    readonly station?: string;
    readonly first: number;
    readonly last: number;
  }[];
};

const Numbers = z.looseObject({
  station: z.string().optional(),
  first: z.int(),
  last: z.int(),
});
const Ours = z.looseObject({
  id: z.string(),
  station: z.string(),
  seq: z.int(),
  answer: z.int().optional(),
  outcome: z.string(),
  leaf: z.looseObject({ shard: z.int(), index: z.int() }),
});
const Part = z.looseObject({
  /** ISO 8601, UTC. */
  until: z.iso.datetime(),
  agreed: z.int(),
  yours: z.array(z.union([z.looseObject({ id: z.string() }), Numbers])),
  unjudged: z.array(Numbers),
  ours: z.array(Ours),
  differs: z.array(z.string()),
  pending: z.array(z.string()),
});
type Part = z.infer<typeof Part>;
type Missing = z.infer<typeof Numbers>;

/** What one side has and the other has not. */
export type DayReconciled = {
  /** Whether all of the day is compared; else what was asked from `until` on is not. */
  readonly complete: boolean;
  readonly until: string;
  readonly agreed: number;
  /** Handed in, and not in the log; numbers only where the exchange can tell of the whole day. */
  readonly yours: { readonly ids: readonly string[]; readonly numbers: readonly Missing[] };
  /** Numbers that were handed in and of which it cannot be told yet whether the log has them. */
  readonly unjudged: readonly Missing[];
  /** In the log, and not handed in. */
  readonly ours: readonly z.infer<typeof Ours>[];
  /** In the log under another leaf hash than its receipt promised. */
  readonly differs: readonly string[];
  /** Durable in the journal, and not in the log. */
  readonly pending: readonly string[];
};

/** Ranges of numbers that a day is held against: each call has all of them. */
export const mostRanges = 64;

/** Records that one call hands in: with their leaves they fit in what a message may hold. */
const recordsAtOnce = 400;

type Timed = { readonly id: string; readonly leaf?: string; readonly t: number };

/** Records of one call, all of their times; up to which time they are all. */
const nextOf = (rest: readonly Timed[], end: number): { taken: readonly Timed[]; to: number } => {
  const after = rest[recordsAtOnce];
  if (after === undefined) return { taken: rest, to: end };
  const before = rest.filter(({ t }) => t < after.t);
  if (before.length > 0) return { taken: before, to: after.t };
  const later = rest.find(({ t }) => t > after.t);
  return { taken: rest.filter(({ t }) => t === after.t), to: later?.t ?? end };
};

/** Numbers are missing where they are missing in each part of the day. */
const missingInBoth = (
  before: readonly Missing[] | undefined,
  now: readonly Missing[],
): readonly Missing[] => {
  if (before === undefined) return now;
  return before.flatMap((one) => {
    const same = now.filter(({ station }) => station === one.station);
    return within(one, same).map((range) => ({ ...one, ...range }));
  });
};

const isNumbers = (one: Part['yours'][number]): one is Missing => 'first' in one;

/**
 * Holds what somebody has of a day against the log, in as many calls as it takes. Throws `UntrustedReply`
 * for a body of another shape, and a RangeError for what is no day or no inquiry of it, and for more than
 * {@link mostRanges} ranges.
 */
export const reconcileDay = async (
  post: (target: string, question: JsonObject) => Promise<JsonValue>,
  date: string,
  { records = [], ranges = [] }: OwnRecords,
): Promise<DayReconciled> => {
  const day = tehranDayAt(date);
  if (day === undefined) throw new RangeError('There is no such day.');
  if (ranges.length > mostRanges) throw new RangeError(`There are more than ${mostRanges} ranges.`);
  const timed = records.map((record): Timed => {
    const { success, data: id } = InquiryId.safeParse(record.id);
    if (!success) throw new RangeError('A record names no inquiry.');
    const t = timeOf(id);
    if (t < day.from || t >= day.until) throw new RangeError('A record is of another day.');
    return { ...record, t };
  });
  let rest: readonly Timed[] = timed.toSorted((a, b) => a.t - b.t);
  const parts: Part[] = [];
  let missing: readonly Missing[] | undefined;
  let from = day.from;
  while (from < day.until) {
    const { taken, to } = nextOf(rest, day.until);
    const question = {
      day: date,
      from: toRfc3339(from),
      to: toRfc3339(to),
      records: taken.map(({ t: _, ...record }) => record),
      ranges: ranges.map((range) => ({ ...range })),
    };
    const parsed = Part.safeParse(await post(targetOf('reconcile', {}), question));
    if (!parsed.success) throw new UntrustedReply('shape', 'This is no reconciliation.');
    const until = Date.parse(parsed.data.until);
    if (until <= from) break;
    if (until > to) throw new UntrustedReply('shape', 'More was compared than was asked for.');
    parts.push(parsed.data);
    const { yours, unjudged } = parsed.data;
    missing = missingInBoth(missing, [...yours.filter(isNumbers), ...unjudged]);
    rest = rest.filter(({ t }) => t >= until);
    from = until;
  }
  // The last part is of the end of the day: it tells what the log has nowhere.
  const complete = from >= day.until;
  const isJudged = complete && parts.at(-1)?.unjudged.length === 0;
  return {
    complete,
    until: toRfc3339(from),
    agreed: parts.reduce((sum, { agreed }) => sum + agreed, 0),
    yours: {
      ids: parts.flatMap(({ yours }) => yours.flatMap((one) => (isNumbers(one) ? [] : [one.id]))),
      numbers: isJudged ? (missing ?? []) : [],
    },
    unjudged: isJudged ? [] : (missing ?? []),
    ours: parts.flatMap(({ ours }) => ours),
    differs: parts.flatMap(({ differs }) => differs),
    pending: parts.flatMap(({ pending }) => pending),
  };
};
