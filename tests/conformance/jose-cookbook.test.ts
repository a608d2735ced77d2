import { constants, createHmac, createPublicKey, verify } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify } from 'jose';
import { describe, expect, it, type TestContext } from 'vitest';
import * as z from 'zod';
import { fromBase64Url } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonValue } from '#shared/kernel/strict-json.ts';
import { PublicJwk } from '#shared/message/claims.ts';
import type { KeyDirectory } from '#shared/message/key.ts';
import { receiveAccess, receiveRequest } from '#shared/message/receive.ts';
import { admitKey } from '#shared/registry/admit-key.ts';
import { clockAt, testAudience, testNow, withMembers } from '#tests/support/messages.ts';
import { readVectors } from '#tests/support/vectors.ts';

/** ietf-jose/cookbook; the signing part of RFC 7520, RFC 8037 and RFC 7797. */
const signed = [
  '4_1.rsa_v15_signature',
  '4_2.rsa-pss_signature',
  '4_3.ecdsa_signature',
  '4_4.hmac-sha2_integrity_protection',
  '4_5.signature_with_detached_content',
  '4_6.protecting_specific_header_fields',
  '4_7.protecting_content_only',
  '4_8.multiple_signatures',
  'curve25519_jws',
  'rfc7797_hmac-sha2_b64_false',
  'rfc7797_4.2.hmac-sha2_b64_false',
] as const;

const list = <Item extends z.ZodType>(item: Item) =>
  z.union([item.transform((one) => [one]), z.array(item)]);
const Header = z.object({ alg: z.string().optional() });
const Example = z.object({
  input: z.object({
    key: list(z.record(z.string(), z.json())),
    alg: list(z.string()),
  }),
  signing: list(
    z.object({
      protected: Header.optional(),
      unprotected: Header.optional(),
      'sig-input': z.string(),
      sig: z.string(),
    }),
  ),
  output: z
    .object({ compact: z.string().optional(), json: z.json(), json_flat: z.json() })
    .partial(),
});
type Example = z.infer<typeof Example>;

const read = (test: TestContext, name: string): Example =>
  readVectors(test, `jose/${name}.json`, Example);

type Primitive = {
  readonly alg: string;
  readonly jwk: Readonly<Record<string, JsonValue>>;
  readonly input: string;
  readonly sig: string;
};

const options = {
  RS256: { hash: 'sha256' },
  PS384: {
    hash: 'sha384',
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  },
  ES512: { hash: 'sha512', dsaEncoding: 'ieee-p1363' },
  ES256: { hash: 'sha256', dsaEncoding: 'ieee-p1363' },
  EdDSA: { hash: null },
} as const;

const isKnown = (alg: string): alg is keyof typeof options => Object.hasOwn(options, alg);

/** Whether a signature of an example holds by Node's own primitives, whatever algorithm it has. */
const holds = ({ alg, jwk, input, sig }: Primitive): boolean => {
  if (alg === 'HS256') {
    const secret = Buffer.from(typeof jwk['k'] === 'string' ? jwk['k'] : '', 'base64url');
    return createHmac('sha256', secret).update(input).digest('base64url') === sig;
  }
  if (!isKnown(alg)) throw new Error(`There is no primitive for ${alg} here.`);
  const { hash, ...rest } = options[alg];
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(hash, Buffer.from(input), { key, ...rest }, Buffer.from(sig, 'base64url'));
};

const primitivesOf = ({ input, signing }: Example): readonly Primitive[] =>
  signing.map((each, index) => ({
    alg: input.alg[index] ?? '',
    jwk: input.key[index] ?? {},
    input: each['sig-input'],
    sig: each.sig,
  }));

const noDirectory: KeyDirectory = () => {
  throw new Error('The registry was asked for a key.');
};

const receiver = { audience: testAudience, keyOf: noDirectory, now: clockAt(testNow) };

const refusalOf = async (attempt: Promise<unknown>): Promise<string> => {
  const outcome: unknown = await attempt.then(
    () => 'accepted',
    (error: unknown) => error,
  );
  if (!(outcome instanceof Problem)) throw new Error('Not refused.', { cause: outcome });
  return [outcome.name, ...(outcome.extras.errors ?? []).map(({ pointer }) => pointer)].join(' ');
};

