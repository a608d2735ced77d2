import { CompactSign } from 'jose';
import { utf8 } from '../kernel/bytes.ts';
import type { JsonValue } from '../kernel/strict-json.ts';
import { type Disclosure, joinSdJwt } from './disclosure.ts';
import type { Signer } from './key.ts';
import type { MessageKind } from './kind.ts';

type Claims = { readonly [name: string]: JsonValue | undefined };

/** Signs claims as a compact JWS with the three header members of protocol.md §2. */
export const signMessage = (kind: MessageKind, claims: Claims, signer: Signer): Promise<string> =>
  new CompactSign(utf8(JSON.stringify(claims)))
    .setProtectedHeader({ alg: signer.alg, kid: signer.kid, typ: kind.typ })
    .sign(signer.key);

/** Signs claims whose personal facts stand in them as sorted digests only (protocol.md §4). */
export const signSdJwt = async (
  kind: MessageKind,
  claims: Claims,
  disclosures: readonly Disclosure[],
  signer: Signer,
): Promise<string> => {
  const digests = disclosures.map(({ digest }) => digest).toSorted();
  const jws = await signMessage(kind, { ...claims, _sd: digests }, signer);
  return joinSdJwt(jws, disclosures);
};
