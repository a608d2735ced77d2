import { toBase64Url } from '../kernel/bytes.ts';
import { numericDate } from '../kernel/clock.ts';
import { kinds } from '../message/kind.ts';
import { signMessage } from '../message/sign.ts';
import type { Asker } from './sign-request.ts';

/** Seconds an access token may be used. */
const accessLifetime = 60;

/** An access token for one read: bound to the method, and to the URL with its query as it is sent. */
export const signAccess = (
  target: string,
  origin: string,
  { participant, signer, now, random }: Omit<Asker, 'audience'>,
): Promise<string> => {
  const iat = numericDate(now());
  const claims = {
    iss: participant,
    aud: origin,
    iat,
    exp: iat + accessLifetime,
    jti: toBase64Url(random(16)),
    htm: 'GET',
    htu: origin + target,
  };
  return signMessage(kinds.access, claims, signer);
};
