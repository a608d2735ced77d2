import type { Outcome } from '#events/outcome.ts';
import { sha256Url } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { Problem, type ProblemName } from '../kernel/problem.ts';
import type { ResponseClaims } from '../message/claims.ts';
import type { Disclosure } from '../message/disclosure.ts';
import type { KeyDirectory } from '../message/key.ts';
import { receiveResponse } from '../message/receive.ts';
import type { Verified } from '../message/verify.ts';
import type { Allowed } from '../registry/decide.ts';
import { violations } from '../registry/json-schema.ts';
import { outputUnder } from '../registry/terms.ts';
import { exchangeId } from './exchange.ts';
import type { Forward } from './forward.ts';
import type { AgencyReply } from './ports.ts';

/** What an agency's reply comes to. Only `accepted` holds anything the agency said. */
export type Judgement =
  | {
      readonly kind: 'accepted';
      readonly outcome: Outcome;
      readonly http: number;
      readonly jws: string;
      readonly released: readonly Disclosure[];
      readonly withheld: readonly string[];
    }
  | {
      readonly kind: 'failed';
      readonly outcome: 'SOURCE_UNAVAILABLE' | 'TIMEOUT' | 'INVALID_ANSWER';
      readonly http: number;
      /** A code for the log line: which check the answer failed, or why there was none. */
      readonly cause: string;
    };

type Failed = Extract<Judgement, { kind: 'failed' }>;

/** When the agency's key could not be looked up, which says nothing about its answer. */
const ownTrouble: ReadonlySet<ProblemName> = new Set(['store-unavailable', 'rate-limited']);

/** The outcomes that say what the records hold: such an answer fits its schema, even an empty one. */
const telling: ReadonlySet<Outcome> = new Set(['FOUND', 'MATCH']);

const failed = (outcome: Failed['outcome'], http: number, cause: string): Failed => ({
  kind: 'failed',
  outcome,
  http,
  cause,
});

/** The signed answer this forward waits for, or the name of the binding that does not hold. */
const brokenBinding = (
  { claims, disclosures }: Verified<ResponseClaims>,
  forward: Forward,
  { service, terms }: Allowed,
): ProblemName | 'other-inquiry' | 'schema' | undefined => {
  if (claims.iss !== service.agency) return 'issuer-key-mismatch';
  const bound =
    claims.in_reply_to === forward.jti &&
    claims.inq_id === forward.inquiryId &&
    claims.req_s256 === sha256Url(forward.requestJws);
  if (!bound) return 'other-inquiry';
  if (disclosures.length !== (claims._sd?.length ?? 0)) return 'disclosure-invalid';
  if (disclosures.length === 0 && !telling.has(claims.outcome)) return undefined;
  const result = Object.fromEntries(disclosures.map(({ name, value }) => [name, value]));
  return violations(outputUnder(terms, service), result, '').length > 0 ? 'schema' : undefined;
};

/**
 * Judges an agency's reply: its signature, that it answers this very forward, its disclosures and
 * its schema. Fields that its terms do not pass on are withheld; the signature stays whole.
 */
export const acceptAnswer = async (
  reply: AgencyReply,
  forward: Forward,
  allowed: Allowed,
  { keyOf, now }: { readonly keyOf: KeyDirectory; readonly now: Clock },
): Promise<Judgement> => {
  switch (reply.kind) {
    case 'unavailable':
      return failed('SOURCE_UNAVAILABLE', 0, reply.reason);
    case 'timeout':
      return failed('TIMEOUT', 0, 'timeout');
    case 'unacceptable':
      return failed('INVALID_ANSWER', reply.status, reply.reason);
    case 'replied':
      return judgeReply(reply, forward, allowed, { keyOf, now });
  }
};

const judgeReply = async (
  { status, mediaType, body }: Extract<AgencyReply, { kind: 'replied' }>,
  forward: Forward,
  allowed: Allowed,
  by: { readonly keyOf: KeyDirectory; readonly now: Clock },
): Promise<Judgement> => {
  if (status >= 500 || status === 429) return failed('SOURCE_UNAVAILABLE', status, 'http-status');
  if (status !== 200) return failed('INVALID_ANSWER', status, 'http-status');
  if (mediaType !== 'application/sd-jwt') return failed('INVALID_ANSWER', status, 'media-type');
  try {
    const response = await receiveResponse(body, { audience: exchangeId, ...by });
    const broken = brokenBinding(response, forward, allowed);
    if (broken !== undefined) return failed('INVALID_ANSWER', status, broken);
    return accepted(response, status, new Set(allowed.terms.fields));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return failed(
      ownTrouble.has(error.name) ? 'SOURCE_UNAVAILABLE' : 'INVALID_ANSWER',
      status,
      error.name,
    );
  }
};

const accepted = (
  { claims, disclosures, jws }: Verified<ResponseClaims>,
  http: number,
  passedOn: ReadonlySet<string>,
): Judgement => ({
  kind: 'accepted',
  outcome: claims.outcome,
  http,
  jws,
  released: disclosures.filter(({ name }) => passedOn.has(name)),
  withheld: disclosures.filter(({ name }) => !passedOn.has(name)).map(({ name }) => name),
});
