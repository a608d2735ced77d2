import { describe, expect, it, type TestContext } from 'vitest';
import * as z from 'zod';
import { verifierKey, verifyEd25519 } from '#shared/audit/tlog/verifier-key.ts';
import { readVectors } from '#tests/support/vectors.ts';

const Hex = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .transform((text) => Buffer.from(text, 'hex'));

const File = z.object({
  testGroups: z.array(
    z.object({
      publicKey: z.object({ pk: Hex }),
      tests: z.array(
        z.object({
          tcId: z.int(),
          comment: z.string(),
          flags: z.array(z.string()),
          msg: Hex,
          sig: Hex,
          result: z.enum(['valid', 'invalid']),
        }),
      ),
    }),
  ),
});

const judge = (test: TestContext) =>
  readVectors(test, 'wycheproof/ed25519_test.json', File).testGroups.flatMap(
    ({ publicKey, tests }) => {
      const key = verifierKey('log.example', 'ed25519', publicKey.pk);
      return tests.map((one) => ({ ...one, holds: verifyEd25519(key, one.msg, one.sig) }));
    },
  );

describe('Wycheproof, Ed25519, as the signatures of notes', () => {
  it('151 vectors', (test) => {
    const judged = judge(test);
    const wrong = judged.filter(({ holds, result }) => holds !== (result === 'valid'));

    expect(wrong.map(({ tcId }) => tcId)).toEqual([]);
    expect(judged.filter(({ holds }) => holds).length).toBe(88);
    expect(judged.filter(({ holds }) => !holds).length).toBe(63);
  });

  it('those that could be altered without the key are among the refused', (test) => {
    const malleable = judge(test).filter(({ flags }) => flags.includes('SignatureMalleability'));

    expect(malleable.length).toBeGreaterThan(0);
    expect(malleable.filter(({ holds }) => holds)).toEqual([]);
  });
});
