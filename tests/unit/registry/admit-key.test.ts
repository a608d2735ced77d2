import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '#shared/kernel/strict-json.ts';
import { algorithms } from '#shared/message/algorithm.ts';
import { admitJwk, admitKey } from '#shared/registry/admit-key.ts';
import { makeKey, rawSign, type TestKey, withMembers } from '#tests/support/messages.ts';

let ec: TestKey;
let ed: TestKey;

beforeAll(async () => {
  ec = await makeKey('ES256');
  ed = await makeKey('Ed25519');
});

const refusalOf = async (json: JsonValue, at?: string): Promise<Problem> => {
  const outcome: unknown = await admitKey(json, at).catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome;
  throw new Error('The key was not refused with a Problem.', { cause: outcome });
};

const pointerOf = async (json: JsonValue): Promise<string | undefined> => {
  const { name, extras } = await refusalOf(json);
  expect(name).toBe('invalid-claims');
  return extras.errors?.[0]?.pointer;
};

const little = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
const secret = randomBytes(32).toString('base64url');

describe('admitKey takes', () => {
  it.each(algorithms)('a plain %s key, which then verifies', async (alg) => {
    const key = alg === 'ES256' ? ec : ed;
    const admitted = await admitKey(key.jwk);
    const scheme = alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' };
    const signature = Buffer.from(await rawSign(key, 'سلام'));

    expect(admitted).toMatchObject({ kid: key.kid, alg, jwk: key.jwk });
    expect(admitted.key.usages).toEqual(['verify']);
    expect(await crypto.subtle.verify(scheme, admitted.key, signature, Buffer.from('سلام'))).toBe(
      true,
    );
  });

  it.each(algorithms)('an %s key with every hint, and keeps none of them', async (alg) => {
    const { jwk, kid } = alg === 'ES256' ? ec : ed;

    expect((await admitKey({ ...jwk, alg, use: 'sig', key_ops: ['verify'], kid })).jwk).toEqual(
      jwk,
    );
  });

  it('every key that a library makes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...algorithms), async (alg) => {
        const { jwk, kid } = await makeKey(alg);
        expect(await admitKey(jwk)).toMatchObject({ kid, alg, jwk });
      }),
      { numRuns: 20 },
    );
  });
});

