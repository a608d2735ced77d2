import * as z from 'zod';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { Names } from '../../registry/cached-names.ts';
import { longestDelay } from '../../registry/confidential-bases.ts';
import { type CursorOf, openCursor, sealCursor } from '../cursor.ts';
import type { SubjectRow } from '../feeding/subject-index.ts';
import type { TaggedSubject } from '../tags.ts';
import type { Coverage } from './coverage.ts';
import type { DisputeStore } from './dispute-store.ts';
import { delayIn, isHidden, type OwnInquiries, readSaid } from './own-inquiries.ts';
import type { AccessesQuery } from './own-query.ts';
import { isBehind, type RowPlace, rowsAbout } from './own-rows.ts';
import { personName } from './person-name.ts';
import { coverageWords } from './plain-words.ts';
import type { InquiryAbout } from './said-in-leaf.ts';
import { type ShownAccess, showAccess, type Tongue } from './shown-access.ts';

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
  /** Which time the whole of it is of, and what may be missing; absent before there is any. */
  readonly coverage?: { readonly from: string; readonly to: string; readonly says: string };
  /** Where to go on; absent at the end. A page may be short, or empty, and still have one. */
  readonly next?: string;
};

/** Rows that one page is made of at most: what is hidden costs reading too. */
const mostRows = 150;

const Place = z.strictObject({ t: z.int(), shard: z.int(), index: z.int() });

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Whose cursor it is: that of a person, by a pseudonym that is nowhere else. */
const cursorOf = (tagKey: SecretKey, person: TaggedSubject): CursorOf => ({
  reader: personName(tagKey, 'cursor', person),
  of: 'readOwnAccesses',
  query: {},
});

type Walked = {
  readonly shown: readonly InquiryAbout[];
  /** The last row that was looked at, where there are more. */
  readonly stopped: RowPlace | undefined;
};

/** As many inquiries that may be known as are wanted, newest first, behind a place. */
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
  const shown: InquiryAbout[] = [];
  let read = 0;
  let last: SubjectRow | undefined;
  for await (const page of rowsAbout(own)(person, { from, before })) {
    let left = place === undefined ? page : page.filter((row) => isBehind(row, place));
    while (left.length > 0) {
      if (shown.length === limit || read >= mostRows) return { shown, stopped: last };
      const part = left.slice(0, limit - shown.length);
      const said = await readSaid(own)(part);
      shown.push(...said.filter((one) => !isHidden(own, one)));
      read += part.length;
      last = part.at(-1);
      left = left.slice(part.length);
    }
  }
  return { shown, stopped: undefined };
};

const coverageShown = (
  { from, to }: Coverage,
  { bases }: OwnInquiries,
  tongue: Tongue,
): Pick<AccessPage, 'coverage'> => {
  if (from > to) return {};
  const says = longestDelay(bases) > 0 ? (['whole', 'delayed'] as const) : (['whole'] as const);
  const words = says.map((one) => coverageWords[one][tongue]).join(' ');
  return { coverage: { from: iso(from), to: iso(to), says: words } };
};

/**
 * Who looked at a person's data: the inquiries that were about it, newest first, and which time that is
 * the whole of (`GET /v1/subjects/me/accesses`). What it is not to know yet is not among them, nor does
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
    const { shown, stopped } = await walk(own, person, { from: covered.begins, place, limit });
    const marks = await disputes.findAll(shown.map(({ id }) => id));
    const disputed = new Map(marks.map((mark) => [mark.inquiry, mark]));
    const show = showAccess(names, tongue);
    const accesses = await Promise.all(
      shown.map((said) =>
        show(said, {
          dispute: disputed.get(said.id),
          delayed: delayIn(own.bases, said)?.class,
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
