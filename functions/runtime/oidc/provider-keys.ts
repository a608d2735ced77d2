import { compactVerify, errors, importJWK } from 'jose';
import type { ProviderKeys } from '#shared/api/authorize-person.ts';
import type { PersonAlgorithm } from '#shared/api/person-token.ts';
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

/** Verifies the tokens of a provider under the keys that it publishes. */
export const providerKeys = (find: FindKey): ProviderKeys => {
  const imported = rememberedImports();
  return {
    verify: async ({ jws, alg, kid }) => {
      const key = await find(kid);
      if (key === undefined) {
        throw new Problem('unknown-key', 'The provider publishes no such key.');
      }
      if (!fits(key, alg)) {
        throw new Problem('algorithm-not-allowed', 'The key is for another algorithm.');
      }
      const verifier = await imported(key, alg);
      try {
        await compactVerify(jws, verifier, { algorithms: [alg] });
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError)) throw cause;
        throw new Problem('signature-invalid', 'The signature does not hold.', {}, { cause });
      }
    },
  };
};
