import * as z from 'zod';
import { AccessDisputed } from '#events/access-disputed.ts';
import { CensusTaken } from '#events/census-taken.ts';
import { HoldSet } from '#events/hold-set.ts';
import { LogRead } from '#events/log-read.ts';
import { StatementMade } from '#events/statement-made.ts';
import { SubjectErased } from '#events/subject-erased.ts';
import { canonicalObject } from '../../kernel/canonical-object.ts';
import { InquiryId } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';

/** Records of what was done with the log: nothing that they say is needed to judge another leaf. */
export const NotedKind = z.enum(['access', 'erase', 'hold', 'census', 'statement', 'dispute']);
export type NotedKind = z.infer<typeof NotedKind>;

type Noted<Kind extends NotedKind, Event> = {
  readonly kind: Kind;
  readonly id: InquiryId;
  readonly event: Event;
};
/** A record of what was done with the log. */
export type NotedLeaf =
  | Noted<'access', LogRead>
  | Noted<'erase', SubjectErased>
  | Noted<'hold', HoldSet>
  | Noted<'census', CensusTaken>
  | Noted<'statement', StatementMade>
  | Noted<'dispute', AccessDisputed>;

/** How many there are of each kind. */
export type NotedCounts = Readonly<Record<NotedKind, number>>;

export const noneNoted: NotedCounts = {
  access: 0,
  erase: 0,
  hold: 0,
  census: 0,
  statement: 0,
  dispute: 0,
};

export const addNoted = (one: NotedCounts, other: NotedCounts): NotedCounts => ({
  access: one.access + other.access,
  erase: one.erase + other.erase,
  hold: one.hold + other.hold,
  census: one.census + other.census,
  statement: one.statement + other.statement,
  dispute: one.dispute + other.dispute,
});

export const isNoted = (leaf: { readonly kind: string }): leaf is NotedLeaf =>
  Object.hasOwn(noneNoted, leaf.kind);

const isCanonical = (text: string): boolean => canonicalObject(text) !== undefined;

/** Members that are RFC 8785 JSON in themselves are judged too. */
const Read = LogRead.refine(({ filter }) => isCanonical(filter));
const Counted = CensusTaken.refine(({ counts }) => isCanonical(counts));

type ReadNoted =
  | { readonly leaf: NotedLeaf; readonly fault?: undefined }
  | { readonly leaf?: undefined; readonly fault: 'wrong-members' | 'wrong-id' };

const read = <Event extends { readonly id: string }>(
  schema: z.ZodType<Event>,
  json: JsonObject,
  make: (event: Event, id: InquiryId) => NotedLeaf,
): ReadNoted => {
  const event = schema.safeParse(json).data;
  if (event === undefined) return { fault: 'wrong-members' };
  const id = InquiryId.safeParse(event.id).data;
  return id === undefined ? { fault: 'wrong-id' } : { leaf: make(event, id) };
};

/** Reads a record of one of these kinds. */
export const readNoted = (kind: NotedKind, json: JsonObject): ReadNoted => {
  switch (kind) {
    case 'access':
      return read(Read, json, (event, id) => ({ kind, id, event }));
    case 'erase':
      return read(SubjectErased, json, (event, id) => ({ kind, id, event }));
    case 'hold':
      return read(HoldSet, json, (event, id) => ({ kind, id, event }));
    case 'census':
      return read(Counted, json, (event, id) => ({ kind, id, event }));
    case 'statement':
      return read(StatementMade, json, (event, id) => ({ kind, id, event }));
    case 'dispute':
      return read(AccessDisputed, json, (event, id) => ({ kind, id, event }));
  }
};
