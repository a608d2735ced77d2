import { sha256Url, toBase64Url } from '../kernel/bytes.ts';
import { numericDate } from '../kernel/clock.ts';
import { kinds } from '../message/kind.ts';
import { signMessage } from '../message/sign.ts';
import type { Asker } from './sign-request.ts';

/** Seconds an access token may be used. */
const accessLifetime = 60;

/** An access token for one request: bound to its method, to its URL as it is sent, and to its body. */
export const signAccess = (
  target: string,
  origin: string,
  { participant, signer, now, random }: Omit<Asker, 'audience'>,
  body?: string,
): Promise<string> => {
  const iat = numericDate(now());
  const claims = {
    iss: participant,
    aud: origin,
    iat,
    exp: iat + accessLifetime,
    jti: toBase64Url(random(16)),
    htm: body === undefined ? 'GET' : 'POST',
    htu: origin + target,
    ...(body !== undefined && { body_s256: sha256Url(body) }),
  };
  return signMessage(kinds.access, claims, signer);
};
