import type { MeterStore } from '../inquiry/meter-store.ts';
import type { MeterWindow } from '../inquiry/meter-window.ts';
import { type Clock, numericDate } from '../kernel/clock.ts';
import type { LimitState } from '../kernel/limit-state.ts';
import { Problem } from '../kernel/problem.ts';
import { tehranDayOf } from '../persian/tehran-day.ts';
import type { Access, NoteAccess } from './note-access.ts';

/** What a reader may do so often only, whichever of its keys it uses. */
export const readerLimits = {
  'subject-searches': { hour: 60, day: 300 },
  disclosures: { hour: 60, day: 300 },
  /** Of who audits, and of who takes away what is its own. */
  exports: { hour: 20, day: 50 },
  'own-exports': { hour: 5, day: 10 },
} as const;
export type ReaderLimit = keyof typeof readerLimits;

export type LimitParts = {
  readonly meters: Pick<MeterStore, 'read' | 'take'>;
  readonly noteAccess: NoteAccess;
  readonly now: Clock;
};

const hourLength = 3_600_000;

type Period = 'hour' | 'day';

const bounds = (period: Period, t: number): { readonly from: number; readonly until: number } => {
  if (period === 'day') return tehranDayOf(t);
  const from = Math.floor(t / hourLength) * hourLength;
  return { from, until: from + hourLength };
};

const windowOf = (name: string, period: Period, t: number): MeterWindow => {
  const { from, until } = bounds(period, t);
  return { key: `${name} ${period} ${numericDate(from)}`, from, until };
};

/** Puts a refusal on record, the first of a window: more of them would fill the log. */
const noteOnce = async (
  { meters, noteAccess }: LimitParts,
  read: Omit<Access, 'n' | 'refused'>,
  window: MeterWindow,
): Promise<void> => {
  const told = { ...window, key: `${window.key} told` };
  const [used = 0] = await meters.read([told]);
  if (used > 0) return;
  await noteAccess({ ...read, n: 0, refused: true });
  // Told twice where this is lost, or two come at once; never not at all.
  await meters.take(told, { want: 1, most: 1 });
};

/**
 * Spends one use of a reader's limits, of the hour and of the day in Tehran; resolves to how they stand.
 * Where one is used up it is `rate-limited`, counted for an alarm, and on record once for each window.
 * Rejects with `store-unavailable` too.
 */
export const spendReaderLimit =
  (parts: LimitParts) =>
  async (
    limit: ReaderLimit,
    read: Omit<Access, 'n' | 'refused'>,
  ): Promise<readonly LimitState[]> => {
    const t = parts.now();
    const states: LimitState[] = [];
    for (const period of ['hour', 'day'] as const) {
      const most = readerLimits[limit][period];
      const window = windowOf(`${limit} ${read.by}`, period, t);
      const { given, used } = await parts.meters.take(window, { want: 1, most });
      const reset = Math.max(1, Math.ceil((window.until - t) / 1000));
      states.push({
        name: `${limit}-${period}`,
        quota: most,
        window: period === 'hour' ? 3600 : 86_400,
        left: Math.max(0, most - used),
        reset,
      });
      if (given > 0) continue;
      await noteOnce(parts, read, window);
      throw new Problem('rate-limited', `At most ${most} of these in one ${period} for a reader.`, {
        retryAfter: reset,
        limits: states,
        alarm: limit,
      });
    }
    return states;
  };
