import type { Clock } from '../kernel/clock.ts';
import type { Random } from './sign-request.ts';
import type { Reply } from './transport.ts';

/** How often, and how long at most in one go, a client comes back. Milliseconds. */
export const patience = { tries: 5, firstPause: 250, longestPause: 10_000 } as const;

/** Statuses behind which the exchange itself may have said nothing final. */
const passing = new Set([429, 502, 503, 504]);

/**
 * Whether asking again may bring another answer. A refusal with a receipt is final: it stands in the
 * journal, and a retry would be told the same.
 */
export const isPassing = (status: number, receipt: string | undefined): boolean =>
  receipt === undefined && passing.has(status);

/** Milliseconds a `Retry-After` field asks for (RFC 9110 §10.2.3); undefined when it says nothing. */
export const retryAfter = (field: string | null, now: ReturnType<Clock>): number | undefined => {
  if (field === null) return undefined;
  if (/^[0-9]{1,9}$/.test(field)) return Number(field) * 1000;
  const date = Date.parse(field);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

/** A fraction below one, from two random bytes. */
const fraction = (random: Random): number => {
  const [high = 0, low = 0] = random(2);
  return (high * 256 + low) / 65_536;
};

/**
 * Milliseconds to wait before try number `tried + 1`: what the exchange asked for, else exponential
 * back-off of which half is chance, so that counters do not come back all at once. Undefined when no
 * try is left, or the exchange asks for more than {@link patience} allows.
 */
export const pauseBefore = (
  tried: number,
  reply: Pick<Reply, 'headers'> | undefined,
  { now, random }: { readonly now: Clock; readonly random: Random },
): number | undefined => {
  if (tried >= patience.tries) return undefined;
  const grown = Math.min(patience.longestPause, patience.firstPause * 2 ** (tried - 1));
  const ownPause = Math.round(grown * (0.5 + fraction(random) / 2));
  const asked = retryAfter(reply?.headers.get('retry-after') ?? null, now());
  if (asked === undefined) return ownPause;
  return asked > patience.longestPause ? undefined : Math.max(asked, ownPause);
};
