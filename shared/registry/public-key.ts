import { toRfc3339 } from '../kernel/instant-text.ts';
import { Problem } from '../kernel/problem.ts';
import { Digest } from '../message/claims.ts';
import type { Directory } from './directory.ts';

/** A registered key as everybody may see it (`GET /v1/keys/{kid}`); times as ISO 8601, UTC. */
export type PublicKeyDocument = {
  readonly kid: string;
  readonly alg: string;
  readonly jwk: object;
  readonly owner: string;
  readonly role: string;
  readonly status: string;
  readonly notBefore: string;
  readonly notAfter: string;
};

export const readPublicKey = async (
  { keyOf }: Pick<Directory, 'keyOf'>,
  kid: string,
): Promise<PublicKeyDocument> => {
  const key = Digest.safeParse(kid).success ? await keyOf(kid) : undefined;
  if (key === undefined) throw new Problem('not-found', 'No key is registered under this kid.');
  const { alg, jwk, owner, role, status } = key;
  return {
    kid: key.kid,
    alg,
    jwk,
    owner,
    role,
    status,
    notBefore: toRfc3339(key.notBefore),
    notAfter: toRfc3339(key.notAfter),
  };
};
