import { generateKeyPairSync } from 'node:crypto';

/** The key that begins the registry of one deployment. */
export type RootKey = {
  /** What the deployment is told (`registryRoot` of infra/config.ts): JSON, the public half only. */
  readonly open: string;
  /** The private JWK (RFC 7517), as JSON: stays with whoever deployed. */
  readonly secret: string;
};

/** Whose key it is. */
const id = 'registrar:cra';

export const makeRootKey = (): RootKey => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  return {
    open: JSON.stringify({ id, jwk: { kty, crv, x, y } }),
    secret: JSON.stringify(privateKey.export({ format: 'jwk' })),
  };
};
