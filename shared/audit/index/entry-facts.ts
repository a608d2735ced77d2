import * as z from 'zod';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { fromBase64Url } from '../../kernel/bytes.ts';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import { type JsonValue, parseStrictJson } from '../../kernel/strict-json.ts';

/** Where an entry stands: its log, and its leaf index there. */
export type Place = { readonly shard: number; readonly index: number };

/**
 * What the index knows of one inquiry in the log. `t` in milliseconds since 1970, `ms` how long the
 * answer took; `by` whoever signed in the counter's place. Tags are base64url of 12 bytes: keyed
 * pseudonyms. Province, tags and `hasCase` are not in the leaf; absent means not known.
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

const Asked = InquiryAsked.extend({
  id: InquiryId,
  t: z.int().min(0).max(latestTime),
  dec: InquiryAsked.shape.dec.extend({ rule: Word }),
});

const Answered = InquiryAnswered.extend({ ms: z.int().min(0) });

const newline = 0x0a;

const unreadable = (what: string, cause?: unknown): LeafUnreadable =>
  new LeafUnreadable(`The ${what} of an inquiry in the log cannot be read.`, { cause });

const read = <Said>(what: string, schema: z.ZodType<Said>, bytes: Uint8Array | undefined): Said => {
  if (bytes === undefined) throw unreadable(what);
  let json: JsonValue;
  try {
    json = parseStrictJson(bytes);
  } catch (cause) {
    if (cause instanceof Problem) throw unreadable(what, cause);
    throw cause;
  }
  const { success, data } = schema.safeParse(json);
  if (!success) throw unreadable(what);
  return data;
};

/**
 * What a leaf of the log says of an inquiry; undefined for a record, which is one line. Nothing is
 * verified. Throws {@link LeafUnreadable} for every other text.
 */
export const factsOfLeaf = (data: Uint8Array, place: Place): EntryFacts | undefined => {
  const first = data.indexOf(newline);
  if (first < 1 || data.at(-1) !== newline) throw unreadable('lines');
  if (first === data.length - 1) return undefined;
  const { id, t, dec, req } = read('intent', Asked, data.subarray(0, first));
  const answered = read('outcome', Answered, data.subarray(first + 1, -1));
  if (answered.id !== id) throw unreadable('id');
  const { iss, inq } = read('request', Claims, fromBase64Url(req.split('.', 2)[1] ?? ''));
  const { seq, service, purpose, basis, station, presence, for: counter = iss } = inq;
  return {
    shard: place.shard,
    index: place.index,
    id,
    t,
    counter,
    ...(counter !== iss && { by: iss }),
    agency: `agency:${service.split('/', 1)[0] ?? ''}`,
    service,
    purpose,
    basis,
    station,
    presence,
    seq,
    effect: dec.effect,
    rule: dec.rule,
    outcome: answered.out,
    ms: answered.ms,
  };
};
