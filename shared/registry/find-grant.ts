import type { Access, Grant, Limit, Target } from './access.ts';
import type { Service } from './service.ts';

/** Why a grant for a service does not allow, the most telling reason first. */
const reasons = [
  'grant-suspended',
  'grant-expired',
  'grant-not-yet-valid',
  'grant-requested',
  'grant-revoked',
] as const;

export type MissingGrant = (typeof reasons)[number] | 'grant-missing';

/** The grant that counts, or every reason why none does. */
export type FoundGrant =
  | { readonly grant: Grant }
  | { readonly grant?: undefined; readonly missing: ReadonlySet<MissingGrant> };

type Named = Pick<Service, 'ref' | 'group'>;

/** What an agency decided about one counter, and about everybody. */
type Decided = { readonly own?: Access | undefined; readonly everyone?: Access | undefined };

/** Whether a service is meant: by its name, in all its versions, or by its group. */
export const isMeant = (target: Target, { ref, group }: Named): boolean =>
  target === `group:${group}` || target === ref.slice(ref.indexOf('/') + 1, ref.lastIndexOf('@'));

/** Whether a grant or a limit leaves a purpose. */
export const admits = ({ purposes }: Pick<Grant, 'purposes'>, purpose: string): boolean =>
  purposes === undefined || purposes.includes(purpose);

/** Whether only counters with a grant may ask for a service. */
export const isNarrowed = (everyone: Access | undefined, service: Named, now: number): boolean =>
  (everyone?.narrowed ?? []).some(({ target, from }) => isMeant(target, service) && from <= now);

/** The limits on a service: those of the counter, and those of everybody. */
export const limitsOn = ({ own, everyone }: Decided, service: Named): readonly Limit[] =>
  [own, everyone]
    .flatMap((access) => access?.limits ?? [])
    .filter(({ target }) => isMeant(target, service));

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
 * else the first.
 */
export const findGrant = (
  own: Pick<Access, 'grants'> | undefined,
  service: Named,
  { purpose, now }: { readonly purpose: string; readonly now: number },
): FoundGrant => {
  const meant = (own?.grants ?? []).filter(({ target }) => isMeant(target, service));
  const allowing = meant.filter((grant) => standingOf(grant, now) === 'allows');
  const grant = allowing.find((one) => admits(one, purpose)) ?? allowing[0];
  if (grant !== undefined) return { grant };
  const found = new Set<string>(meant.map((one) => standingOf(one, now)));
  const missing = reasons.filter((reason) => found.has(reason));
  return { missing: new Set(missing.length > 0 ? missing : ['grant-missing']) };
};
