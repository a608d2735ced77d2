import { describe, expect, it } from 'vitest';
import { type PublishedKey, readKeySet } from '#functions/runtime/oidc/key-set.ts';
import { providerKeys } from '#functions/runtime/oidc/provider-keys.ts';
import { readPersonToken } from '#shared/api/person-token.ts';
import {
  buildPersonToken,
  makePersonKey,
  type PersonKey,
  publicJwkOf,
  testRules,
} from '#tests/support/person-tokens.ts';

const old = makePersonKey('EdDSA', 'key-1');
const reused = makePersonKey('EdDSA', 'key-1');

const publishedOf = (key: PersonKey): PublishedKey | undefined =>
  readKeySet({ keys: [publicJwkOf(key)] }).get(key.kid);

const tokenOf = (key: PersonKey) =>
  readPersonToken(buildPersonToken({ key }), testRules.algorithms);

/** Finds the first key, and the second where a signature did not hold under the first. */
const finding = (first: PersonKey, second: PersonKey) => {
  const keys = [publishedOf(first), publishedOf(second)];
  const failed: (PublishedKey | undefined)[] = [];
  const { verify } = providerKeys(async (_, of) => {
    failed.push(of);
    return keys[of === undefined ? 0 : 1];
  });
  return { failed, keys, verify };
};

describe('a token under the keys of a provider', () => {
  it('is verified without another look where its signature holds', async () => {
    const { verify, failed } = finding(old, reused);
    await expect(verify(tokenOf(old))).resolves.toBeUndefined();
    expect(failed).toEqual([undefined]);
  });

  it('is verified under another key that the provider has under the same id by now', async () => {
    const { verify, failed, keys } = finding(old, reused);
    await expect(verify(tokenOf(reused))).resolves.toBeUndefined();
    expect(failed).toEqual([undefined, keys[0]]);
  });

  it('is refused where its signature holds under neither, and looked for no third time', async () => {
    for (const second of [old, makePersonKey('EdDSA', 'key-1')]) {
      const { verify, failed } = finding(old, second);
      await expect(verify(tokenOf(reused))).rejects.toMatchObject({ name: 'signature-invalid' });
      expect(failed).toHaveLength(2);
    }
  });
});
