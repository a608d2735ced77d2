import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';
import { openPersons } from '#functions/runtime/oidc/open-persons.ts';
import { portalClient } from '#infra/local/citizens/provider.ts';
import { type RunningCitizens, startCitizens } from '#infra/local/citizens/start-citizens.ts';
import { authorizePerson } from '#shared/api/authorize-person.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const origin = 'http://127.0.0.1:9';
const person = '0499370899';

/** A browser, as far as it takes one: it keeps cookies and follows redirects within one host. */
const browser = () => {
  const cookies = new Map<string, string>();
  const visit = async (url: string, form?: Readonly<Record<string, string>>) => {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';', 1)[0]?.split('=') ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    return { status: answer.status, body: await answer.text(), location, url };
  };
  /** Until there is a page, or somewhere that another is asked. */
  const follow = async (url: string, form?: Readonly<Record<string, string>>, stop = '/stop') => {
    let seen = await visit(url, form);
    while (seen.location !== null) {
      const next = new URL(seen.location, seen.url).href;
      if (next.includes(stop)) return { ...seen, url: next };
      seen = await visit(next);
    }
    return seen;
  };
  return { follow };
};

const running: {
  folder?: Awaited<ReturnType<typeof temporaryFolder>>;
  citizens?: RunningCitizens;
} = {};

beforeAll(async () => {
  running.folder = await temporaryFolder();
  const keysFile = join(running.folder.path, 'citizens.json');
  running.citizens = await startCitizens({ origin, port: 0, keysFile });
});

afterAll(async () => {
  await running.citizens?.close();
  await running.folder?.[Symbol.asyncDispose]();
});

const issuer = (): string => running.citizens?.url ?? '';

/** Signs a person in and gives the access token, by the code flow with PKCE as RFC 7636 appendix B has it. */
const tokenOf = async (nationalId: string, resource = origin): Promise<string> => {
  const { follow } = browser();
  const redirect = `${issuer()}/portal/back`;
  const parameters = new URLSearchParams({
    client_id: portalClient,
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'openid accesses',
    resource,
    state: 'a-state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const login = await follow(`${issuer()}/auth?${parameters.toString()}`);
  expect(login.body).toContain('For development only.');
  const form = { national_id: nationalId };
  const back = await follow(login.url, form, '/portal/back');
  const returned = new URL(back.url).searchParams;
  expect(returned.get('state')).toBe('a-state');
  const answer = await fetch(`${issuer()}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: portalClient,
      redirect_uri: redirect,
      resource,
      code: returned.get('code') ?? '',
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    }),
  });
  const json: unknown = await answer.json();
  return typeof json === 'object' && json !== null && 'access_token' in json
    ? String(json.access_token)
    : JSON.stringify(json);
};

const receiver = (change: Readonly<Record<string, string>> = {}) =>
  openPersons(
    readEnv({
      ESTELAM_ORIGIN: origin,
      ESTELAM_SECRET_FILE: 'unused',
      JOURNAL_TABLE: 'journal',
      REGISTRY_TABLE: 'registry',
      OIDC_ISSUER: issuer(),
      ...change,
    }),
  );

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'no error');

describe('the provider of this machine', () => {
  it('gives a token that the exchange knows the person by, its keys found by discovery', async () => {
    const token = await tokenOf(person);
    expect(await authorizePerson(`Bearer ${token}`, receiver())).toEqual({
      type: 'ir-national-id',
      value: person,
    });
    const named = receiver({ OIDC_JWKS_URI: `${issuer()}/jwks` });
    expect(await authorizePerson(`Bearer ${token}`, named)).toMatchObject({ value: person });
  });

  it('gives a token that is good for no other audience and no other issuer', async () => {
    const token = await tokenOf('۰۷۹۰۴۱۹۹۰۴');
    const refusals = [
      { OIDC_AUDIENCE: 'https://bank.example' },
      { OIDC_ISSUER: `${issuer()}/other` },
      { OIDC_ALGORITHMS: 'EdDSA' },
      { OIDC_SUBJECT_CLAIM: 'sub' },
    ].map((change) => authorizePerson(`Bearer ${token}`, receiver(change)).catch(nameOf));
    expect(await Promise.all(refusals)).toEqual([
      'wrong-audience',
      'issuer-key-mismatch',
      'algorithm-not-allowed',
      'invalid-claims',
    ]);
  });

  it('knows nobody but the made-up persons, and asks again for everybody else', async () => {
    const { follow } = browser();
    const login = await follow(`${issuer()}/portal/begin`);
    // Of the right form, and of nobody in the sample data.
    for (const [typed, said] of [
      ['1111111111', 'Nobody in the sample data has this number.'],
      ['0499370890', 'That is no national id.'],
      ['<script>', 'That is no national id.'],
    ] as const) {
      const seen = await follow(login.url, { national_id: typed });
      expect(seen.body).toContain(said);
      expect(seen.body).not.toContain(typed);
    }
  });

  it('shows a page of its own for a sign-in that was not begun', async () => {
    const { follow } = browser();
    for (const path of ['/login/abc', '/portal/back?code=x&state=y']) {
      const seen = await follow(`${issuer()}${path}`);
      expect(seen.status).toBe(400);
      expect(seen.body).toContain('This sign-in');
    }
    expect((await follow(`${issuer()}/`)).body).toContain('Who asked about me?');
  });
});

describe('a provider that is away', () => {
  it('is told as that, and is asked in vain no more than once in a while', async () => {
    const token = await tokenOf(person);
    const nowhere = receiver({ OIDC_JWKS_URI: 'http://127.0.0.1:9/keys' });
    expect(await authorizePerson(`Bearer ${token}`, nowhere).catch(nameOf)).toBe(
      'identity-provider-unavailable',
    );
    const noKeys = receiver({ OIDC_JWKS_URI: `${issuer()}/portal/begin` });
    expect(await authorizePerson(`Bearer ${token}`, noKeys).catch(nameOf)).toBe(
      'identity-provider-unavailable',
    );
  });
});
