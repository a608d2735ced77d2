import type { MeterStore } from '../inquiry/meter-store.ts';
import { sha256Url } from '../kernel/bytes.ts';
import { Problem } from '../kernel/problem.ts';
import { clockSkew } from '../message/claim-checks.ts';

/** An access token that was verified: the key that signed it, its id, and when it expires. */
export type UsedToken = { readonly kid: string; readonly jti: string; readonly exp: number };

/** Milliseconds: a window so short is forgotten an hour behind its end. */
const length = 60_000;

/**
 * Uses an access token that buys what is known of a person: once, whoever sends it. Throws `replayed` for
 * one that was used; rejects with `store-unavailable`, and then it is used or not.
 */
export const useToken = async (
  { meters }: { readonly meters: Pick<MeterStore, 'take'> },
  { kid, jti, exp }: UsedToken,
): Promise<void> => {
  const until = (exp + clockSkew.behind + 1) * 1000;
  const window = { key: `token ${sha256Url(`${kid} ${jti}`)}`, from: until - length, until };
  const { given } = await meters.take(window, { want: 1, most: 1 });
  if (given === 0) throw new Problem('replayed', 'Sign a new token for each request.');
};
