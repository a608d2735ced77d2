import * as z from 'zod';
import { HoldSet } from '#events/hold-set.ts';
import { OrderNumber } from '#events/names.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import { InquiryId } from '../../kernel/id.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import { ParticipantId } from '../../message/claims.ts';
import type { Subject } from '../../persian/subject.ts';
import { TypedSubject } from '../../persian/subject-input.ts';
import { plainText } from '../../registry/plain-text.ts';
import type { Job } from '../job-store.ts';
import { subjectTag, taggedSubject, tagYearOf } from '../tags.ts';
import { LeafMark } from './leaf-once.ts';
import { openJson, type Sealing } from './sealed-json.ts';

/** What a hold keeps from being erased. */
export const Held = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('everything') }),
  z.strictObject({ kind: z.literal('inquiry'), id: InquiryId }),
  z.strictObject({
    kind: z.literal('counter'),
    id: ParticipantId.refine((id) => roleOf(id) === 'counter'),
  }),
  z.strictObject({ kind: z.literal('subject'), subject: TypedSubject }),
]);
export type Held = z.infer<typeof Held>;

/** Why a hold is placed or released, in words. They are sealed: a person may be named in them. */
export const HoldReason = plainText(300).refine((text) => text.length >= 3);

/** Who placed or released a hold. */
const Act = z.strictObject({
  by: ParticipantId,
  order: OrderNumber,
  t: z.int(),
  leaf: LeafMark,
});

const placedAs = { kind: HoldSet.shape.kind, placed: Act };

/** The state of a hold as it is stored: what is held, and why, is sealed. */
export const HoldState = z.union([
  z.strictObject({
    ...placedAs,
    sealed: z.string(),
    released: Act.extend({ sealed: z.string() }).exactOptional(),
  }),
  /** Its release is on record: nobody here knows any more whom it was about, or why. */
  z.strictObject({ ...placedAs, digest: z.string(), released: Act }),
]);
export type HoldState = z.infer<typeof HoldState>;

/** What is sealed of a hold, and where. */
export const HoldSealed = z.strictObject({ what: Held, reason: z.string() });
export const ReleaseSealed = z.strictObject({ reason: z.string() });
export type HoldSealed = z.infer<typeof HoldSealed>;
export const holdPlace = (id: string): string => `hold#${id}`;
export const releasePlace = (id: string): string => `hold#${id}#released`;

export const stateOfHold = ({ state }: Pick<Job, 'state'>): HoldState => HoldState.parse(state);

/** Whether the release of a hold is on record: it holds nothing any more. */
export const isReleased = ({ released }: HoldState): boolean => released?.leaf.recorded === true;

/** What one hold holds, while it does. */
export type Hold =
  | { readonly id: string; readonly holds: true; readonly what: Held }
  | { readonly id: string; readonly holds: false };

/**
 * A hold as it was placed. It holds from the moment that it stands, and until its release is on record
 * in the log.
 */
export const openHold = (job: Job, sealing: Pick<Sealing, 'vaultKey'>): Hold => {
  const { id } = job;
  const state = stateOfHold(job);
  if (isReleased(state) || !('sealed' in state)) return { id, holds: false };
  return { id, holds: true, what: openJson(HoldSealed, state.sealed, holdPlace(id), sealing).what };
};

/** How often a hold was placed or released so far: a number that only grows. */
export const holdEvents = (holds: readonly Hold[]): number =>
  holds.length + holds.filter((hold) => !hold.holds).length;

/** An inquiry as far as a hold may be about it. */
export type HeldEntry = {
  readonly id: InquiryId;
  readonly counter: string;
  /** The pseudonyms of whom it is about, and of those whom it names. */
  readonly tags: readonly string[];
};

const heldIn = (holds: readonly Hold[]): readonly Held[] =>
  holds.flatMap((one) => (one.holds ? [one.what] : []));

/** Whether an inquiry is held. `key` is that of the pseudonyms. */
export const heldBy = (holds: readonly Hold[], key: SecretKey): ((entry: HeldEntry) => boolean) => {
  const held = heldIn(holds);
  const everything = held.some(({ kind }) => kind === 'everything');
  const ids = new Set(held.flatMap((what) => ('id' in what ? [what.id] : [])));
  const subjects = held.flatMap((what) =>
    what.kind === 'subject' ? [taggedSubject(what.subject)] : [],
  );
  const years = new Map<number, ReadonlySet<string>>();
  const tagsOf = (year: number): ReadonlySet<string> => {
    const tags = years.get(year) ?? new Set(subjects.map((one) => subjectTag(key, year, one)));
    years.set(year, tags);
    return tags;
  };
  return ({ id, counter, tags }) =>
    everything ||
    ids.has(id) ||
    ids.has(counter) ||
    (subjects.length > 0 && tags.some((tag) => tagsOf(tagYearOf(id)).has(tag)));
};

/** Whether a subject as such is held, by whatever of the holds. */
export const isSubjectHeld = (holds: readonly Hold[], subject: Subject): boolean => {
  const { type, value } = taggedSubject(subject);
  return heldIn(holds).some((what) => {
    if (what.kind === 'everything') return true;
    if (what.kind !== 'subject') return false;
    const other = taggedSubject(what.subject);
    return other.type === type && other.value === value;
  });
};
