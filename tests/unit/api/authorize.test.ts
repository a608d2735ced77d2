import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorize, type Bound } from '#shared/api/authorize.ts';
import { type Route, routes } from '#shared/api/routes.ts';
import type { AccessReceiver } from '#shared/inquiry/exchange.ts';
import { memberRoles, roles } from '#shared/kernel/participant-id.ts';
import type { Problem } from '#shared/kernel/problem.ts';
import {
  type AccessParts,
  buildAccess,
  buildRequest,
  clockAt,
  directoryOf,
  makeKey,
  registered,
  testNow,
  withMembers,
} from '#tests/support/messages.ts';
import { matching } from '../runtime/matching.ts';

const origin = 'https://exchange.example';
const now = testNow;
const seconds = now / 1000;

const owners = roles.map((role) => `${role}:one`);
const keys = await Promise.all(owners.map((owner) => makeKey('ES256', owner)));
const keyOf = (owner: string) => {
  const key = keys.find((one) => one.owner === owner);
  if (key === undefined) throw new Error(`There is no key of ${owner}.`);
  return key;
};

const receiver: AccessReceiver = {
  isActive: async () => true,
  audience: origin,
  keyOf: directoryOf(await Promise.all(keys.map((key) => registered(key)))),
  now: clockAt(now),
};

const auditRoute = { roles: ['auditor'] } as const;
const bound: Bound = { method: 'GET', path: '/v1/audit/entries', query: '' };

const token = (change: Partial<AccessParts> = {}): Promise<string> =>
  buildAccess({
    key: keyOf('auditor:one'),
    now,
    audience: origin,
    htu: `${origin}/v1/audit/entries`,
    ...change,
  });

const admit = (
  authorization: string | undefined,
  to: Bound = bound,
  route: Pick<Route, 'roles'> = auditRoute,
): Promise<string> => authorize(authorization, route, to, receiver);

/** The name of the problem that a token meets; `admitted` when there is none. */
const judged = async (text: string, to: Bound = bound): Promise<string> => {
  try {
    await admit(`Bearer ${text}`, to);
    return 'admitted';
  } catch (error) {
    return error instanceof Error ? error.name : 'no error';
  }
};

