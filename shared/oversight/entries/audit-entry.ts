import type { EntryFacts, Place } from '../../audit/index/entry-facts.ts';
import type { JournalRows } from '../../audit/ports.ts';
import { agencyOf } from '../../audit/read-inquiry.ts';
import { type Answered, type Asked, fromIntentRow, fromOutcomeRow } from '../../inquiry/record.ts';
import { timeOf } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { counterOf, delegateOf } from '../../message/claims.ts';
import type { Filters } from './entry-query.ts';

/** One inquiry as it is shown to who may read it: what its leaf says, and no more of a person. */
export type AuditEntry = {
  readonly id: string;
  /** ISO 8601, UTC: the time inside the id. */
  readonly asked: string;
  /** The counter that was asked for. */
  readonly counter: string;
  /** Whoever signed in the counter's place. */
  readonly by?: string;
  /** Of the counter: by its licence on the day, or by that of now while it is not in the index. */
  readonly province?: string;
  readonly agency: string;
  readonly service: string;
  readonly purpose: string;
  readonly basis: string;
  readonly station: string;
  readonly presence: string;
  readonly seq: number;
  readonly effect: string;
  readonly rule: string;
  /** Absent while the inquiry is open. */
  readonly outcome?: string;
  readonly ms?: number;
  /** The agency's own number of its answer; as the index knows it. */
  readonly answer?: number;
  /** The keyed pseudonym of who sat at the desk: of one counter, in one year (tags.ts). */
  readonly operator?: string;
  /** Whether a case number was given, where it is known. */
  readonly hasCase?: boolean;
  /** Where its leaf is, once it is in the index. */
  readonly leaf?: Place;
  /** I and O, verbatim (audit-log.md §2); where they are asked for. */
  readonly i?: string;
  readonly o?: string;
};

const textsOf = (intent: Asked, outcome: Answered | undefined): Pick<AuditEntry, 'i' | 'o'> => ({
  i: intent.text,
  ...(outcome !== undefined && { o: outcome.text }),
});

const toEntry = (intent: Asked, outcome: Answered | undefined): AuditEntry => {
  const { inq } = intent.claims;
  const by = delegateOf(intent.claims);
  return {
    id: inq.id,
    asked: toRfc3339(timeOf(inq.id)),
    counter: counterOf(intent.claims),
    ...(by !== undefined && { by }),
    agency: agencyOf(inq.service),
    service: inq.service,
    purpose: inq.purpose,
    basis: inq.basis,
    station: inq.station,
    presence: inq.presence,
    seq: inq.seq,
    effect: intent.event.dec.effect,
    rule: intent.event.dec.rule,
    ...(outcome !== undefined && { outcome: outcome.event.out, ms: outcome.event.ms }),
  };
};

/** The entry that rows of the journal hold; undefined where no intent stands. */
export const entryOf = (
  { intent, outcome }: JournalRows,
  withTexts = false,
): AuditEntry | undefined => {
  if (intent === undefined) return undefined;
  const asked = fromIntentRow(intent);
  const answered = outcome === undefined ? undefined : fromOutcomeRow(outcome);
  return { ...toEntry(asked, answered), ...(withTexts && textsOf(asked, answered)) };
};

/** The entry that the index knows. Who is asked about shows in nothing of it, not even as a pseudonym. */
export const entryOfFacts = ({
  id,
  shard,
  index,
  t,
  subjectTag: _,
  operatorTag,
  ...facts
}: EntryFacts): AuditEntry => ({
  id,
  asked: toRfc3339(t),
  ...facts,
  ...(operatorTag !== undefined && { operator: operatorTag }),
  leaf: { shard, index },
});

/** What an entry says as the filter names it, word for word. */
const verbatim = [
  'counter',
  'by',
  'province',
  'agency',
  'purpose',
  'basis',
  'station',
  'presence',
  'effect',
  'rule',
  'outcome',
  'operator',
  'hasCase',
] as const satisfies readonly (keyof Filters & keyof AuditEntry)[];

/** Whether an entry is what a filter asks for. */
export const matches = (entry: AuditEntry, filter: Filters): boolean =>
  verbatim.every((name) => filter[name] === undefined || filter[name] === entry[name]) &&
  (filter.service === undefined ||
    entry.service === filter.service ||
    entry.service.split('@', 1)[0] === filter.service);
