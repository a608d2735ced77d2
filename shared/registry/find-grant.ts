import type { Access, Grant, Target } from './access.ts';
import type { Service } from './service.ts';

/** Why no grant allows an inquiry, the most telling reason first. */
const reasons = [
  'grant-suspended',
  'grant-expired',
  'grant-not-yet-valid',
  'grant-requested',
  'grant-revoked',
] as const;

export type MissingGrant = (typeof reasons)[number] | 'grant-missing';

type Named = Pick<Service, 'ref' | 'group'>;

/** Whether a service is meant: by its name, in all its versions, or by its group. */
export const isMeant = (target: Target, { ref, group }: Named): boolean =>
  target === `group:${group}` || target === ref.slice(ref.indexOf('/') + 1, ref.lastIndexOf('@'));

/** Whether a grant or a limit leaves a purpose. */
export const admits = ({ purposes }: Pick<Grant, 'purposes'>, purpose: string): boolean =>
  purposes === undefined || purposes.includes(purpose);

/** How a grant stands: it allows, or why it does not. */
const standingOf = ({ status, from, until }: Grant, now: number): MissingGrant | 'allows' => {
  if (status === 'requested') return 'grant-requested';
  if (status === 'revoked') return 'grant-revoked';
  if (until <= now) return 'grant-expired';
  if (status === 'suspended') return 'grant-suspended';
  return from <= now ? 'allows' : 'grant-not-yet-valid';
};

/**
 * The grant that counts for a service: of those that allow now, the first that admits the purpose, or
 * else the first. Without any, the most telling reason.
 */
export const findGrant = (
  own: Pick<Access, 'grants'> | undefined,
  service: Named,
  { purpose, now }: { readonly purpose: string; readonly now: number },
): Grant | MissingGrant => {
  const meant = (own?.grants ?? []).filter(({ target }) => isMeant(target, service));
  const allowing = meant.filter((grant) => standingOf(grant, now) === 'allows');
  const counting = allowing.find((grant) => admits(grant, purpose)) ?? allowing[0];
  if (counting !== undefined) return counting;
  const found = new Set(meant.map((grant) => standingOf(grant, now)));
  return reasons.find((reason) => found.has(reason)) ?? 'grant-missing';
};
