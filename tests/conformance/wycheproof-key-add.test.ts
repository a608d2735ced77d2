import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JsonValue } from '#shared/kernel/strict-json.ts';
import { keyCommands } from '#shared/registry/commands/keys.ts';
import { makeKey, testNow, withMembers } from '#tests/support/messages.ts';
import { counterOf } from '#tests/support/registry.ts';
import { readVectors } from '#tests/support/vectors.ts';
import { buildProof } from '#tests/unit/registry/commands/key-proof.ts';
import { judge } from '#tests/unit/registry/commands/planning.ts';

const KeySet = z.object({ keys: z.array(z.record(z.string(), z.json())) });
const File = z.object({
  testGroups: z.array(z.object({ public: KeySet.optional(), private: KeySet })),
});

const path = 'wycheproof/json_web_key_test.json';

const owner = counterOf('counter:72110345');

/** A command that is right but for its key; the proof is of another one. */
const verdictOf = async (jwk: JsonValue): Promise<string> => {
  const content = {
    owner: owner.id,
    jwk,
    label: 'till-3',
    role: 'station',
    notBefore: testNow,
    notAfter: testNow + 1,
    proof: await buildProof(await makeKey()),
  };
  return judge(keyCommands, 'key.add', content, [owner]);
};

describe('Wycheproof, JSON Web Key, by the command key.add', () => {
  it('a set of keys is refused as such', async (test) => {
    for (const group of readVectors(test, path, File).testGroups) {
      for (const set of [group.private, ...(group.public === undefined ? [] : [group.public])]) {
        expect(await verdictOf(set)).toBe('invalid-claims /cmd/with/jwk/keys');
      }
    }
  });

  it('a key is refused for what is wrong with it, with its kid and without', async (test) => {
    const { testGroups } = readVectors(test, path, File);
    const keys = testGroups.flatMap((group) => [
      ...group.private.keys,
      ...(group.public?.keys ?? []),
    ]);
    const wrong = new Map<string, number>();
    for (const key of keys) {
      expect(await verdictOf(key)).toMatch(/^invalid-claims \/cmd\/with\/jwk/);
      const verdict = await verdictOf(withMembers({ kid: undefined })(key));
      wrong.set(verdict, (wrong.get(verdict) ?? 0) + 1);
    }

    expect(Object.fromEntries(wrong)).toEqual({
      'invalid-claims /cmd/with/jwk/alg': 2,
      'invalid-claims /cmd/with/jwk/crv': 1,
      'invalid-claims /cmd/with/jwk/d': 11,
      'invalid-claims /cmd/with/jwk/k': 16,
      'invalid-claims /cmd/with/jwk/kty': 6,
      'invalid-claims /cmd/with/jwk/use': 1,
      'invalid-claims /cmd/with/jwk/x': 1,
      // The P-256 key beside a secret is sound; nobody proved to hold it.
      'invalid-claims /cmd/with/proof': 1,
    });
  });
});
