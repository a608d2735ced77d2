import { createHash } from 'node:crypto';
import type { OidcContext } from 'oidc-provider';
import type { CitizenKeys } from './keys.ts';
import { faultPage } from './pages.ts';
import { memorySessions } from './sessions.ts';

/** The one client: the page of this very process. */
export const portalClient = 'estelam-portal';

/** What its tokens are good for. */
export const accessScope = 'accesses';

/** How a person is called in tokens beside its number, which no other client need know. */
export const subjectOf = (nationalId: string): string =>
  createHash('sha256').update(`synthetic ${nationalId}`).digest('base64url').slice(0, 22);

export type Citizens = {
  /** The number of a person by its subject; undefined for one who did not sign in here. */
  readonly numberOf: (subject: string) => string | undefined;
};

/** What the provider shows a page with. */
type Shown = { type: string; body: string };

type Wanted = {
  readonly issuer: string;
  /** The origin of the exchange: what the tokens are for. */
  readonly origin: string;
  readonly redirectUri: string;
  readonly keys: CitizenKeys;
  readonly citizens: Citizens;
};

/** Whoever signs in lets the page of this process read, without being asked once more. */
const grantOf = (origin: string) => async (context: OidcContext) => {
  const { client, session, provider } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid');
  grant.addResourceScope(origin, accessScope);
  await grant.save();
  return grant;
};

/**
 * How the provider is set up: the code flow with PKCE only, and access tokens as JWTs for the exchange
 * (RFC 9068, RFC 8707) that hold the person's number.
 */
export const configurationOf = ({ issuer, origin, redirectUri, keys, citizens }: Wanted) => ({
  clients: [
    {
      client_id: portalClient,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      redirect_uris: [redirectUri],
    },
  ],
  adapter: memorySessions(),
  jwks: keys.jwks,
  cookies: { keys: keys.cookieKeys },
  scopes: ['openid'],
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => origin,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: accessScope,
        audience: origin,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  ttl: {
    AccessToken: 600,
    AuthorizationCode: 60,
    Grant: 3600,
    IdToken: 600,
    Interaction: 600,
    Session: 3600,
  },
  interactions: {
    url: (_context: unknown, { uid }: { readonly uid: string }) => `${issuer}/login/${uid}`,
  },
  findAccount: (_context: unknown, sub: string) =>
    citizens.numberOf(sub) === undefined ? undefined : { accountId: sub, claims: () => ({ sub }) },
  extraTokenClaims: (_context: unknown, { accountId }: { readonly accountId: string }) => ({
    national_id: citizens.numberOf(accountId),
  }),
  loadExistingGrant: grantOf(origin),
  renderError: (context: Shown, out: { readonly error_description?: string }) => {
    context.type = 'html';
    context.body = faultPage(out.error_description ?? 'The provider refused this.');
  },
});
