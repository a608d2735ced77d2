import { once } from 'node:events';
import { createServer } from 'node:http';
import { makePersonKey, type PersonKey, publicJwkOf, testIssuer } from '../person-tokens.ts';

/** A provider that knows persons, as far as an exchange sees it: its issuer, and its published key. */
export type Provider = {
  readonly key: PersonKey;
  /** What the exchange is told of it. */
  readonly settings: { readonly OIDC_ISSUER: string; readonly OIDC_JWKS_URI: string };
  readonly close: () => Promise<void>;
};

export const startProvider = async (): Promise<Provider> => {
  const key = makePersonKey('ES256');
  const keys = JSON.stringify({ keys: [publicJwkOf(key)] });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(keys);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return {
    key,
    settings: {
      OIDC_ISSUER: testIssuer,
      OIDC_JWKS_URI: `http://127.0.0.1:${address.port}/keys`,
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
