import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { signatureLength } from '#shared/message/algorithm.ts';
import type { PublicJwk } from '#shared/message/claims.ts';
import { type AdmittedKey, admitKey } from '#shared/registry/admit-key.ts';
import { readVectors } from '#tests/support/vectors.ts';

const File = z.object({
  testGroups: z.array(
    z.object({
      publicKey: z.union([z.object({ uncompressed: z.string() }), z.object({ pk: z.string() })]),
      tests: z.array(
        z.object({
          tcId: z.int(),
          msg: z.string(),
          sig: z.string(),
          result: z.enum(['valid', 'invalid']),
        }),
      ),
    }),
  ),
});

type RawKey = z.infer<typeof File>['testGroups'][number]['publicKey'];

const part = (hex: string, from: number): string =>
  Buffer.from(hex, 'hex')
    .subarray(from, from + 32)
    .toString('base64url');

/** The JWK of a raw key: some groups come without one. */
const toJwk = (raw: RawKey): PublicJwk =>
  'pk' in raw
    ? { kty: 'OKP', crv: 'Ed25519', x: part(raw.pk, 0) }
    : { kty: 'EC', crv: 'P-256', x: part(raw.uncompressed, 1), y: part(raw.uncompressed, 33) };

/** What jose calls underneath compactVerify, with the key as registration imports it. */
const verify = async ({ alg, key }: AdmittedKey, msg: string, sig: string): Promise<boolean> => {
  const signature = Buffer.from(sig, 'hex');
  if (signature.length !== signatureLength) return false;
  const scheme = alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' };
  return crypto.subtle.verify(scheme, key, signature, Buffer.from(msg, 'hex'));
};

type Judged = { readonly tcId: number; readonly holds: boolean; readonly valid: boolean };

const judge = async (file: z.infer<typeof File>): Promise<readonly Judged[]> => {
  const judged: Judged[] = [];
  for (const { publicKey, tests } of file.testGroups) {
    const key = await admitKey(toJwk(publicKey));
    for (const { tcId, msg, sig, result } of tests) {
      judged.push({ tcId, holds: await verify(key, msg, sig), valid: result === 'valid' });
    }
  }
  return judged;
};

const summary = (
  judged: readonly Judged[],
): { readonly accepted: number; readonly refused: number; readonly wrong: readonly number[] } => ({
  accepted: judged.filter(({ holds }) => holds).length,
  refused: judged.filter(({ holds }) => !holds).length,
  wrong: judged.filter(({ holds, valid }) => holds !== valid).map(({ tcId }) => tcId),
});

describe('Wycheproof, the primitives under both algorithms', () => {
  it('ECDSA P-256 with SHA-256, r and s side by side: 262 vectors', async (test) => {
    const file = readVectors(test, 'wycheproof/ecdsa_secp256r1_sha256_p1363_test.json', File);

    expect(summary(await judge(file))).toEqual({ accepted: 173, refused: 89, wrong: [] });
  });

  it('Ed25519: 151 vectors', async (test) => {
    const file = readVectors(test, 'wycheproof/ed25519_test.json', File);

    expect(summary(await judge(file))).toEqual({ accepted: 88, refused: 63, wrong: [] });
  });
});
