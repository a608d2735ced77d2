import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../kernel/strict-json.ts';
import { clockSkew } from '../message/claim-checks.ts';
import {
  type AgencyOutcome,
  counterOf,
  delegateOf,
  type ForwardClaims,
  namesCounter,
  type PublicJwk,
  type RequestClaims,
  type RequestFacts,
} from '../message/claims.ts';
import { jwsPart } from '../message/framing.ts';
import {
  algorithmOf,
  importPublicKey,
  type KeyDirectory,
  type Signer,
  thumbprint,
} from '../message/key.ts';
import { receiveForward, receiveRequest, type VerifiedRequest } from '../message/receive.ts';
import {
  type Binding,
  type DraftedResponse,
  draftResponse,
  signResponse,
} from './agency-response.ts';
import type { FirstUse } from './replay-guard.ts';
import type { Random } from './sign-request.ts';

export type AgencyOptions = {
  /** The agency's own participant id: the `aud` of its forwards. */
  readonly agency: string;
  readonly signer: Signer;
  /** The exchange's keys. */
  readonly exchange: KeyDirectory;
  readonly exchangeId: string;
  /** What counters address their requests to: the exchange's origin and `/v1/inquiries`. */
  readonly requestAudience: string;
  readonly now: Clock;
  readonly random: Random;
  /** The next number of this agency's answers, gapless from 1. */
  readonly nextSeq: () => Promise<number>;
  readonly firstUse: FirstUse;
  /**
   * The `kid`s this agency knows a signer by: a counter, or whoever asks for counters. Without it the
   * exchange's registry is trusted. That a counter lets another ask for it is the exchange's word.
   */
  readonly pinned?: (signer: string) => readonly string[];
};

/** A forward that holds, with the request inside it verified too. */
export type OpenedForward = {
  /** The counter that asks. */
  readonly counter: string;
  /** Whoever signed in the counter's place; absent when it signed itself. */
  readonly by?: string;
  readonly inquiry: RequestClaims['inq'];
  readonly facts: RequestFacts;
  readonly level: ForwardClaims['level'];
  /** The result fields that the asker may have. */
  readonly fields: readonly string[];
  readonly binding: Binding;
  /** The answer, not signed yet; takes the next number. */
  readonly draft: (outcome: AgencyOutcome, result: JsonObject) => Promise<DraftedResponse>;
  /** The signed answer: the body to send back as `application/sd-jwt`. */
  readonly reply: (outcome: AgencyOutcome, result: JsonObject) => Promise<string>;
};

/** The `iss` of a token that is not verified yet. */
const claimedIssuer = (origin: string): string => {
  const payload = Buffer.from(origin.split('.')[1] ?? '', 'base64url');
  const claims = parseStrictJson(payload);
  const issuer = isJsonObject(claims) ? claims['iss'] : undefined;
  if (typeof issuer !== 'string') throw new Problem('malformed', 'The origin names no issuer.');
  return issuer;
};

/** A directory of the one key that the forward says verified its origin. */
const oneKey = async (jwk: PublicJwk, owner: string): Promise<KeyDirectory> => {
  const kid = await thumbprint(jwk);
  const key = {
    kid,
    alg: algorithmOf(jwk),
    key: await importPublicKey(jwk),
    jwk,
    owner,
    role: 'station',
    status: 'active',
    notBefore: 0,
    notAfter: Number.MAX_SAFE_INTEGER,
  } as const;
  return (wanted) => Promise.resolve(wanted === kid ? key : undefined);
};

/**
 * The request of a counter, or of whoever asks for it, verified end to end. Its times are judged at the moment the exchange took
 * it, which the forward's own times pin to little more than a minute before now.
 */
const openOrigin = async (
  { origin, origin_key: jwk, iat, inq_id: inqId }: ForwardClaims,
  { requestAudience, pinned }: AgencyOptions,
): Promise<VerifiedRequest> => {
  const signedBy = claimedIssuer(origin);
  const kids = pinned?.(signedBy);
  if (kids !== undefined && !kids.includes(await thumbprint(jwk))) {
    throw new Problem('unknown-key', 'This agency knows the signer by other keys.');
  }
  const request = await receiveRequest(origin, {
    audience: requestAudience,
    keyOf: await oneKey(jwk, signedBy),
    now: () => iat * 1000,
  });
  if (!namesCounter(request.claims)) {
    throw new Problem('invalid-claims', 'The origin does not say which counter asks.', {
      errors: [{ pointer: '/origin', detail: 'must be of a counter, or name one' }],
    });
  }
  if (request.claims.inq.id !== inqId) {
    throw new Problem('invalid-claims', 'The forward and its origin are about two inquiries.', {
      errors: [{ pointer: '/inq_id', detail: 'must be the id of the origin' }],
    });
  }
  return request;
};

/**
 * The agency's side of the exchange. `open` takes the body of a POST to the agency's endpoint and
 * throws a {@link Problem} unless the exchange signed it for this agency, the counter, or
 * whoever asks for it, signed what is in it, and it is seen for the first time.
 */
export const agencyKit = (
  options: AgencyOptions,
): { readonly open: (text: string) => Promise<OpenedForward> } => {
  const { agency, signer, exchange, exchangeId, now, random, nextSeq, firstUse } = options;
  const open = async (text: string): Promise<OpenedForward> => {
    const { claims } = await receiveForward(text, { audience: agency, keyOf: exchange, now });
    if (claims.iss !== exchangeId) {
      throw new Problem('issuer-key-mismatch', `Forwards come from ${exchangeId}.`);
    }
    const request = await openOrigin(claims, options);
    const until = (claims.exp + clockSkew.behind + 1) * 1000;
    if (!(await firstUse(claims.jti, until))) {
      throw new Problem('replayed', 'This forward has been answered before.');
    }
    const binding = {
      agency,
      exchangeId,
      inReplyTo: claims.jti,
      inqId: claims.inq_id,
      requestJws: jwsPart(claims.origin),
    };
    const draft = async (outcome: AgencyOutcome, result: JsonObject) =>
      draftResponse(binding, { outcome, result }, { seq: await nextSeq(), now, random });
    const by = delegateOf(request.claims);
    return {
      counter: counterOf(request.claims),
      ...(by !== undefined && { by }),
      inquiry: request.claims.inq,
      facts: request.facts,
      level: claims.level,
      fields: claims.fields,
      binding,
      draft,
      reply: async (outcome, result) => signResponse(await draft(outcome, result), signer),
    };
  };
  return { open };
};
