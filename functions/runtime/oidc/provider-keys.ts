import { compactVerify, errors, importJWK } from 'jose';
import type { ProviderKeys } from '#shared/api/authorize-person.ts';
import type { PersonAlgorithm, PersonToken } from '#shared/api/person-token.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { fits, type PublishedKey } from './key-set.ts';
import type { FindKey } from './remembered-keys.ts';

type Verifier = Awaited<ReturnType<typeof importJWK>>;

type Import = (key: PublishedKey, alg: PersonAlgorithm) => Promise<Verifier>;

/** What cannot be imported is no key, whatever the provider thinks. */
const importKey: Import = async (key, alg) => {
  try {
    return await importJWK({ ...key }, alg);
  } catch (cause) {
    throw new Problem('unknown-key', 'What the provider publishes is no such key.', {}, { cause });
  }
};

/** An import is remembered with the key that it is of, and forgotten with it. */
const rememberedImports = (): Import => {
  const made = new WeakMap<PublishedKey, Map<PersonAlgorithm, Promise<Verifier>>>();
  return (key, alg) => {
    const ofKey = made.get(key) ?? new Map<PersonAlgorithm, Promise<Verifier>>();
    made.set(key, ofKey);
    const importing = ofKey.get(alg) ?? importKey(key, alg);
    ofKey.set(alg, importing);
    return importing;
  };
};

/** Whether a signature holds under a key; `algorithm-not-allowed` where that is for another one. */
const verifying = (imported: Import) => {
  return async (
    { jws, alg }: PersonToken,
    key: PublishedKey,
  ): Promise<'holds' | errors.JOSEError> => {
    if (!fits(key, alg)) {
      throw new Problem('algorithm-not-allowed', 'The key is for another algorithm.');
    }
    try {
      await compactVerify(jws, await imported(key, alg), { algorithms: [alg] });
      return 'holds';
    } catch (cause) {
      if (!(cause instanceof errors.JOSEError)) throw cause;
      return cause;
    }
  };
};

/**
 * Verifies the tokens of a provider under the keys that it publishes. Where a signature does not hold it
 * is tried once more if the provider has another key under that id by now.
 */
export const providerKeys = (find: FindKey): ProviderKeys => {
  const verify = verifying(rememberedImports());
  return {
    verify: async (token) => {
      const key = await find(token.kid);
      if (key === undefined) {
        throw new Problem('unknown-key', 'The provider publishes no such key.');
      }
      const first = await verify(token, key);
      if (first === 'holds') return;
      const other = await find(token.kid, key);
      const cause = other === undefined || other === key ? first : await verify(token, other);
      if (cause === 'holds') return;
      throw new Problem('signature-invalid', 'The signature does not hold.', {}, { cause });
    },
  };
};