describe('admitKey refuses', () => {
  it.each<[string, JsonValue]>([
    ['null', null],
    ['a string', '{"kty":"EC"}'],
    ['an array', []],
    ['an empty object', {}],
    ['a set of keys', { keys: [] }],
    ['an RSA key', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
    ['a symmetric key', { kty: 'oct', k: secret }],
    ['an AKP key', { kty: 'AKP', alg: 'ML-DSA-44', pub: secret }],
    ['kty in small letters', { kty: 'ec' }],
    ['kty in an array', { kty: ['EC'] }],
  ])('%s', async (_, json) => {
    expect(['', '/kty', '/keys', '/k']).toContain(await pointerOf(json));
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('the secret member %s', async (member) => {
    expect(await pointerOf({ ...ec.jwk, [member]: secret })).toBe(`/${member}`);
    expect(await pointerOf({ ...ed.jwk, [member]: null })).toBe(`/${member}`);
  });

  it.each(['x5c', 'x5u', 'x5t', 'x5t#S256', 'ext', 'n', 'e', 'jku', 'nbf', ''])(
    'the member %j, without naming it',
    async (member) => {
      expect(await pointerOf({ ...ec.jwk, [member]: 'SECRET' })).toBe('');
    },
  );

  it('a y on an Ed25519 key', async () => {
    expect(await pointerOf({ ...ed.jwk, y: secret })).toBe('');
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ['use enc', { use: 'enc' }, { use: 'enc' }, '/use'],
    ['use SIG', { use: 'SIG' }, { use: 'SIG' }, '/use'],
    ['use null', { use: null }, { use: null }, '/use'],
    ['the alg of another curve', { alg: 'Ed25519' }, { alg: 'ES256' }, '/alg'],
    ['an alg of the same family', { alg: 'ES384' }, { alg: 'Ed448' }, '/alg'],
    ['the alg name that RFC 9864 deprecates', { alg: 'ESP256' }, { alg: 'EdDSA' }, '/alg'],
    ['an alg for agreement', { alg: 'ECDH-ES' }, { alg: 'ECDH-ES' }, '/alg'],
    ['alg null', { alg: null }, { alg: null }, '/alg'],
    ['no key_ops', { key_ops: [] }, { key_ops: [] }, '/key_ops'],
    ['key_ops sign', { key_ops: ['sign'] }, { key_ops: ['sign'] }, '/key_ops'],
    [
      'key_ops verify and sign',
      { key_ops: ['verify', 'sign'] },
      { key_ops: ['sign', 'verify'] },
      '/key_ops',
    ],
    ['key_ops verify twice', { key_ops: ['verify', 'verify'] }, { key_ops: null }, '/key_ops'],
    [
      'key_ops verify and encrypt',
      { key_ops: ['verify', 'encrypt'] },
      { key_ops: [['verify']] },
      '/key_ops',
    ],
    ['key_ops a string', { key_ops: 'verify' }, { key_ops: 'verify' }, '/key_ops'],
    ['another kid', { kid: 'A'.repeat(43) }, { kid: 'A'.repeat(43) }, '/kid'],
    ['a kid of the sender’s choice', { kid: 'till-3' }, { kid: 'till-3' }, '/kid'],
    ['an empty kid', { kid: '' }, { kid: null }, '/kid'],
    ['another curve', { crv: 'P-384' }, { crv: 'X25519' }, '/crv'],
    ['a curve of the other kind', { crv: 'Ed25519' }, { crv: 'P-256' }, '/crv'],
    ['secp256k1', { crv: 'secp256k1' }, { crv: 'Ed448' }, '/crv'],
  ])('%s', async (_, onEc, onEd, pointer) => {
    expect(await pointerOf({ ...ec.jwk, ...onEc })).toBe(pointer);
    expect(await pointerOf({ ...ed.jwk, ...onEd })).toBe(pointer);
  });

  it.each<[string, (x: string) => JsonValue]>([
    ['padded', (x) => `${x}=`],
    ['in another spelling', (x) => `${x.slice(0, 42)}B`],
    ['of 31 bytes', () => Buffer.alloc(31, 1).toString('base64url')],
    [
      'of 33 bytes, a zero in front',
      (x) => Buffer.concat([Buffer.alloc(1), Buffer.from(x, 'base64url')]).toString('base64url'),
    ],
    ['in the standard alphabet', () => `${'+'.repeat(42)}A`],
    ['that is empty', () => ''],
    ['that is a number', () => 1],
    ['in an array', (x) => [x]],
  ])('a coordinate %s', async (_, change) => {
    expect(await pointerOf({ ...ec.jwk, x: change(ec.jwk.x) })).toBe('/x');
    expect(await pointerOf({ ...ed.jwk, x: change(ed.jwk.x) })).toBe('/x');
    const { y } = { y: '', ...ec.jwk };
    expect(await pointerOf({ ...ec.jwk, y: change(y) })).toBe('/y');
  });

  it.each(['x', 'y', 'crv', 'kty'])('a P-256 key without %s', async (member) => {
    expect(await pointerOf(withMembers({ [member]: undefined })(ec.jwk))).toBe(`/${member}`);
  });

  it('a P-256 point off the curve, at (0, 0) or with its coordinates swapped', async () => {
    const zero = Buffer.alloc(32).toString('base64url');
    const { x, y } = { y: '', ...ec.jwk };

    expect(await pointerOf({ ...ec.jwk, x: zero, y: zero })).toBe('/x');
    expect(await pointerOf({ ...ec.jwk, x: y, y: x })).toBe('/x');
    expect(await pointerOf({ ...ec.jwk, y: x })).toBe('/x');
  });

  it.each([
    ['low order', '00'.repeat(32), 'must not be a point of low order'],
    ['low order, the identity', `01${'00'.repeat(31)}`, 'must not be a point of low order'],
    [
      'order 8',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'must not be a point of low order',
    ],
    ['y above the prime', `ee${'ff'.repeat(30)}7f`, 'must be the canonical encoding of a point'],
    ['a sign on x = 0', `01${'00'.repeat(30)}80`, 'must be the canonical encoding of a point'],
    ['no point', `02${'00'.repeat(31)}`, 'must be a point of Ed25519'],
  ])('an Ed25519 key with %s', async (_, hex, detail) => {
    const { extras } = await refusalOf({ ...ed.jwk, x: little(hex) });

    expect(extras.errors?.map(({ pointer }) => pointer)).toEqual(['/x']);
    expect(extras.errors?.[0]?.detail).toContain(detail);
  });

  it('anything else, with Problems only, and says nothing of the input', async () => {
    const text = fc.string().map((value) => `SECRET${value}`);
    const value = fc.oneof(text, fc.array(text), fc.integer(), fc.constant(null));
    const change = fc.dictionary(
      fc.oneof(fc.constantFrom('kty', 'crv', 'x', 'y', 'alg', 'use', 'key_ops', 'kid', 'd'), text),
      value,
      { minKeys: 1, maxKeys: 4, noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(change, fc.boolean(), async (members, onEc) => {
        const { jwk }: { jwk: JsonValue } = onEc ? ec : ed;
        const refusal = await refusalOf({ ...(isJsonObject(jwk) ? jwk : {}), ...members });
        expect(refusal.name).toBe('invalid-claims');
        expect(JSON.stringify([refusal.message, refusal.extras])).not.toContain('SECRET');
      }),
    );
  });
});

describe('admitJwk', () => {
  it.each(algorithms)('finds the same %s key, by the same kid', async (alg) => {
    const { jwk, kid } = alg === 'ES256' ? ec : ed;
    const sent = { ...jwk, alg, use: 'sig', kid };

    expect(admitJwk(sent)).toEqual({ kid, jwk });
    expect(await admitKey(sent)).toMatchObject(admitJwk(sent));
  });

  it('refuses what admitKey refuses, with pointers below where the key stands', async () => {
    const at = '/cmd/with/jwk';
    for (const change of [{ d: secret }, { use: 'enc' }, { crv: 'P-384' }, { x5c: [] }]) {
      const sent = { ...ec.jwk, ...change };
      const plain = await refusalOf(sent);
      const errors = plain.extras.errors?.map((error) => ({
        ...error,
        pointer: `${at}${error.pointer}`,
      }));
      const moved = await refusalOf(sent, at);

      expect(moved.message).toBe(plain.message);
      expect(moved.extras).toEqual({ errors });
      expect(() => admitJwk(sent, at)).toThrow(moved);
    }
  });
});
