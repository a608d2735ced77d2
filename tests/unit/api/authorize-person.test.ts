import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKeySet } from '#functions/runtime/oidc/key-set.ts';
import { providerKeys } from '#functions/runtime/oidc/provider-keys.ts';
import { authorizePerson, maxPersonAge, type PersonRules } from '#shared/api/authorize-person.ts';
import { maxPersonToken } from '#shared/api/person-token.ts';
import { problems } from '#shared/kernel/problem.ts';
import { testNow } from '#tests/support/messages.ts';
import {
  buildPersonToken,
  makePersonKey,
  type PersonKey,
  type PersonTokenParts,
  publicJwkOf,
  testIssuer,
  testOrigin,
  testPersonId,
  testRules,
} from '#tests/support/person-tokens.ts';

const own = makePersonKey();
const rsa = makePersonKey('RS256', 'key-rsa');
const stranger = makePersonKey();
const published = [own, rsa].map(publicJwkOf);
const seconds = Math.floor(testNow / 1000);

const receiver = (rules: Partial<PersonRules> = {}, keys = published, now = testNow) => {
  const set = readKeySet({ keys });
  const asked: string[] = [];
  const find = async (kid: string) => {
    asked.push(kid);
    return set.get(kid);
  };
  const parts = {
    rules: { ...testRules, ...rules },
    keys: providerKeys(find),
    now: () => now,
  };
  return { asked, take: (token: string) => authorizePerson(`Bearer ${token}`, parts), parts };
};

const nameOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'taken';
  } catch (error) {
    return error instanceof Error ? error.name : 'no error';
  }
};

const bent = (parts: Partial<PersonTokenParts>): string => buildPersonToken({ key: own, ...parts });

/** Signed with HMAC under the published key as if it were a secret (CVE-2015-9235). */
const hmacUnderPublicKey = (): string => {
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  return buildPersonToken({
    key: rsa,
    header: { alg: 'HS256' },
    signature: (input) => createHmac('sha256', pem).update(input).digest(),
  });
};

const bad = [
  [
    'signed by nobody (alg none)',
    () => bent({ header: { alg: 'none' }, signature: () => new Uint8Array() }),
    'algorithm-not-allowed',
  ],
  ['signed by HMAC under the public key', hmacUnderPublicKey, 'algorithm-not-allowed'],
  [
    'of an algorithm that the settings leave out',
    () => bent({ header: { alg: 'ES512' } }),
    'algorithm-not-allowed',
  ],
  [
    'of another algorithm than its key',
    () => bent({ header: { alg: 'RS256' } }),
    'algorithm-not-allowed',
  ],
  [
    'of PSS under a key for PKCS #1',
    () => bent({ key: { ...rsa, alg: 'PS256' } }),
    'algorithm-not-allowed',
  ],
  ['of a key that is not published', () => bent({ header: { kid: 'key-2' } }), 'unknown-key'],
  ['without a kid', () => bent({ header: { kid: undefined } }), 'malformed'],
  [
    'with a key of its own in the header',
    () => bent({ key: { ...stranger, kid: 'mine' }, header: { jwk: publicJwkOf(stranger) } }),
    'unknown-key',
  ],
  ['signed by a stranger under a published id', () => bent({ key: stranger }), 'signature-invalid'],
  ['with a signature of no bytes', () => bent({ signature: () => new Uint8Array() }), 'malformed'],
  [
    'with half a signature',
    () => bent({ signature: () => new Uint8Array(32) }),
    'signature-invalid',
  ],
  ['with crit', () => bent({ header: { crit: ['b64'], b64: false } }), 'header-not-allowed'],
  ['of the typ of another message', () => bent({ header: { typ: 'inq-access+jwt' } }), 'wrong-typ'],
  ['of the typ of a logout token', () => bent({ header: { typ: 'logout+jwt' } }), 'wrong-typ'],
  ['with a typ that is no text', () => bent({ header: { typ: 7 } }), 'wrong-typ'],
  [
    'of an unknown issuer',
    () => bent({ claims: { iss: 'https://evil.example' } }),
    'issuer-key-mismatch',
  ],
  [
    'of the issuer with a slash',
    () => bent({ claims: { iss: `${testIssuer}/` } }),
    'issuer-key-mismatch',
  ],
  ['without an issuer', () => bent({ claims: { iss: undefined } }), 'issuer-key-mismatch'],
  [
    'for another audience',
    () => bent({ claims: { aud: 'https://bank.example' } }),
    'wrong-audience',
  ],
  [
    'for several others',
    () => bent({ claims: { aud: ['a', `${testOrigin}/`] } }),
    'wrong-audience',
  ],
  ['for nobody', () => bent({ claims: { aud: undefined } }), 'wrong-audience'],
  ['that has expired', () => bent({ claims: { exp: seconds - 11 } }), 'expired'],
  [
    'that is too old, whatever it says',
    () => bent({ claims: { iat: seconds - maxPersonAge - 11, exp: seconds + 86_400 } }),
    'expired',
  ],
  ['that never expires', () => bent({ claims: { exp: undefined } }), 'invalid-claims'],
  ['that does not say since when', () => bent({ claims: { iat: undefined } }), 'invalid-claims'],
  ['whose time is text', () => bent({ claims: { exp: String(seconds + 600) } }), 'invalid-claims'],
  ['whose time is before 1970', () => bent({ claims: { nbf: -1 } }), 'invalid-claims'],
  ['that is not valid yet', () => bent({ claims: { nbf: seconds + 61 } }), 'not-yet-valid'],
  ['of a later time', () => bent({ claims: { iat: seconds + 61 } }), 'not-yet-valid'],
  ['about nobody', () => bent({ claims: { national_id: undefined } }), 'invalid-claims'],
  [
    'with a number in place of a text',
    () => bent({ claims: { national_id: 499_370_899 } }),
    'invalid-claims',
  ],
  [
    'with a wrong check digit',
    () => bent({ claims: { national_id: '0499370890' } }),
    'invalid-claims',
  ],
  [
    'with ten equal digits',
    () => bent({ claims: { national_id: '0000000000' } }),
    'invalid-claims',
  ],
  ['that is too large', () => bent({ claims: { roles: 'x'.repeat(maxPersonToken) } }), 'malformed'],
  ['whose claims are no object', () => bent({ payload: '["x"]' }), 'malformed'],
  ['with a claim twice', () => bent({ payload: `{"iss":"${testIssuer}","iss":"x"}` }), 'malformed'],
  [
    'whose exp is infinite',
    () => bent({ payload: `{"iss":"${testIssuer}","exp":1e400}` }),
    'malformed',
  ],
  ['with padding', () => `${bent({})}==`, 'malformed'],
  ['of two segments', () => bent({}).split('.').slice(0, 2).join('.'), 'malformed'],
  ['of five segments, encrypted', () => `${bent({})}.AAAA.AAAA`, 'malformed'],
  ['that is none', () => 'opaque', 'malformed'],
] as const;

