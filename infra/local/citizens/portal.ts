import { createHash, randomBytes } from 'node:crypto';
import { readAtMost } from '#shared/kernel/read-at-most.ts';
import { isJsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { accessScope, portalClient } from './provider.ts';

const text = (): string => randomBytes(32).toString('base64url');

/** Sign-ins that were begun and not ended; the oldest is forgotten first. */
const mostBegun = 100;

export type Portal = {
  /** Where a browser is sent to sign in (RFC 6749 §4.1.1, RFC 7636). */
  readonly begin: () => string;
  /** The access token that a code is good for; undefined for a sign-in that was not begun here. */
  readonly end: (returned: URLSearchParams) => Promise<string | undefined>;
};

/** The client of the provider in this very process: the code flow with PKCE. */
export const portalOf = ({
  issuer,
  origin,
  redirectUri,
}: {
  readonly issuer: string;
  readonly origin: string;
  readonly redirectUri: string;
}): Portal => {
  const begun = new Map<string, string>();
  return {
    begin: () => {
      const [state, verifier] = [text(), text()];
      begun.set(state, verifier);
      if (begun.size > mostBegun) begun.delete(begun.keys().next().value ?? '');
      const parameters = new URLSearchParams({
        client_id: portalClient,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: `openid ${accessScope}`,
        resource: origin,
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      });
      return `${issuer}/auth?${parameters.toString()}`;
    },
    end: async (returned) => {
      const state = returned.get('state') ?? '';
      const verifier = begun.get(state);
      const code = returned.get('code');
      if (verifier === undefined || code === null) return undefined;
      begun.delete(state);
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: portalClient,
          redirect_uri: redirectUri,
          resource: origin,
          code,
          code_verifier: verifier,
        }),
        signal: AbortSignal.timeout(5000),
      });
      const bytes = answer.body === null ? undefined : await readAtMost(answer.body, 65_536);
      const json = bytes === undefined ? undefined : parseStrictJson(bytes);
      const token = isJsonObject(json) ? json['access_token'] : undefined;
      return typeof token === 'string' ? token : undefined;
    },
  };
};
