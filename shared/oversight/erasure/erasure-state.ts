import * as z from 'zod';
import { OrderNumber } from '#events/names.ts';
import { InquiryId } from '../../kernel/id.ts';
import { ParticipantId } from '../../message/claims.ts';
import { Subject } from '../../persian/subject.ts';
import type { Job } from '../job-store.ts';
import { taggedSubject } from '../tags.ts';
import { endOfIds } from './asked-before.ts';
import { Claim } from './claim.ts';
import { LeafMark } from './leaf-once.ts';
import { keyedDigest, openJson, type Sealing, sealJson } from './sealed-json.ts';

const Row = z.strictObject({
  tag: z.string(),
  t: z.int(),
  shard: z.int(),
  index: z.int(),
  id: InquiryId,
  /** Whether its facts were known when it was claimed first: it counts. */
  fresh: z.boolean(),
  /** The pseudonyms of others whose rows lead to it as well: when it is erased nobody can tell them. */
  others: z.array(z.string()).readonly().default([]),
  /** Nothing but this row is to go: whether the inquiry names whom it is of can nobody know any more. */
  alone: z.boolean().default(false),
});

/** Whom an erasure is about, how far it is, and what it is at: sealed, for it ties inquiries together. */
const Sealed = z.strictObject({
  subject: Subject,
  /** The year whose pseudonym is looked at, and the time before which its next rows are. */
  at: z.strictObject({ year: z.int(), before: z.int() }),
  /** What the claim of the state is for. */
  batch: z.array(Row).readonly(),
});
export type Sealed = Readonly<z.infer<typeof Sealed>>;

const ordered = {
  by: ParticipantId,
  order: OrderNumber,
  /** When it was ordered: what the exchange was asked from then on is not touched. */
  asked: z.int(),
  /** Inquiries whose facts are gone, those of the first round among them. */
  n: z.int().min(0),
};

/** One walk over all that is known of a subject. */
const Pass = z.strictObject({
  /** The holds that it began with. */
  events: z.int().min(0),
  /** What it left in its place, since it is held. */
  left: z.int().min(0),
  over: z.boolean(),
});

/** 1: what was in the index. 2: what came into the log late. */
const round = z.literal([1, 2]);

/** The state of an erasure as it is stored. */
export const ErasureState = z.discriminatedUnion('phase', [
  z.strictObject({
    ...ordered,
    phase: z.literal('erasing'),
    round,
    sealed: z.string(),
    pass: Pass,
    /** What of `n` is on record already. */
    told: z.int().min(0),
    claim: Claim.exactOptional(),
  }),
  z.strictObject({
    ...ordered,
    phase: z.literal('noting'),
    round,
    sealed: z.string(),
    told: z.int().min(0),
    leaf: LeafMark,
  }),
  /** All that was in the index is gone, which is on record; a last look is to come. */
  z.strictObject({
    ...ordered,
    phase: z.literal('erased'),
    sealed: z.string(),
    time: z.int(),
    /** How long each log was when it had been looked through for what came late. */
    ends: z.array(z.int().min(0)).readonly().exactOptional(),
  }),
  /** Nobody here knows any more whom it was about. */
  z.strictObject({
    ...ordered,
    phase: z.literal('done'),
    time: z.int(),
    /** What tells another from it who is to be erased under the same id. */
    digest: z.string().exactOptional(),
  }),
]);
export type ErasureState = Readonly<z.infer<typeof ErasureState>>;
export type Erasing = Extract<ErasureState, { phase: 'erasing' }>;
export type Noting = Extract<ErasureState, { phase: 'noting' }>;
export type Erased = Extract<ErasureState, { phase: 'erased' }>;

export const stateOfErasure = ({ state }: Pick<Job, 'state'>): ErasureState =>
  ErasureState.parse(state);

const placeOf = (id: string): string => `erasure#${id}`;

export const sealErasure = (id: string, sealed: Sealed, sealing: Sealing): string =>
  sealJson(sealed, placeOf(id), sealing);

export const openErasure = (
  id: string,
  { sealed }: { readonly sealed: string },
  sealing: Pick<Sealing, 'vaultKey'>,
): Sealed => openJson(Sealed, sealed, placeOf(id), sealing);

/** What is left of whom an erasure was about. */
export const erasureDigest = (
  id: string,
  subject: Subject,
  sealing: Pick<Sealing, 'vaultKey'>,
): string => keyedDigest({ ...taggedSubject(subject) }, placeOf(id), sealing);

/** Where a walk over all that is known begins: with the newest that it may touch. */
export const topOf = (asked: number): Sealed['at'] => {
  const before = endOfIds(asked);
  return { year: new Date(before).getUTCFullYear(), before };
};
