import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { admitKey } from '#shared/registry/admit-key.ts';
import { withMembers } from '#tests/support/messages.ts';
import { readVectors } from '#tests/support/vectors.ts';

const KeySet = z.object({ keys: z.array(z.record(z.string(), z.json())) });
const File = z.object({
  testGroups: z.array(
    z.object({
      public: KeySet.optional(),
      private: KeySet,
      tests: z.array(z.object({ tcId: z.int(), result: z.enum(['valid', 'invalid']) })),
    }),
  ),
});

const path = 'wycheproof/json_web_key_test.json';

const verdictOf = async (json: JsonValue): Promise<string> => {
  try {
    await admitKey(json);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return (error.extras.errors ?? []).map(({ pointer }) => pointer).join(' ');
  }
};

/** What the suite judges is a key set with a token; what can be registered is one key of it. */
const cases = (
  file: z.infer<typeof File>,
): readonly {
  readonly tcId: number;
  readonly set: JsonValue;
  readonly keys: readonly JsonObject[];
}[] =>
  file.testGroups.flatMap((group) =>
    group.tests.map(({ tcId }) => {
      const set = group.public ?? group.private;
      return { tcId, set, keys: set.keys };
    }),
  );

describe('Wycheproof, JSON Web Key', () => {
  it('has 26 cases, 21 invalid and 5 valid', (test) => {
    const results = readVectors(test, path, File).testGroups.flatMap(({ tests }) =>
      tests.map(({ result }) => result),
    );

    expect(results.length).toBe(26);
    expect(results.filter((result) => result === 'valid').length).toBe(5);
  });

  it('a set of keys is never registered', async (test) => {
    for (const { set } of cases(readVectors(test, path, File))) {
      expect(await verdictOf(set)).toBe('/keys');
    }
  });

  it('a key whose kid is no thumbprint is never registered', async (test) => {
    for (const { keys } of cases(readVectors(test, path, File))) {
      for (const key of keys) expect(await verdictOf(key)).not.toBe('accepted');
    }
  });

  it('without the kid, each is refused for what is wrong with it', async (test) => {
    const verdicts: string[] = [];
    for (const { tcId, keys } of cases(readVectors(test, path, File))) {
      const each = keys.map((key) => verdictOf(withMembers({ kid: undefined })(key)));
      verdicts.push(`${tcId}: ${(await Promise.all(each)).join(', ')}`);
    }

    expect(verdicts).toEqual([
      // The P-256 key beside the secret is sound; what that case forbids is the set.
      '1: /k, accepted',
      // Symmetric keys. 2 and 13 to 15 are valid in the suite.
      '2: /k, /k',
      '3: /k, /k',
      '4: /k, /k',
      // RSA. 5 is valid in the suite; 6 is for encryption, 7 a ROCA key, 8 short, 9 of exponent 1.
      '5: /kty',
      '6: /kty',
      '7: /kty',
      '8: /kty',
      '9: /kty',
      ...[10, 11, 12, 13, 14, 15, 16, 17, 18].map((tcId) => `${tcId}: /k`),
      // An alg that contradicts the curve.
      '19: /alg',
      '20: /alg',
      '21: /use',
      // Off the curve; another curve; another kind.
      '22: /x',
      '23: /crv',
      '24: /kty',
      '25: /k',
      '26: /k',
    ]);
  });
});
