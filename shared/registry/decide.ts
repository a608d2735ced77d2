import type { ProblemPointer } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import {
  counterOf,
  delegateOf,
  namesCounter,
  type RequestClaims,
  type RequestFacts,
} from '../message/claims.ts';
import type { Access, Limit } from './access.ts';
import { covers, type Delegation } from './delegation.ts';
import {
  admits,
  type FoundGrant,
  findGrant,
  isNarrowed,
  limitsOn,
  type MissingGrant,
} from './find-grant.ts';
import { violations } from './json-schema.ts';
import { isLicenceValid } from './licence.ts';
import { metersOf } from './meters.ts';
import type { Participant } from './participant.ts';
import { isAnswered, type Service } from './service.ts';
import { type Terms, termsOf } from './terms.ts';

/**
 * Every rule that can stand in a decision, and what it says to a reader; in the order of judgement.
 * The first two allow, each of the others can deny.
 */
export const rules = {
  'open-service': 'The service is open to every licensed counter.',
  granted: 'The agency has granted the service to the counter.',
  'counter-named':
    'A guild or a software house must name the counter that it asks for; a counter asks for itself.',
  'delegate-active': 'Whoever asks for a counter must be an active participant.',
  'delegation-missing': 'The counter has not let this participant ask for it.',
  'delegation-revoked': 'The counter has revoked what let this participant ask for it.',
  'delegation-expired': 'What let this participant ask for the counter has ended.',
  'delegation-not-yet-valid': 'What lets this participant ask for the counter has not begun yet.',
  'delegation-scope': 'The counter lets this participant ask for other services only.',
  'participant-active': 'The counter must be an active participant.',
  'licence-valid': "The counter's licence must be valid: not suspended, revoked or expired.",
  'service-exists': 'There is no such service, or it is retired.',
  'agency-active': 'The agency that owns the service must be an active participant.',
  'stopped-by-agency': 'The agency has stopped the counter, or everybody, for this service.',
  'basis-confidential':
    'The legal basis is confidential, and the service does not name it among those it accepts.',
  'grant-suspended': "The counter's grant for this service is suspended.",
  'grant-expired': "The counter's grant for this service has ended.",
  'grant-not-yet-valid': "The counter's grant for this service has not begun yet.",
  'grant-requested': 'The agency has not decided yet on the grant that the counter asked for.',
  'grant-revoked': "The counter's grant for this service was revoked.",
  'grant-missing':
    'The counter has no grant for this service; the agency has narrowed it, or the basis is confidential.',
  'purpose-allowed': 'The service does not accept this purpose.',
  'purpose-granted': "The counter's grant for this service does not hold for this purpose.",
  'purpose-limited': 'The agency has limited the purposes of this service; this is not among them.',
  'basis-accepted': 'The service does not accept this legal basis.',
  'subject-type': 'The service is asked about another type of subject.',
  'input-valid': "The params do not fit the service's input schema.",
} as const satisfies Readonly<Record<string, string>>;

export type Rule = keyof typeof rules;

/** A rule that an inquiry can break. */
export type DenyingRule = Exclude<Rule, 'open-service' | 'granted'>;

export const isRule = (text: string): text is Rule => Object.hasOwn(rules, text);

/** What the registry and the exchange's settings say at the moment of a decision. */
export type Snapshot = {
  /** The number of the change that it is the state after. */
  readonly version: number;
  /** The counter that is asked for. */
  readonly participant: Participant | undefined;
  readonly service: Service | undefined;
  /** Whose service it is. */
  readonly agency: Participant | undefined;
  /** What the agency decided about this counter. */
  readonly own?: Access | undefined;
  /** What it decided about everybody. */
  readonly everyone?: Access | undefined;
  /** Whoever asks in the counter's place. */
  readonly delegate?: Participant | undefined;
  /** What the counter lets it do. */
  readonly delegation?: Delegation | undefined;
  /**
   * Legal bases whose inquiries the persons they are about learn of later; each must be named by the
   * service and is for counters with a grant. A setting of the exchange, not of the registry.
   */
  readonly confidential?: readonly string[] | undefined;
};

/** An inquiry. Without its facts, as the log has it, two rules cannot be judged. */
export type Question = {
  readonly claims: Pick<RequestClaims, 'inq' | 'iss'>;
  readonly facts?: (Pick<RequestFacts, 'subject'> & { readonly params: JsonObject }) | undefined;
};

