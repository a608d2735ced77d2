import type { JournalRows } from '../audit/ports.ts';
import { type Answered, type Asked, fromIntentRow, fromOutcomeRow } from '../inquiry/record.ts';
import { counterOf, delegateOf } from '../message/claims.ts';
import type { AuditQuery } from './audit-query.ts';

/** One inquiry as the journal holds it: what it says, and the texts that its leaf is made of. */
export type AuditEntry = {
  readonly id: string;
  /** ISO 8601, UTC: when the intent was written. */
  readonly asked: string;
  /** The counter that was asked for. */
  readonly counter: string;
  /** Whoever signed in the counter's place. */
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
  /** Absent while the inquiry is open. */
  readonly outcome?: string;
  readonly ms?: number;
  /** I and O, verbatim (audit-log.md §2). */
  readonly i: string;
  readonly o?: string;
};

const agencyOf = (service: string): string => `agency:${service.split('/', 1)[0] ?? ''}`;

const toEntry = (intent: Asked, outcome: Answered | undefined): AuditEntry => {
  const { inq } = intent.claims;
  const by = delegateOf(intent.claims);
  return {
    id: inq.id,
    asked: new Date(intent.event.t).toISOString(),
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
    i: intent.text,
    ...(outcome !== undefined && { o: outcome.text }),
  };
};

/** The entry that rows hold; undefined where no intent stands. */
export const entryOf = ({ intent, outcome }: JournalRows): AuditEntry | undefined =>
  intent === undefined
    ? undefined
    : toEntry(fromIntentRow(intent), outcome === undefined ? undefined : fromOutcomeRow(outcome));

/** What an entry says as the filter names it, word for word. */
const verbatim = [
  'id',
  'counter',
  'by',
  'agency',
  'purpose',
  'basis',
  'station',
  'presence',
  'effect',
  'rule',
  'outcome',
] as const;

/** Whether an entry is what a query asks for, its province aside: no entry says that itself. */
export const matches = (entry: AuditEntry, query: AuditQuery): boolean =>
  verbatim.every((name) => query[name] === undefined || query[name] === entry[name]) &&
  (query.service === undefined ||
    entry.service === query.service ||
    entry.service.split('@', 1)[0] === query.service);
