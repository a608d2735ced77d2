import { numericDate } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { PublishedKey } from './key-ring.ts';

const toJwk = ({ kid, alg, jwk, announced: { at, from }, status }: PublishedKey): JsonObject => ({
  ...jwk,
  kid,
  alg,
  use: 'sig',
  status,
  iat: numericDate(at),
  ...(from > 0 && { nbf: numericDate(from) }),
});

/**
 * The JWK Set of the exchange (RFC 7517 §5), the current key first. Beside the members of the RFC each
 * key has `status` (`current`, `next` or `retired`, when the set was read), `iat`, when it was announced,
 * and `nbf`, from when on it signs, in seconds since 1970; the first key of an exchange has no `nbf`.
 * There is no `exp`: what a key signed stays evidence.
 */
export const keySet = (keys: readonly PublishedKey[]): JsonObject => ({ keys: keys.map(toJwk) });
