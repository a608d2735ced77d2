import { describe, expect, it } from 'vitest';
import { signerOf } from '#shared/client/private-key.ts';
import { parseStrictJson } from '#shared/kernel/strict-json.ts';
import { makeKey } from '../../support/messages.ts';

const jwkOf = async (alg: 'ES256' | 'Ed25519') => {
  const key = await makeKey(alg);
  return { key, nameless: key.privateJwk, json: { ...key.privateJwk, kid: key.kid } };
};

const read = (json: object) => signerOf(parseStrictJson(JSON.stringify(json)));

describe('a private key', () => {
  it.each(['ES256', 'Ed25519'] as const)('of %s is ready to sign with', async (alg) => {
    const { key, json } = await jwkOf(alg);
    expect(await read(json)).toMatchObject({ kid: key.kid, alg, jwk: key.jwk });
  });

  it('must be named by its thumbprint, if it is named', async () => {
    const [one, other] = [await jwkOf('ES256'), await jwkOf('ES256')];
    await expect(read({ ...one.json, kid: other.key.kid })).rejects.toThrow('invalid-claims');
    expect((await read(one.nameless)).kid).toBe(one.key.kid);
  });

  it.each([
    ['no key', {}],
    ['a public key', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }],
    ['another curve', { kty: 'EC', crv: 'P-384', x: 'A', y: 'A', d: 'A' }],
  ])('is not %s', async (_, json) => {
    await expect(read(json)).rejects.toThrow('invalid-claims');
  });
});
