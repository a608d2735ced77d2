import * as z from 'zod';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { InquiryId } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { Names } from '../../registry/cached-names.ts';
import { longestDelay } from '../../registry/confidential-bases.ts';
import { type CursorOf, openCursor, sealCursor } from '../cursor.ts';
import type { TaggedSubject } from '../tags.ts';
import type { Coverage } from './coverage.ts';
import type { DisputeStore } from './dispute-store.ts';
import { delayIn, type OwnInquiries } from './own-inquiries.ts';
import type { AccessesQuery } from './own-query.ts';
import type { RowPlace } from './own-rows.ts';
import { personName } from './person-name.ts';
import { coverageWords } from './plain-words.ts';
import type { InquiryAbout } from './said-in-leaf.ts';
import { type ShownAccess, showAccess, type Tongue } from './shown-access.ts';
import { saidOf, type VisibleRow, visibleRows } from './visible-rows.ts';

/** What persons read their own inquiries from. */
export type AccessReading = {
  readonly own: OwnInquiries;
  readonly names: Names;
  readonly disputes: Pick<DisputeStore, 'findAll'>;
  readonly coverage: () => Promise<Coverage | undefined>;
  readonly sealing: {
    readonly key: SecretKey;
    readonly random: (length: number) => Uint8Array;
  };
};

export type AccessPage = {
  readonly accesses: readonly ShownAccess[];
  /** Which time it is of, and what may be missing; absent before there is any. */
  readonly coverage?: { readonly from: string; readonly to: string; readonly says: string };
  /** Where to go on; absent where there is no more to know. */
  readonly next?: string;
};

/**
 * Leaves that are read for one page at most. Only where some two thousand hidden ones follow one another
 * is a page shorter than it would be without them.
 */
const mostLooked = 2000;

const Place = z.strictObject({ t: z.int(), shard: z.int(), index: z.int() });

/** Whose cursor it is: that of a person, by a pseudonym that is nowhere else. */
const cursorOf = (tagKey: SecretKey, person: TaggedSubject): CursorOf => ({
  reader: personName(tagKey, 'cursor', person),
  of: 'readOwnAccesses',
  query: {},
});

type Walked = {
  readonly shown: readonly InquiryAbout[];
  /** Those of them that were about another. */
  readonly named: ReadonlySet<InquiryId>;
  /** Behind which place to go on, where there is more. */
  readonly stopped: RowPlace | undefined;
};

/**
 * As many inquiries that may be known as are wanted, newest first, behind a place. There is more only
 * where one more may be known: the place is that of the last one that is shown, whatever is hidden.
 */
const walk = async (
  own: OwnInquiries,
  person: TaggedSubject,
  {
    from,
    place,
    limit,
  }: { readonly from: number; readonly place: RowPlace | undefined; readonly limit: number },
): Promise<Walked> => {
  const before = place === undefined ? own.now() + 1 : place.t + 1;
  const told = async (rows: readonly VisibleRow[]): Promise<Pick<Walked, 'named' | 'shown'>> => ({
    shown: await saidOf(own)(rows),
    named: new Set(rows.flatMap(({ row }) => (row.named ? [row.id] : []))),
  });
  const found: VisibleRow[] = [];
  let read = 0;
  const parts = visibleRows(own)(person, { from, before, place, atOnce: limit + 1 });
  for await (const { visible, looked, last } of parts) {
    found.push(...visible);
    read += looked;
    const shown = found.slice(0, limit);
    if (found.length > limit) {
      return { ...(await told(shown)), stopped: shown.at(-1)?.row };
    }
    if (read >= mostLooked) return { ...(await told(shown)), stopped: last };
  }
  return { ...(await told(found)), stopped: undefined };
};

const coverageShown = (
  { from, to }: Coverage,
  { bases }: OwnInquiries,
  tongue: Tongue,
): Pick<AccessPage, 'coverage'> => {
  if (from > to) return {};
  const says = longestDelay(bases) > 0 ? (['known', 'delayed'] as const) : (['known'] as const);
  const words = says.map((one) => coverageWords[one][tongue]).join(' ');
  return { coverage: { from: toRfc3339(from), to: toRfc3339(to), says: words } };
};

/**
 * Who looked at a person's data: the inquiries that were about it or named it, newest first, and which time they
 * are of (`GET /v1/subjects/me/accesses`). What it is not to know yet is not among them, nor does
 * a cursor tell of it. Rejects with `invalid-query` for a cursor of another person.
 */
export const readAccesses =
  (reading: AccessReading) =>
  async (person: TaggedSubject, query: AccessesQuery, tongue: Tongue): Promise<AccessPage> => {
    const { own, names, disputes, coverage, sealing } = reading;
    const whose = cursorOf(own.tagKey, person);
    const { cursor, limit } = query;
    const place = cursor === undefined ? undefined : openCursor(sealing.key, whose, cursor, Place);
    const covered = await coverage();
    if (covered === undefined) return { accesses: [] };
    const { shown, named, stopped } = await walk(own, person, {
      from: covered.begins,
      place,
      limit,
    });
    const marks = await disputes.findAll(shown.map(({ id }) => id));
    // What others say against it is theirs.
    const ownMarks = marks.filter((mark) => (mark.named === true) === named.has(mark.inquiry));
    const disputed = new Map(ownMarks.map((mark) => [mark.inquiry, mark]));
    const show = showAccess(names, tongue);
    const accesses = await Promise.all(
      shown.map((said) =>
        show(said, {
          dispute: disputed.get(said.id),
          delayed: delayIn(own.bases, said)?.class,
          role: named.has(said.id) ? 'named' : 'subject',
        }),
      ),
    );
    return {
      accesses,
      ...coverageShown(covered, own, tongue),
      ...(stopped !== undefined && {
        next: sealCursor(sealing, whose, {
          t: stopped.t,
          shard: stopped.shard,
          index: stopped.index,
        }),
      }),
    };
  };
