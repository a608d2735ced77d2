import type { LimitState } from '../kernel/limit-state.ts';

/** The fields of draft-ietf-httpapi-ratelimit-headers-10, in lower case as HTTP/2 has them. */
export type LimitFields = { readonly 'ratelimit-policy': string; readonly ratelimit: string };

/** Says how limits stand; no fields where there are none. Their names hold no quote and no comma. */
export const writeLimits = (limits: readonly LimitState[]): Partial<LimitFields> =>
  limits.length === 0
    ? {}
    : {
        'ratelimit-policy': limits
          .map(({ name, quota, window }) => `"${name}";q=${quota};w=${window}`)
          .join(', '),
        ratelimit: limits
          .map(({ name, left, reset }) => `"${name}";r=${left};t=${reset}`)
          .join(', '),
      };

/** A string with parameters that are whole numbers (RFC 9651 §3.1); others are passed over. */
const item = /"([^"\\]{1,100})"((?:;[a-z]+=(?:"[^"\\]*"|[^;,"]+))*)/g;
const parameter = /;([a-z]+)=([0-9]{1,15})(?=;|$)/g;

type Parameters = ReadonlyMap<string, number>;

const readItems = (field: string | null): ReadonlyMap<string, Parameters> =>
  new Map(
    [...(field ?? '').matchAll(item)].map(([, name = '', rest = '']) => [
      name,
      new Map([...rest.matchAll(parameter)].map(([, key = '', value]) => [key, Number(value)])),
    ]),
  );

/** The limits that both fields tell of, with all of their numbers. */
export const readLimits = (get: (name: string) => string | null): readonly LimitState[] => {
  const policies = readItems(get('ratelimit-policy'));
  return [...readItems(get('ratelimit'))].flatMap(([name, state]) => {
    const policy = policies.get(name);
    const [quota, window] = [policy?.get('q'), policy?.get('w')];
    const [left, reset] = [state.get('r'), state.get('t')];
    if (quota === undefined || window === undefined) return [];
    return left === undefined || reset === undefined ? [] : [{ name, quota, window, left, reset }];
  });
};
