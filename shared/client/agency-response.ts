import { sha256Url, toBase64Url } from '../kernel/bytes.ts';
import { type Clock, numericDate } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { AgencyOutcome } from '../message/claims.ts';
import { type Disclosure, makeDisclosure } from '../message/disclosure.ts';
import type { Signer } from '../message/key.ts';
import { kinds } from '../message/kind.ts';
import { signSdJwt } from '../message/sign.ts';
import type { Random } from './sign-request.ts';

/** What an answer is bound to. */
export type Binding = {
  readonly agency: string;
  /** The `aud`: the exchange's participant id. */
  readonly exchangeId: string;
  /** The forward's `jti`. */
  readonly inReplyTo: string;
  readonly inqId: string;
  /** The signed part of the counter's request. */
  readonly requestJws: string;
};

/** An answer before it is signed. */
export type DraftedResponse = {
  readonly claims: JsonObject;
  readonly disclosures: readonly Disclosure[];
};

/** Seconds an answer may be used. */
const responseLifetime = 60;

/** Puts an answer together: one disclosure for each field of the result. */
export const draftResponse = (
  { agency, exchangeId, inReplyTo, inqId, requestJws }: Binding,
  { outcome, result }: { readonly outcome: AgencyOutcome; readonly result: JsonObject },
  { seq, now, random }: { readonly seq: number; readonly now: Clock; readonly random: Random },
): DraftedResponse => {
  const iat = numericDate(now());
  const claims = {
    iss: agency,
    aud: exchangeId,
    iat,
    exp: iat + responseLifetime,
    jti: toBase64Url(random(16)),
    in_reply_to: inReplyTo,
    req_s256: sha256Url(requestJws),
    inq_id: inqId,
    seq,
    outcome,
  };
  const disclosures = Object.entries(result).map(([name, value]) =>
    makeDisclosure(random(16), name, value),
  );
  return { claims, disclosures };
};

export const signResponse = (
  { claims, disclosures }: DraftedResponse,
  signer: Signer,
): Promise<string> => signSdJwt(kinds.response, claims, disclosures, signer);