describe('the token of a person', () => {
  it.each([
    ['an access token', {}],
    ['a JWT that says no more', { header: { typ: 'JWT' } }],
    ['one without a typ', { header: { typ: undefined } }],
    ['one for several, us among them', { claims: { aud: ['account', testOrigin] } }],
    ['one that expired within the skew of clocks', { claims: { exp: seconds - 10 } }],
    ['one of a clock that is ahead', { claims: { iat: seconds + 60, nbf: seconds + 60 } }],
    ['Persian digits', { claims: { national_id: '۰۴۹۹۳۷۰۸۹۹' } }],
    ['Arabic digits and marks', { claims: { national_id: '\u200e٠٤٩٩-٣٧٠٨٩٩' } }],
    ['members that nobody needs', { header: { x5t: 'abc', jku: 'https://evil.example' } }],
  ] as const)('is taken: %s', async (_, parts) => {
    const { take } = receiver();
    expect(await take(bent(parts))).toEqual({ type: 'ir-national-id', value: testPersonId });
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)(
    'is taken when signed by %s',
    async (alg) => {
      const key: PersonKey = makePersonKey(alg, 'key-of-that-kind');
      const { take } = receiver({}, [publicJwkOf(key)]);
      expect(await take(buildPersonToken({ key }))).toMatchObject({ value: testPersonId });
    },
  );

  it.each(bad)('is refused: one %s', async (_, make, problem) => {
    expect(await nameOf(receiver().take(make()))).toBe(problem);
  });

  it.each(bad)('tells nothing of itself where it is refused: one %s', async (_, make) => {
    const told = await receiver()
      .take(make())
      .then(
        () => '',
        (error: unknown) => (error instanceof Error ? error.message : ''),
      );
    expect(told).not.toBe('');
    expect(told).not.toMatch(/evil|bank\.example|0499370|opaque|key-2/);
  });

  it('asks for no key where what is cheap is wrong already', async () => {
    const { asked, take } = receiver();
    await nameOf(take(bent({ claims: { iss: 'https://evil.example' } })));
    await nameOf(take(bent({ header: { alg: 'HS256' } })));
    await nameOf(take('opaque'));
    expect(asked).toEqual([]);
  });

  it.each([undefined, '', 'Bearer', 'Basic abc', 'Bearer a b'])(
    'is missing in an Authorization of %s',
    async (field) => {
      expect(await nameOf(authorizePerson(field, receiver().parts))).toBe('unauthenticated');
    },
  );

  it('names a legal person where the settings say so, by the claim that they name', async () => {
    const { take } = receiver({ claim: 'legal.id', type: 'ir-legal-id' });
    const token = bent({ claims: { 'legal.id': '10380284790' } });
    expect(await take(token)).toEqual({ type: 'ir-legal-id', value: '10380284790' });
    expect(await nameOf(take(bent({})))).toBe('invalid-claims');
  });

  it('names nobody by what every object has', async () => {
    const { take } = receiver({ claim: 'constructor' });
    expect(await nameOf(take(bent({})))).toBe('invalid-claims');
  });

  it('does not outlive any change of one character', async () => {
    const token = bent({});
    const { take } = receiver();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: token.length - 1 }),
        fc.constantFrom(...'A B C D a b c d 0 1 2 3 - _ . = ~'.split(' ')),
        async (at, character) => {
          const changed = token.slice(0, at) + character + token.slice(at + 1);
          const name = await nameOf(take(changed));
          expect(name === 'taken').toBe(changed === token);
          expect(name === 'taken' || Object.hasOwn(problems, name)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is taken or refused by name, whatever its header and claims hold', async () => {
    const { take } = receiver();
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('alg', 'kid', 'typ', 'crit', 'zip'), fc.jsonValue()),
        fc.dictionary(
          fc.constantFrom('iss', 'aud', 'iat', 'exp', 'nbf', 'national_id'),
          fc.jsonValue(),
        ),
        async (header, claims) => {
          const name = await nameOf(take(bent({ header, claims })));
          expect(name === 'taken' || Object.hasOwn(problems, name)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});
