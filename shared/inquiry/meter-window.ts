import { numericDate } from '../kernel/clock.ts';
import type { TehranDay } from '../persian/tehran-day.ts';
import type { Meter } from '../registry/meters.ts';

/** One second or one day of a meter: from `from` until `until`, in milliseconds since 1970. */
export type MeterWindow = {
  /** The meter and the beginning of the window. */
  readonly key: string;
  readonly from: number;
  readonly until: number;
};

/** The window of a meter that an instant lies in. */
export const windowAt = (
  { key, per }: Pick<Meter, 'key' | 'per'>,
  t: number,
  dayOf: (instant: number) => TehranDay,
): MeterWindow => {
  const second = Math.floor(t / 1000) * 1000;
  const { from, until } = per === 'day' ? dayOf(t) : { from: second, until: second + 1000 };
  return { key: `${key} ${per} ${numericDate(from)}`, from, until };
};

/** Seconds that a window of this length is named by; a day is 86,400 whatever clocks do. */
export const lengthOf = ({ per }: Pick<Meter, 'per'>): number => (per === 'day' ? 86_400 : 1);