describe('the JOSE cookbook', () => {
  it.for(signed)('%s: every signature in it holds', (name, test) => {
    const results = primitivesOf(read(test, name)).map(holds);

    // In that one file the signature belongs to another example: see below.
    expect(results).toEqual(results.map(() => name !== 'rfc7797_hmac-sha2_b64_false'));
  });

  it.for(signed)('%s: as a message it is refused before a key is asked for', async (name, test) => {
    const { output } = read(test, name);
    const compact = output.compact;
    const texts = [output.json, output.json_flat].filter((json) => json !== undefined);

    for (const text of texts.map((json) => JSON.stringify(json))) {
      expect(await refusalOf(receiveAccess(text, receiver))).toBe('malformed');
      expect(await refusalOf(receiveRequest(`${text}~`, receiver))).toBe('malformed');
    }
    // No typ: the header is not the closed one. An unencoded payload is no base64url.
    const expected = name.startsWith('rfc7797') ? 'malformed' : 'header-not-allowed';
    const refusals = [compact]
      .filter((text) => text !== undefined)
      .map((text) => refusalOf(receiveAccess(text, receiver)));
    expect(await Promise.all(refusals)).toEqual(refusals.map(() => expected));
  });

  it.for(signed)('%s: none of its keys is registered as it stands', async (name, test) => {
    for (const key of read(test, name).input.key) {
      expect(await refusalOf(admitKey(key))).toMatch(/^invalid-claims \/(d|k)$/);
      const bare = withMembers({ d: undefined, kid: undefined })(key);
      const isEd25519 = bare['crv'] === 'Ed25519';
      const verdict = isEd25519 ? (await admitKey(bare)).alg : await refusalOf(admitKey(bare));
      expect(verdict).toMatch(/^(Ed25519|invalid-claims \/(p|k|crv))$/);
    }
  });

  it('jwk_3_1: a P-521 key is not registered', async (test) => {
    const key = readVectors(
      test,
      'jose/jwk_3_1.ec_public_key.json',
      z.record(z.string(), z.json()),
    );

    expect(await refusalOf(admitKey(key))).toBe('invalid-claims /crv');
  });
});

describe('the examples of the RFCs', () => {
  const File = z.object({
    a3: z.object({ jwk: PublicJwk, jws: z.string() }),
    rfc7638: z.object({
      jwk: z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string() }),
      thumbprint: z.string(),
    }),
    rfc8037: z.object({ jwk: PublicJwk, thumbprint: z.string() }),
  });
  const path = 'jose/rfc7515-a3_rfc7638.json';

  it('RFC 7515 A.3 (ES256): the key is admitted and the signature holds with it', async (test) => {
    const { jwk, jws } = readVectors(test, path, File).a3;
    const { key, alg } = await admitKey(jwk);
    const { payload } = await compactVerify(jws, key, { algorithms: [alg] });

    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({ iss: 'joe' });
    expect(await refusalOf(receiveAccess(jws, receiver))).toBe('header-not-allowed');
  });

  it('RFC 7638: the thumbprint is the published one, and RSA is not admitted', async (test) => {
    const { jwk, thumbprint } = readVectors(test, path, File).rfc7638;

    expect(await calculateJwkThumbprint(jwk)).toBe(thumbprint);
    expect(await refusalOf(admitKey(jwk))).toBe('invalid-claims /kty');
  });

  it('RFC 8037 A.3 (Ed25519): the thumbprint is the published one', async (test) => {
    const { jwk, thumbprint } = readVectors(test, path, File).rfc8037;

    expect((await admitKey(jwk)).kid).toBe(thumbprint);
  });

  it('RFC 8037 A.4: the signature holds with the admitted key, its name EdDSA does not', async (test) => {
    const { input, signing, output } = read(test, 'curve25519_jws');
    const { key, alg } = await admitKey(withMembers({ d: undefined })(input.key[0] ?? {}));
    const [{ 'sig-input': text, sig } = { 'sig-input': '', sig: '' }] = signing;
    const signature = Buffer.from(fromBase64Url(sig) ?? []);

    expect(await crypto.subtle.verify('Ed25519', key, signature, Buffer.from(text))).toBe(true);
    await expect(compactVerify(output.compact ?? '', key, { algorithms: [alg] })).rejects.toThrow(
      'alg',
    );
  });
});