/** An inquiry that is allowed: what of the service may be passed on. */
export type Allowed = { readonly service: Service; readonly terms: Terms };

export type Ruling = { readonly rule: Rule; readonly registry: number } & (
  | ({ readonly effect: 'allow' } & Allowed)
  | { readonly effect: 'deny'; readonly errors: readonly ProblemPointer[] }
);

/** How one rule came out; `skipped` when what it looks at is missing because an earlier one failed. */
export type Assessment = {
  readonly rule: DenyingRule;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Where the inquiry breaks the rule, for those that look at its facts. */
  readonly errors?: readonly ProblemPointer[];
};

/** What the rules look at. */
type Case = Question & {
  readonly known: Snapshot;
  readonly now: number;
  /** Whether it says whom it is for; without that nothing is known of a counter. */
  readonly named: boolean;
  /** Whether somebody asks in the counter's place. */
  readonly delegated: boolean;
  readonly limits: readonly Limit[];
  /** Whether the persons it is about learn of it later. */
  readonly confidential: boolean;
  /** Only where the service is narrowed, or the inquiry is confidential. */
  readonly found: FoundGrant | undefined;
};

/** Whether a rule is kept, or what breaks it; undefined when what it looks at is missing. */
type Judge = (it: Case) => boolean | readonly ProblemPointer[] | undefined;

const casing = (known: Snapshot, { claims, facts }: Question, now: number): Case => {
  const { service, own, everyone } = known;
  const named = namesCounter(claims);
  const confidential = known.confidential?.includes(claims.inq.basis) ?? false;
  const byGrant =
    named && service !== undefined && (confidential || isNarrowed(everyone, service, now));
  return {
    claims,
    facts,
    known,
    now,
    named,
    delegated: delegateOf(claims) !== undefined,
    limits: service === undefined ? [] : limitsOn(known, service),
    confidential,
    found: byGrant ? findGrant(own, service, { purpose: claims.inq.purpose, now }) : undefined,
  };
};

/** A rule about whoever asks in a counter's place, for those who do. */
const ofDelegate =
  (judge: Judge): Judge =>
  (it) => {
    if (!it.named) return undefined;
    return !it.delegated || judge(it);
  };

/** A rule about what the counter lets another do. */
const ofDelegation = (holds: (delegation: Delegation, it: Case) => boolean): Judge =>
  ofDelegate((it) => {
    const { delegation } = it.known;
    return delegation && holds(delegation, it);
  });

const ofService =
  (judge: (service: Service, it: Case) => ReturnType<Judge>): Judge =>
  (it) =>
    it.known.service && judge(it.known.service, it);

/** That the service is open to the counter, or that it is for another reason that no grant counts. */
const unless = (reason: MissingGrant): Judge =>
  ofService((_, { named, found }) => {
    if (!named) return undefined;
    return found === undefined || found.grant !== undefined || !found.missing.has(reason);
  });

