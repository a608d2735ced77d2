import { toBase64Url } from '../kernel/bytes.ts';
import { numericDate } from '../kernel/clock.ts';
import type { InquiryId } from '../kernel/id.ts';
import { kinds } from '../message/kind.ts';
import type { VerifiedRequest } from '../message/receive.ts';
import { signMessage } from '../message/sign.ts';
import type { Allowed } from '../registry/decide.ts';
import { type Exchange, exchangeId } from './exchange.ts';

/** What the exchange sends to an agency, and what the answer must be bound to. */
export type Forward = {
  readonly token: string;
  readonly jti: string;
  readonly inquiryId: InquiryId;
  readonly requestJws: string;
};

/** Seconds a forward may be used: the longest time-out of a service, and clocks that differ. */
const forwardLifetime = 60;

/**
 * Signs the forward (protocol.md §3): the request as received with the key that verified it, so the
 * agency can check the counter end to end without trusting the exchange.
 */
export const signForward = async (
  text: string,
  request: VerifiedRequest,
  { service, terms }: Allowed,
  { signer, now, random }: Pick<Exchange, 'signer' | 'now' | 'random'>,
): Promise<Forward> => {
  const jti = toBase64Url(random(16));
  const iat = numericDate(now());
  const inquiryId = request.claims.inq.id;
  const claims = {
    iss: exchangeId,
    aud: service.agency,
    iat,
    exp: iat + forwardLifetime,
    jti,
    inq_id: inquiryId,
    origin: text,
    origin_key: request.key.jwk,
    level: terms.level,
    fields: terms.fields,
  };
  const token = await signMessage(kinds.forward, claims, await signer());
  return { token, jti, inquiryId, requestJws: request.jws };
};
