import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { discoverKeys, fits, readKeySet } from '#functions/runtime/oidc/key-set.ts';
import { isProviderUrl } from '#functions/runtime/oidc/provider-url.ts';
import { personAlgorithms } from '#shared/api/person-token.ts';
import { makePersonKey, publicJwkOf } from '#tests/support/person-tokens.ts';

const ed = publicJwkOf(makePersonKey('EdDSA', 'ed'));
const rsa = publicJwkOf(makePersonKey('RS256', 'rsa'));
const ec = publicJwkOf(makePersonKey('ES256', 'ec'));

/** The modulus of an RSA key of so many bits. */
const modulusOf = (modulusLength: number): string =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }).n ?? '';

describe('a set of keys', () => {
  it('is read by its ids, without what a signature does not need', () => {
    const keys = readKeySet({ keys: [{ ...ed, x5c: ['MII…'], d: 'secret' }, rsa] });
    expect([...keys.keys()]).toEqual(['ed', 'rsa']);
    expect(keys.get('ed')).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: ed['x'],
      kid: 'ed',
      alg: 'EdDSA',
    });
  });

  it.each([
    ['a shared secret', { kty: 'oct', kid: 'x', k: 'AAAA' }],
    ['a key for encryption', { ...rsa, kid: 'x', use: 'enc' }],
    ['a key that only signs', { ...rsa, kid: 'x', key_ops: ['sign'] }],
    ['an RSA key of 1,024 bits', { ...rsa, kid: 'x', n: modulusOf(1024) }],
    ['an RSA key of 2,047 bits', { ...rsa, kid: 'x', n: modulusOf(2047) }],
    [
      'such a key with zeros before it',
      { ...rsa, kid: 'x', n: `${'A'.repeat(172)}${modulusOf(1024)}` },
    ],
    ['an RSA key whose modulus is no number', { ...rsa, kid: 'x', n: '+'.repeat(400) }],
    ['a key without an id', { kty: 'OKP', crv: 'Ed25519', x: 'A' }],
    ['something else', 'key'],
  ])('leaves out %s', (_, key) => {
    const keys = readKeySet({ keys: [key, ed] });
    expect([...keys.keys()]).toEqual(['ed']);
  });

  it('takes the first of two with one id', () => {
    expect(readKeySet({ keys: [ed, { ...rsa, kid: 'ed' }] }).get('ed')).toMatchObject({
      kty: 'OKP',
    });
  });

  it.each([{}, { keys: {} }, [], { keys: Array.from({ length: 65 }, () => ed) }])(
    'is none where it is not of the form: %#',
    (json) => {
      expect(() => readKeySet(json)).toThrow(/./);
    },
  );
});

describe('a key', () => {
  const plain = Object.values({ ed, rsa, ec }).map(({ alg: _, ...key }) => key);
  const keys = readKeySet({ keys: plain });
  const fitting = (kid: string): readonly string[] => {
    const key = keys.get(kid);
    return personAlgorithms.filter((alg) => key !== undefined && fits(key, alg));
  };

  it('verifies the algorithms of its kind and no other', () => {
    expect(fitting('ed')).toEqual(['EdDSA', 'Ed25519']);
    expect(fitting('ec')).toEqual(['ES256']);
    expect(fitting('rsa')).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']);
  });

  it('verifies only the one that it names, where it names one', () => {
    const key = readKeySet({ keys: [rsa] }).get('rsa');
    expect(personAlgorithms.filter((alg) => key !== undefined && fits(key, alg))).toEqual([
      'RS256',
    ]);
  });
});

describe('the settings of a provider', () => {
  const issuer = 'https://id.example/realms/iran';
  const settings = { issuer, jwks_uri: 'https://keys.example/set', scopes_supported: ['openid'] };

  it('say where its keys are', async () => {
    const asked: string[] = [];
    const found = await discoverKeys(async (url) => {
      asked.push(url);
      return settings;
    }, issuer);
    expect(found).toBe('https://keys.example/set');
    expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`]);
  });

  it('are looked for without a second slash', async () => {
    const asked: string[] = [];
    await discoverKeys(async (url) => {
      asked.push(url);
      return { ...settings, issuer: `${issuer}/` };
    }, `${issuer}/`);
    expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`]);
  });

  it.each([
    ['are of another issuer', { ...settings, issuer: 'https://evil.example' }],
    ['lead to an address in the clear', { ...settings, jwks_uri: 'http://keys.example/set' }],
    ['lead nowhere', { issuer }],
  ])('are not taken where they %s', async (_, json) => {
    await expect(discoverKeys(async () => json, issuer)).rejects.toThrow(/./);
  });
});

describe('the address of a provider', () => {
  it.each(['https://id.example', 'https://id.example/realms/x', 'http://127.0.0.1:9000'])(
    'may be %s',
    (url) => {
      expect(isProviderUrl(url)).toBe(true);
    },
  );

  it.each([
    'http://id.example',
    'https://user:secret@id.example',
    'https://id.example#x',
    'http://127.0.0.1.evil.example',
    'file:///etc/passwd',
    'id.example',
  ])('may not be %s', (url) => {
    expect(isProviderUrl(url)).toBe(false);
  });
});
