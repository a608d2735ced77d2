import type { ProblemPointer } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { RequestClaims, RequestFacts } from '../message/claims.ts';
import type { Access, Limit } from './access.ts';
import { admits, findGrant, isMeant } from './find-grant.ts';
import { violations } from './json-schema.ts';
import { isLicenceValid } from './licence.ts';
import type { Participant } from './participant.ts';
import { isAnswered, type Service } from './service.ts';
import { type Terms, termsOf } from './terms.ts';

/** Every rule that can stand in a decision, and what it says to a reader; in the order of judgement. */
export const rules = {
  'open-service': 'The service is open to every licensed counter.',
  granted: 'The agency has granted the service to the counter.',
  'participant-active': 'The counter must be an active participant.',
  'licence-valid': "The counter's licence must be valid: not suspended, revoked or expired.",
  'service-exists': 'There is no such service, or it is retired.',
  'agency-active': 'The agency that owns the service must be an active participant.',
  'stopped-by-agency': 'The agency has stopped the counter, or everybody, for this service.',
  'grant-suspended': "The counter's grant for this service is suspended.",
  'grant-expired': "The counter's grant for this service has ended.",
  'grant-not-yet-valid': "The counter's grant for this service has not begun yet.",
  'grant-requested': 'The agency has not decided yet on the grant that the counter asked for.',
  'grant-revoked': "The counter's grant for this service was revoked.",
  'grant-missing': 'The agency has narrowed this service, and the counter has no grant for it.',
  'purpose-allowed': 'The service does not accept this purpose.',
  'purpose-granted': "The counter's grant for this service does not hold for this purpose.",
  'purpose-limited': 'The agency has limited the purposes of this service; this is not among them.',
  'basis-accepted': 'The service does not accept this legal basis.',
  'subject-type': 'The service is asked about another type of subject.',
  'input-valid': "The params do not fit the service's input schema.",
} as const satisfies Readonly<Record<string, string>>;

export type Rule = keyof typeof rules;

export const isRule = (text: string): text is Rule => Object.hasOwn(rules, text);

/** What the registry says at the moment of a decision. */
export type Snapshot = {
  /** The number of the change that it is the state after. */
  readonly version: number;
  readonly participant: Participant | undefined;
  readonly service: Service | undefined;
  /** Whose service it is. */
  readonly agency: Participant | undefined;
  /** What the agency decided about this counter. */
  readonly own?: Access | undefined;
  /** What it decided about everybody. */
  readonly everyone?: Access | undefined;
};

type Question = {
  readonly claims: Pick<RequestClaims, 'inq'>;
  readonly facts: Pick<RequestFacts, 'subject'> & { readonly params: JsonObject };
};

/** An inquiry that is allowed: what of the service may be passed on. */
export type Allowed = { readonly service: Service; readonly terms: Terms };

export type Ruling = { readonly rule: Rule; readonly registry: number } & (
  | ({ readonly effect: 'allow' } & Allowed)
  | { readonly effect: 'deny'; readonly errors: readonly ProblemPointer[] }
);

const isNarrowed = (everyone: Access | undefined, service: Service, now: number): boolean =>
  (everyone?.narrowed ?? []).some(({ target, from }) => isMeant(target, service) && from <= now);

const limitsOn = ({ own, everyone }: Snapshot, service: Service): readonly Limit[] =>
  [own, everyone]
    .flatMap((access) => access?.limits ?? [])
    .filter(({ target }) => isMeant(target, service));

/**
 * Decides an inquiry: pure, so that any past decision can be replayed. The first broken rule names it.
 *
 * An agency may narrow a service to counters with a grant, and limit what it gives to one counter or to
 * everybody. A limit holds for open services too; a grant matters only where the service is narrowed,
 * and gives no more than the service has.
 */
export const decide = (snapshot: Snapshot, { claims, facts }: Question, now: number): Ruling => {
  const { version, participant, service, agency, own, everyone } = snapshot;
  const { purpose, basis } = claims.inq;
  const deny = (rule: Rule, errors: readonly ProblemPointer[] = []): Ruling => ({
    effect: 'deny',
    rule,
    registry: version,
    errors,
  });
  if (participant?.status !== 'active') return deny('participant-active');
  const { licence } = participant;
  if (licence === undefined || !isLicenceValid(licence, now)) return deny('licence-valid');
  if (service === undefined || !isAnswered(service, now)) return deny('service-exists');
  if (agency?.status !== 'active') return deny('agency-active');
  const limits = limitsOn(snapshot, service);
  if (limits.some(({ stopped }) => stopped)) return deny('stopped-by-agency');
  const grant = isNarrowed(everyone, service, now)
    ? findGrant(own, service, { purpose, now })
    : undefined;
  if (typeof grant === 'string') return deny(grant);
  if (!service.purposes.includes(purpose)) return deny('purpose-allowed');
  if (grant !== undefined && !admits(grant, purpose)) return deny('purpose-granted');
  if (!limits.every((limit) => admits(limit, purpose))) return deny('purpose-limited');
  if (service.bases?.includes(basis) === false) return deny('basis-accepted');
  if (facts.subject.type !== service.subjectType) {
    return deny('subject-type', [
      { pointer: '/subject/type', detail: `must be ${service.subjectType}` },
    ]);
  }
  const broken = violations(service.input, facts.params, '/params');
  if (broken.length > 0) return deny('input-valid', broken);
  const rule = grant === undefined ? 'open-service' : 'granted';
  const terms = termsOf(service, { grant, limits });
  return { effect: 'allow', rule, registry: version, service, terms };
};
