import * as z from 'zod';
import type { SecretKey } from '../../kernel/bytes.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { InstantText, toRfc3339 } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { wholeNumber } from '../../kernel/whole-number.ts';
import type { Directory } from '../../registry/directory.ts';
import { isWithin, narrowing, scopesOf } from '../../registry/scope.ts';
import { type CursorOf, longestCursor, openCursor, sealCursor } from '../cursor.ts';
import { type Dispute, type DisputeStore, dayOf, type Ground } from './dispute-store.ts';

/** The longest stretch of time one query may cover, in milliseconds: 31 days. */
export const maxDisputeRange = 31 * 86_400_000;

const Query = z.strictObject({
  from: InstantText,
  to: InstantText,
  cursor: z.string().max(longestCursor).optional(),
  limit: wholeNumber(1, 200).default(100),
});

/** Disputes with from ≤ time at which they were raised < to, in milliseconds since 1970. */
export type DisputesQuery = z.infer<typeof Query>;

/** Parses the query parameters; `invalid-query` says which are wrong, never what they held. */
export const parseDisputesQuery = (
  parameters: Readonly<Record<string, string | undefined>>,
): DisputesQuery => {
  const parsed = Query.safeParse(parameters);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path: [name] }) => String(name ?? 'a parameter'));
    const said = `These are missing, unknown or of the wrong form: ${[...new Set(wrong)].join(', ')}.`;
    throw new Problem('invalid-query', said);
  }
  const { from, to } = parsed.data;
  if (from >= to) throw new Problem('invalid-query', 'The to must be later than from.');
  if (to - from > maxDisputeRange) throw new Problem('invalid-query', 'At most 31 days at a time.');
  return parsed.data;
};

/** What a listing asks for, without its cursor: the same for each of its pages. */
export const disputesFilter = ({ from, to, limit }: DisputesQuery): JsonObject => ({
  from: toRfc3339(from),
  to: toRfc3339(to),
  limit,
});

/** A dispute as those see it who audit; times in ISO 8601, UTC. */
export type ShownDispute = Omit<Dispute, 'leaf'> & {
  /** The id of its leaf. */
  readonly id: InquiryId;
  readonly at: string;
  /** When the inquiry was asked. */
  readonly asked: string;
  readonly ground: Ground;
};

const shown = ({ leaf, ...rest }: Dispute): ShownDispute => ({
  id: leaf,
  at: toRfc3339(timeOf(leaf)),
  asked: toRfc3339(timeOf(rest.inquiry)),
  ...rest,
});

export type DisputesPage = {
  readonly disputes: readonly ShownDispute[];
  /** How many are shown. */
  readonly n: number;
  /** Where to go on; absent at the end. A page may be short, or empty, and still have one. */
  readonly next?: string;
};

type Parts = {
  readonly disputes: Pick<DisputeStore, 'list'>;
  readonly directory: Pick<Directory, 'participant'>;
  readonly sealing: {
    readonly key: SecretKey;
    readonly random: (length: number) => Uint8Array;
  };
};

/** Disputes of a day that are read at once. */
const pageSize = 200;

/** Disputes that are looked at for one page at most, however few of them its reader may see. */
const mostLooked = 2000;

const day = 86_400_000;

/** Those of the days of a time, in the order of their leaves, behind one of them. */
const within = (disputes: Parts['disputes'], { from, to }: DisputesQuery) =>
  async function* (after: InquiryId | undefined): AsyncGenerator<Dispute, void, undefined> {
    const start = after === undefined ? from : timeOf(after);
    for (let at = Math.floor(start / day) * day; at < to; at += day) {
      let behind = after;
      for (let more = true; more; ) {
        const page = await disputes.list(dayOf(at), {
          limit: pageSize,
          ...(behind !== undefined && { after: behind }),
        });
        yield* page;
        behind = page.at(-1)?.leaf;
        more = page.length === pageSize;
      }
    }
  };

const Place = z.strictObject({ after: InquiryId });

/**
 * What persons dispute, to those who audit, and to the counters and agencies that it is about: to each
 * what lies within its scope. Throws the problem `out-of-scope` for a reader without any.
 */
export const listDisputes =
  ({ disputes, directory, sealing }: Parts) =>
  async (query: DisputesQuery, reader: string): Promise<DisputesPage> => {
    const participant = await directory.participant(reader);
    const scopes = participant === undefined ? [] : scopesOf(participant);
    narrowing(scopes, {});
    const whose: CursorOf = { reader, of: 'listDisputes', query: disputesFilter(query) };
    const { cursor, limit } = query;
    const after =
      cursor === undefined ? undefined : openCursor(sealing.key, whose, cursor, Place).after;
    const found: Dispute[] = [];
    let looked = 0;
    let last: InquiryId | undefined;
    const isMeant = (one: Dispute): boolean =>
      timeOf(one.leaf) >= query.from && timeOf(one.leaf) < query.to && isWithin(scopes, one);
    for await (const one of within(disputes, query)(after)) {
      const isFull = found.length === limit && isMeant(one);
      if (last !== undefined && (isFull || looked === mostLooked)) {
        const next = sealCursor(sealing, whose, { after: last });
        return { disputes: found.map(shown), n: found.length, next };
      }
      if (isMeant(one)) found.push(one);
      looked += 1;
      last = one.leaf;
    }
    return { disputes: found.map(shown), n: found.length };
  };
