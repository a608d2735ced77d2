import * as z from 'zod';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { agencyOf, readInquiry } from '../read-inquiry.ts';

/** Where an entry stands: its log, and its leaf index there. */
export type Place = { readonly shard: number; readonly index: number };

/**
 * What the index knows of one inquiry in the log. `t` is the time inside its id, in milliseconds since
 * 1970: what the order of a log goes by. `ms` is how long the answer took; `by` whoever signed in the
 * counter's place; `answer` the agency's own sequence number, where it answered. Tags are base64url of
 * 12 bytes: keyed pseudonyms. Province, tags and `hasCase` are not in the leaf; absent means not known.
 */
export type EntryFacts = Place & {
  readonly id: string;
  readonly t: number;
  readonly counter: string;
  readonly by?: string;
  readonly agency: string;
  readonly service: string;
  readonly purpose: string;
  readonly basis: string;
  readonly station: string;
  readonly presence: string;
  readonly seq: number;
  readonly effect: string;
  readonly rule: string;
  readonly outcome: string;
  readonly ms: number;
  readonly answer?: number;
  readonly province?: string;
  readonly subjectTag?: string;
  readonly operatorTag?: string;
  readonly hasCase?: boolean;
};

/** An entry that says it is an inquiry and is none: nothing is skipped silently. */
export class LeafUnreadable extends Error {
  override readonly name = 'LeafUnreadable';
}

/** Times that a UUIDv7 can hold (RFC 9562 §5.7): 48 bits. */
export const latestTime = 2 ** 48 - 1;

/** A word of the clear part: it was judged before it was written, here only that it fits a column. */
const Word = z.string().regex(/^[\x21-\x7e]{1,128}$/);

/** What the request says in the clear; the same members as the view of an export shows. */
const Claims = z.looseObject({
  iss: Word,
  inq: z.looseObject({
    seq: z.int().min(0),
    service: Word,
    purpose: Word,
    basis: Word,
    station: Word,
    presence: Word,
    for: Word.optional(),
  }),
});

const unreadable = (what: string): LeafUnreadable =>
  new LeafUnreadable(`The ${what} of an inquiry in the log cannot be read.`);

/**
 * What a leaf of the log says of an inquiry; undefined for a record, which is one line. Nothing is
 * verified. Throws {@link LeafUnreadable} for every other text.
 */
export const factsOfLeaf = (data: Uint8Array, place: Place): EntryFacts | undefined => {
  const read = readInquiry(data, Claims);
  if (read === undefined) return undefined;
  if ('unread' in read) throw unreadable(read.unread);
  const { asked, answered, claims, answer } = read;
  const id = InquiryId.safeParse(asked.id).data;
  const rule = Word.safeParse(asked.dec.rule).data;
  if (id === undefined || rule === undefined) throw unreadable('intent');
  if (answered.id !== id || answered.ms < 0) throw unreadable('outcome');
  const { seq, service, purpose, basis, station, presence, for: counter = claims.iss } = claims.inq;
  return {
    shard: place.shard,
    index: place.index,
    id,
    t: timeOf(id),
    counter,
    ...(counter !== claims.iss && { by: claims.iss }),
    agency: agencyOf(service),
    service,
    purpose,
    basis,
    station,
    presence,
    seq,
    effect: asked.dec.effect,
    rule,
    outcome: answered.out,
    ms: answered.ms,
    ...(answer !== undefined && { answer: answer.seq }),
  };
};
