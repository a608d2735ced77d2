import type { MeterStore } from '../../inquiry/meter-store.ts';
import { type SecretKey } from '../../kernel/bytes.ts';
import { type Clock, numericDate } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import type { TaggedSubject } from '../tags.ts';
import { personName } from './person-name.ts';

/** How often one person may ask in a day (UTC). */
export const personLimits = { reads: 500, disputes: 20 } as const;

/** What the asking of persons is counted on. */
export type PersonMeters = {
  readonly meters: Pick<MeterStore, 'take'>;
  readonly tagKey: SecretKey;
  readonly now: Clock;
};

const day = 86_400_000;

/**
 * Counts one asking of a person, under a pseudonym of the day and of nothing else; `rate-limited` once
 * the day has no more. Rejects with `store-unavailable` too.
 */
export const spendOfPerson = async (
  { meters, tagKey, now }: PersonMeters,
  person: TaggedSubject,
  what: keyof typeof personLimits,
): Promise<void> => {
  const t = now();
  const from = Math.floor(t / day) * day;
  const name = `person-${what}`;
  const key = `${name} ${personName(tagKey, `${name} ${numericDate(from)}`, person)} day ${numericDate(from)}`;
  const most = personLimits[what];
  const { given } = await meters.take({ key, from, until: from + day }, { want: 1, most });
  if (given > 0) return;
  const reset = Math.max(1, Math.ceil((from + day - t) / 1000));
  throw new Problem('rate-limited', 'You asked too often today; ask again tomorrow.', {
    retryAfter: reset,
    limits: [{ name, quota: most, window: day / 1000, left: 0, reset }],
  });
};
