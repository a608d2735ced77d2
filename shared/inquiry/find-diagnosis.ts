import type { Outcome } from '#events/outcome.ts';
import { addressOf } from '../audit/address.ts';
import type { JournalRows } from '../audit/ports.ts';
import { InquiryId } from '../kernel/id.ts';
import { toRfc3339 } from '../kernel/instant-text.ts';
import { Problem } from '../kernel/problem.ts';
import { isPartyTo } from '../message/claims.ts';
import { isRule } from '../registry/decide.ts';
import { type CheckCode, checks, isCheckCode, isDenying, policyCheck } from './checks.ts';
import {
  type CheckResult,
  type Diagnosis,
  firstFailed,
  passedUntil,
  refusedAt,
} from './diagnosis.ts';
import type { Exchange } from './exchange.ts';
import { problemOf } from './outcome.ts';
import { type Asked, fromIntentRow, fromOutcomeRow } from './record.ts';
import { type RefusalNote, RequestId } from './refusal-notes.ts';

/** What became of a message that was sent, for those who may know. */
export type FoundDiagnosis = Omit<Diagnosis, 'outcome'> & {
  /** The request that was refused, as its answer named it. */
  readonly request?: string;
  readonly inquiry?: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** `open`: there is no outcome yet. */
  readonly outcome: 'refused' | 'open' | Outcome;
  /** Why an agency's answer was not accepted, as a code. */
  readonly cause?: string;
};

const lastOf = (prefix: string): CheckCode => {
  const code = [...checks.keys()].findLast((one) => one.startsWith(prefix));
  if (code === undefined) throw new TypeError(`There is no check of ${prefix}.`);
  return code;
};

const allowed = lastOf('quota-');
const answeredFor = lastOf('agency-');

/** Which checks an inquiry passed that stands in the journal, by its decision and its outcome. */
const resultsFor = ({ event: { dec } }: Asked, outcome?: Outcome): readonly CheckResult[] => {
  const { effect, rule } = dec;
  if (effect === 'deny') {
    // A rule that no longer exists: what came before policy is still known.
    const known = isRule(rule) && isDenying(rule);
    return known ? refusedAt(policyCheck(rule)) : passedUntil('first-answered');
  }
  if (outcome === undefined) return passedUntil(allowed);
  const { check } = problemOf(outcome, rule, {})?.extras ?? {};
  if (check !== undefined && isCheckCode(check)) return refusedAt(check);
  return passedUntil(answeredFor);
};

const ofInquiry = (intent: Asked, rows: JournalRows): FoundDiagnosis => {
  const { event } = intent;
  const outcome = rows.outcome === undefined ? undefined : fromOutcomeRow(rows.outcome).event.out;
  const results = resultsFor(intent, outcome);
  return {
    inquiry: event.id,
    time: toRfc3339(event.t),
    outcome: outcome ?? 'open',
    ...firstFailed(results),
    decision: event.dec,
    checks: results,
  };
};

const ofNote = ({ request, inquiry, t, check, cause, errors }: RefusalNote): FoundDiagnosis => {
  const results = isCheckCode(check) ? refusedAt(check, errors) : [];
  return {
    request,
    ...(inquiry !== undefined && { inquiry }),
    time: toRfc3339(t),
    outcome: 'refused',
    ...firstFailed(results),
    ...(cause !== undefined && { cause }),
    checks: results,
  };
};

/**
 * Why a message was refused, or what became of an inquiry, check by check: by the request id of a
 * refusal, for a day, or by the id of an inquiry. For whoever signed it and the counter that was asked
 * for; `not-found` for everybody else, as if there were nothing.
 */
export const findDiagnosis =
  ({ journal, refusals, settings }: Pick<Exchange, 'journal' | 'refusals' | 'settings'>) =>
  async (id: string, participant: string): Promise<FoundDiagnosis> => {
    const inquiry = InquiryId.safeParse(id).data;
    if (inquiry !== undefined) {
      const rows = await journal.read(addressOf(inquiry, settings.layout));
      const intent = rows.intent === undefined ? undefined : fromIntentRow(rows.intent);
      if (intent !== undefined && isPartyTo(intent.claims, participant)) {
        return ofInquiry(intent, rows);
      }
    }
    const request = RequestId.safeParse(id).data;
    const note = request === undefined ? undefined : await refusals.find(request);
    if (note?.readers.includes(participant) === true) return ofNote(note);
    throw new Problem('not-found', 'This participant was refused nothing under this id.');
  };
