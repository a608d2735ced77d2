import type { PersonReceiver, PersonRules } from '#shared/api/authorize-person.ts';
import type { Env } from '../env.ts';
import { fetchJson } from './fetch-json.ts';
import { discoverKeys, readKeySet } from './key-set.ts';
import { providerKeys } from './provider-keys.ts';
import { rememberedKeys } from './remembered-keys.ts';

/** Whose tokens persons are known by; undefined where no issuer is configured. */
export const personRulesOf = (env: Env): PersonRules | undefined =>
  env.OIDC_ISSUER === undefined
    ? undefined
    : {
        issuer: env.OIDC_ISSUER,
        audience: env.OIDC_AUDIENCE ?? env.ESTELAM_ORIGIN,
        algorithms: env.OIDC_ALGORITHMS,
        claim: env.OIDC_SUBJECT_CLAIM,
        type: env.OIDC_SUBJECT_TYPE,
      };

/** What persons are known by; the provider is asked at the first token of one. */
export const openPersons = (env: Env): PersonReceiver | undefined => {
  const rules = personRulesOf(env);
  if (rules === undefined) return undefined;
  const load = async () => {
    const url = env.OIDC_JWKS_URI ?? (await discoverKeys(fetchJson, rules.issuer));
    return readKeySet(await fetchJson(url));
  };
  return { rules, keys: providerKeys(rememberedKeys(load, Date.now)), now: Date.now };
};