describe('authorize', () => {
  it('tells who sent a good token', async () => {
    expect(await admit(`Bearer ${await token()}`)).toBe('auditor:one');
  });

  it.each(['Bearer ', 'bearer ', 'BEARER  '])('takes the scheme written as %j', async (scheme) => {
    expect(await admit(scheme + (await token()))).toBe('auditor:one');
  });

  it.each([
    ['/v1/diagnoses/JKJ-_XmPLvHcESHA=', '/v1/diagnoses/JKJ-_XmPLvHcESHA%3D', 'admitted'],
    ['/v1/diagnoses/JKJ-_XmPLvHcESHA%3D', '/v1/diagnoses/JKJ-_XmPLvHcESHA=', 'admitted'],
    ['/v1/diagnoses/a%3d', '/v1/diagnoses/a%3D', 'admitted'],
    ['/v1/diagnoses/a%2Fb', '/v1/diagnoses/a/b', 'wrong-audience'],
    ['/v1/diagnoses/a', '/v1/diagnoses/a%00', 'wrong-audience'],
    ['/v1/diagnoses/%', '/v1/diagnoses/%25', 'admitted'],
    ['/v1/diagnoses/%61', '/v1/diagnoses/%41', 'wrong-audience'],
  ])('a path that gateways spell anew: %s for %s is %s', async (path, named, verdict) => {
    const text = await token({ htu: origin + named });
    expect(await judged(text, { ...bound, path })).toBe(verdict);
  });

  it('asks for a token when none, or something else, was sent', async () => {
    const text = await token();
    const fields = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      text,
      `Basic ${text}`,
      `Bearer${text}`,
      `Bearer ${text} `,
      ` Bearer ${text}`,
      `Bearer ${text} ${text}`,
      `Bearer ${text}, Bearer ${text}`,
      `Bearer ${text}\n`,
      `DPoP ${text}`,
    ];
    for (const field of fields) {
      await expect(admit(field)).rejects.toMatchObject({ name: 'unauthenticated' });
    }
  });

  it('refuses what is no message, and does not repeat it', async () => {
    await expect(admit('Bearer not-a-token')).rejects.toMatchObject({
      name: 'malformed',
      detail: matching(/^(?!.*not-a-token)/),
    });
  });

  it('refuses a request that is sent as an access token', async () => {
    const counter = keyOf('counter:one');
    const jws =
      (await buildRequest({ key: counter, now, audience: origin })).split('~', 1)[0] ?? '';
    expect(await judged(jws)).toBe('wrong-typ');
  });

  it('refuses a token after its time and ten seconds, and not before', async () => {
    const until = (exp: number) =>
      token({ claims: (claims) => withMembers({ iat: exp - 60, exp })(claims) });
    expect(await judged(await until(seconds - 10))).toBe('admitted');
    expect(await judged(await until(seconds - 11))).toBe('expired');
  });

  it('refuses a token that lives longer than a minute', async () => {
    const living = (lifetime: number) =>
      token({ claims: (claims) => withMembers({ exp: seconds + lifetime })(claims) });
    expect(await judged(await living(60))).toBe('admitted');
    expect(await judged(await living(61))).toBe('lifetime-too-long');
  });

  it('refuses a token from the future, for another audience, or of a stranger', async () => {
    const future = { iat: seconds + 61, exp: seconds + 100 };
    expect(await judged(await token({ claims: withMembers(future) }))).toBe('not-yet-valid');
    expect(await judged(await token({ audience: `${origin}/v1/inquiries` }))).toBe(
      'wrong-audience',
    );
    expect(await judged(await token({ audience: 'https://other.example' }))).toBe('wrong-audience');
    expect(await judged(await token({ key: await makeKey('ES256', 'auditor:one') }))).toBe(
      'unknown-key',
    );
  });

  it('refuses a token that another signed in the name of an auditor', async () => {
    const claims = withMembers({ iss: 'auditor:one' });
    expect(await judged(await token({ key: keyOf('counter:one'), claims }))).toBe(
      'issuer-key-mismatch',
    );
  });

  it('refuses a token with a broken signature, and with a claim too many', async () => {
    const flip = (signature: Uint8Array) => signature.map((byte, n) => (n === 0 ? byte ^ 1 : byte));
    expect(await judged(await token({ signature: flip }))).toBe('signature-invalid');
    expect(await judged(await token({ claims: withMembers({ scope: 'all' }) }))).toBe(
      'invalid-claims',
    );
    expect(await judged(await token({ claims: withMembers({ htu: undefined }) }))).toBe(
      'invalid-claims',
    );
  });

  it('refuses a key that was revoked', async () => {
    const key = keyOf('auditor:one');
    const revoked = directoryOf([await registered(key, { status: 'revoked' })]);
    const admission = authorize(`Bearer ${await token()}`, auditRoute, bound, {
      ...receiver,
      keyOf: revoked,
    });
    await expect(admission).rejects.toMatchObject({ name: 'key-not-active' });
  });
});

const entries = `${origin}/v1/audit/entries`;
const query = 'from=2027-01-15T08:00:00Z&to=2027-01-15T09:00:00Z';