/** The table: for each rule that can deny, when it is kept. */
const judges: Readonly<Record<DenyingRule, Judge>> = {
  'counter-named': ({ named }) => named,
  'delegate-active': ofDelegate(({ known }) => known.delegate?.status === 'active'),
  'delegation-missing': ofDelegate(({ known }) => known.delegation !== undefined),
  'delegation-revoked': ofDelegation(({ status }) => status !== 'revoked'),
  'delegation-expired': ofDelegation(({ until }, { now }) => now < until),
  'delegation-not-yet-valid': ofDelegation(({ from }, { now }) => from <= now),
  'delegation-scope': ofDelegation((given, { claims }) => covers(given, claims.inq.service)),
  'participant-active': ({ named, known }) =>
    named ? known.participant?.status === 'active' : undefined,
  'licence-valid': ({ named, known: { participant }, now }) => {
    if (!named || participant === undefined) return undefined;
    return participant.licence !== undefined && isLicenceValid(participant.licence, now);
  },
  'service-exists': ({ known: { service }, now }) =>
    service !== undefined && isAnswered(service, now),
  'agency-active': ofService((_, { known }) => known.agency?.status === 'active'),
  'stopped-by-agency': ofService((_, { limits }) => !limits.some(({ stopped }) => stopped)),
  'basis-confidential': ofService(
    ({ bases = [] }, { confidential, claims }) => !confidential || bases.includes(claims.inq.basis),
  ),
  'grant-suspended': unless('grant-suspended'),
  'grant-expired': unless('grant-expired'),
  'grant-not-yet-valid': unless('grant-not-yet-valid'),
  'grant-requested': unless('grant-requested'),
  'grant-revoked': unless('grant-revoked'),
  'grant-missing': unless('grant-missing'),
  'purpose-allowed': ofService(({ purposes }, { claims }) => purposes.includes(claims.inq.purpose)),
  'purpose-granted': ofService((_, { named, found, claims }) => {
    if (!named) return undefined;
    return found === undefined || (found.grant && admits(found.grant, claims.inq.purpose));
  }),
  'purpose-limited': ofService((_, { limits, claims }) =>
    limits.every((limit) => admits(limit, claims.inq.purpose)),
  ),
  'basis-accepted': ofService(({ bases }, { claims }) => bases?.includes(claims.inq.basis) ?? true),
  'subject-type': ofService(({ subjectType }, { facts }) => {
    if (facts === undefined || facts.subject.type === subjectType) return facts && true;
    return [{ pointer: '/subject/type', detail: `must be ${subjectType}` }];
  }),
  'input-valid': ofService(
    ({ input }, { facts }) => facts && violations(input, facts.params, '/params'),
  ),
};

const isDenying = (rule: string): rule is DenyingRule => Object.hasOwn(judges, rule);

const table = Object.keys(rules)
  .filter(isDenying)
  .map((rule) => ({ rule, judge: judges[rule] }));

/** Whether a rule is kept; else what breaks it, where the rule points at it. */
const isKept = (verdict: boolean | readonly ProblemPointer[]): verdict is true | readonly [] =>
  typeof verdict === 'boolean' ? verdict : verdict.length === 0;

const assessed = (rule: DenyingRule, verdict: ReturnType<Judge>): Assessment => {
  if (verdict === undefined) return { rule, result: 'skipped' };
  if (isKept(verdict)) return { rule, result: 'passed' };
  return { rule, result: 'failed', ...(verdict !== false && { errors: verdict }) };
};

/** Every rule that can deny, in the order of judgement: {@link decide} names the first that failed. */
export const assess = (
  snapshot: Snapshot,
  question: Question,
  now: number,
): readonly Assessment[] => {
  const it = casing(snapshot, question, now);
  return table.map(({ rule, judge }) => assessed(rule, judge(it)));
};

/**
 * Decides an inquiry as far as it is known: without its facts, it may still have broken `subject-type`
 * or `input-valid`. For replays from the log, which has no personal data.
 */
export const decideAsKnown = (snapshot: Snapshot, question: Question, now: number): Ruling => {
  const it = casing(snapshot, question, now);
  const { version: registry, service } = snapshot;
  for (const { rule, judge } of table) {
    const verdict = judge(it);
    if (verdict === undefined || isKept(verdict)) continue;
    const errors = verdict === false ? [] : verdict;
    return { effect: 'deny', rule, registry, errors };
  }
  // `service-exists` has failed where there is none.
  if (service === undefined) throw new TypeError('An inquiry is allowed, and no service is known.');
  const grant = it.found?.grant;
  const rule = grant === undefined ? 'open-service' : 'granted';
  const { own, everyone } = snapshot;
  const quotas = metersOf(service, { counter: counterOf(question.claims), grant, own, everyone });
  const terms = termsOf(service, { grant, limits: it.limits, quotas });
  return { effect: 'allow', rule, registry, service, terms };
};

/**
 * Decides an inquiry: pure, so that any past decision can be replayed. The first broken rule names it.
 *
 * An agency may narrow a service to counters with a grant, and limit what it gives to one counter or to
 * everybody. A limit holds for open services too; a grant matters only where the service is narrowed or
 * the legal basis is confidential, and gives no more than the service has. Whoever asks in a counter's place is judged first; then the
 * counter is, as if it had asked itself.
 */
export const decide = (
  snapshot: Snapshot,
  question: Question & { readonly facts: NonNullable<Question['facts']> },
  now: number,
): Ruling => decideAsKnown(snapshot, question, now);
