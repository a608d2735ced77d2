import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import * as z from 'zod';
import { nonceLength, seal, unseal } from '#shared/audit/vault.ts';
import type { KeySmith } from '#shared/inquiry/key-ring.ts';
import type { Random } from '#shared/inquiry/ports.ts';
import type { SecretKey } from '#shared/kernel/bytes.ts';
import { Digest } from '#shared/message/claims.ts';
import { type Signer, thumbprint } from '#shared/message/key.ts';

type Sealing = { readonly key: SecretKey; readonly random: Random };

const PrivateJwk = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: Digest,
  y: Digest,
  d: Digest,
});

const context = 'exchange signing key';

const toBox = (jwk: JWK, { key, random }: Sealing): Uint8Array =>
  seal([Buffer.from(JSON.stringify(jwk)).toString('base64url')], context, {
    key,
    nonce: () => random(nonceLength),
  });

const toSigner = async (box: Uint8Array, { key }: Sealing): Promise<Signer> => {
  const [sealed = ''] = unseal(box, context, { key });
  const json: unknown = JSON.parse(Buffer.from(sealed, 'base64url').toString('utf8'));
  const { d, ...published } = PrivateJwk.parse(json);
  const imported = await importJWK({ ...published, d }, 'ES256');
  if (imported instanceof Uint8Array) throw new TypeError('The signing key is symmetric.');
  return { kid: await thumbprint(published), alg: 'ES256', key: imported, jwk: published };
};

/** Makes ES256 keys sealed with the exchange's secret; an opened one cannot leave its process. */
export const keySmith = (sealing: Sealing): KeySmith => ({
  make: async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    return toBox(await exportJWK(privateKey), sealing);
  },
  open: (box) => toSigner(box, sealing),
});
