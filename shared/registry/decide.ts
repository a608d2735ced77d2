import type { ProblemPointer } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { RequestClaims, RequestFacts } from '../message/claims.ts';
import { violations } from './json-schema.ts';
import { isLicenceValid } from './licence.ts';
import type { Participant } from './participant.ts';
import type { Service } from './service.ts';

/** Every rule that can stand in a decision, and what it says to a reader. */
export const rules = {
  'open-service': 'The service is open to every licensed counter.',
  'participant-active': 'The counter must be an active participant.',
  'licence-valid': "The counter's licence must be valid: not suspended, revoked or expired.",
  'service-exists': 'There is no such service, or it is retired.',
  'agency-active': 'The agency that owns the service must be an active participant.',
  'purpose-allowed': 'The service does not accept this purpose.',
  'subject-type': 'The service is asked about another type of subject.',
  'input-valid': "The params do not fit the service's input schema.",
} as const satisfies Readonly<Record<string, string>>;

export type Rule = keyof typeof rules;

export const isRule = (text: string): text is Rule => text in rules;

/** What the registry says at the moment of a decision. */
export type Snapshot = {
  readonly version: number;
  readonly participant: Participant | undefined;
  readonly service: Service | undefined;
  readonly agency: Participant | undefined;
};

type Question = {
  readonly claims: Pick<RequestClaims, 'inq'>;
  readonly facts: Pick<RequestFacts, 'subject'> & { readonly params: JsonObject };
};

export type Ruling = { readonly rule: Rule; readonly registry: number } & (
  | { readonly effect: 'allow'; readonly service: Service }
  | { readonly effect: 'deny'; readonly errors: readonly ProblemPointer[] }
);

/** Decides an inquiry: pure, so that any past decision can be replayed. The first broken rule names it. */
export const decide = (
  { version, participant, service, agency }: Snapshot,
  { claims, facts }: Question,
  now: number,
): Ruling => {
  const deny = (rule: Rule, errors: readonly ProblemPointer[] = []): Ruling => ({
    effect: 'deny',
    rule,
    registry: version,
    errors,
  });
  if (participant?.status !== 'active') return deny('participant-active');
  const { licence } = participant;
  if (licence === undefined || !isLicenceValid(licence, now)) return deny('licence-valid');
  if (service?.status !== 'active') return deny('service-exists');
  if (agency?.status !== 'active') return deny('agency-active');
  if (!service.purposes.includes(claims.inq.purpose)) return deny('purpose-allowed');
  if (facts.subject.type !== service.subjectType) {
    return deny('subject-type', [
      { pointer: '/subject/type', detail: `must be ${service.subjectType}` },
    ]);
  }
  const broken = violations(service.input, facts.params, '/params');
  if (broken.length > 0) return deny('input-valid', broken);
  return { effect: 'allow', rule: 'open-service', registry: version, service };
};