describe('the binding of an access token', () => {
  it('holds for this very method and URL', async () => {
    expect(await judged(await token({ htu: `${entries}?${query}` }), { ...bound, query })).toBe(
      'admitted',
    );
  });

  it.each([
    ['another path', `${origin}/v1/audit/entrie?${query}`],
    ['a longer path', `${entries}/x?${query}`],
    ['a slash at the end', `${entries}/?${query}`],
    ['a path of another case', `${origin}/v1/Audit/entries?${query}`],
    ['another origin', `https://other.example/v1/audit/entries?${query}`],
    ['another scheme', `http://exchange.example/v1/audit/entries?${query}`],
    ['a port', `https://exchange.example:443/v1/audit/entries?${query}`],
    ['no query', entries],
    ['an empty query', `${entries}?`],
    ['another value', `${entries}?${query.replace('09', '10')}`],
    ['another name', `${entries}?${query.replace('to=', 'until=')}`],
    ['another order', `${entries}?${query.split('&').toReversed().join('&')}`],
    ['a parameter more', `${entries}?${query}&limit=1000`],
    ['a parameter twice', `${entries}?${query}&${query}`],
    ['a parameter less', `${entries}?${query.split('&', 1)[0]}`],
    ['a second query', `${entries}?${query}?x`],
    ['a fragment', `${entries}?${query}#x`],
    ['only the path', `/v1/audit/entries?${query}`],
  ])('does not hold for %s', async (_, htu) => {
    expect(await judged(await token({ htu }), { ...bound, query })).toBe('wrong-audience');
  });

  it('does not hold for a parameter that the token did not name', async () => {
    const more = { ...bound, query: 'outcome=FOUND' };
    expect(await judged(await token({ htu: entries }), more)).toBe('wrong-audience');
  });

  it('does not hold for another method', async () => {
    expect(await judged(await token({ htm: 'POST' }))).toBe('wrong-audience');
    const posted = { ...bound, method: 'POST' };
    expect(await judged(await token(), posted)).toBe('wrong-audience');
    expect(await judged(await token({ htm: 'POST' }), posted)).toBe('admitted');
  });

  it('holds however the query is encoded on its way, and only for what it says', async () => {
    const names = fc.stringMatching(/^[a-z]{1,5}$/);
    const values = fc.stringMatching(/^[ -~سلام]{0,8}$/).filter((value) => !value.includes('?'));
    const parameters = fc.array(fc.tuple(names, values), { minLength: 1, maxLength: 4 });
    const written = (pairs: readonly (readonly [string, string])[]) =>
      pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    await fc.assert(
      fc.asyncProperty(parameters, fc.nat(), async (pairs, which) => {
        const htu = `${entries}?${written(pairs)}`;
        const text = await token({ htu });
        const reencoded = new URLSearchParams(pairs);
        expect(await judged(text, { ...bound, query: reencoded.toString() })).toBe('admitted');
        const changed = pairs.map(([name, value], n): [string, string] =>
          n === which % pairs.length ? [name, `${value}x`] : [name, value],
        );
        expect(await judged(text, { ...bound, query: written(changed) })).toBe('wrong-audience');
      }),
      { numRuns: 50 },
    );
  });
});

const reads = routes.filter(({ proof }) => proof === 'access-token');

describe.each(reads)('$name', (route) => {
  const path = route.path.replace('{id}', '019b76da-a800-7000-8000-000000000000');

  it.each(roles)('admits a %s if the table says so', async (role) => {
    const text = await token({ key: keyOf(`${role}:one`), htu: origin + path });
    const admission = admit(`Bearer ${text}`, { ...bound, path }, route);
    const admitted: readonly string[] = route.roles;
    const expected = admitted.includes(role) ? `${role}:one` : 'wrong-role';
    expect(await admission.catch((error: Problem) => error.name)).toBe(expected);
  });

  it('is for one role or some, never for everybody', () => {
    expect(route.roles.length).toBeGreaterThan(0);
    expect(route.roles.length).toBeLessThan(roles.length - 1);
  });

  const own = ['counter', 'agency', 'vendor'];

  const askedBySuspended = async (role: string): Promise<string> => {
    const suspended = { ...receiver, isActive: async () => false };
    const of = `Bearer ${await token({ key: keyOf(`${role}:one`) })}`;
    const asked = { roles: roles.filter((one) => one === role) };
    return authorize(of, asked, bound, suspended);
  };

  it.each(own)('lets a %s that was suspended or has left read what is its own', async (role) => {
    expect(await askedBySuspended(role)).toBe(`${role}:one`);
  });

  it.each(memberRoles.filter((role) => !own.includes(role)))(
    'lets a %s that was suspended or has left read nothing',
    async (role) => {
      await expect(askedBySuspended(role)).rejects.toMatchObject({ name: 'wrong-role' });
    },
  );
});
