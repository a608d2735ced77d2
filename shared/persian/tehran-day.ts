const zone = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
  timeZone: 'Asia/Tehran',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

const hour = 3_600_000;
const day = 24 * hour;

/** A day of the calendar in Tehran. It began at `from` and lasts until `until`, in milliseconds. */
export type TehranDay = {
  /** Its date in the Gregorian calendar, `2026-11-22`. */
  readonly date: string;
  readonly from: number;
  readonly until: number;
};

/** The wall clock in Tehran, as milliseconds since 1970 of a clock that is never put forward. */
const wallClock = (instant: number): number => {
  const parts = new Map(
    zone.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  const minutes = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
  );
  return minutes + part('second') * 1000;
};

/** Milliseconds that clocks in Tehran are ahead, summer time of the past included. */
const ahead = (instant: number): number => {
  const second = Math.floor(instant / 1000) * 1000;
  return wallClock(second) - second;
};

const midnightOf = (instant: number): number => {
  const midnight = Math.floor((instant + ahead(instant)) / day) * day;
  // Clocks were changed at midnight: what held just before or after it decides when the day began.
  return midnight - ahead(midnight - ahead(instant));
};

const dateOf = (from: number): string =>
  new Date(wallClock(from + hour)).toISOString().slice(0, 10);

/** The day in Tehran of an instant from 1980 on: 24 hours, and 23 or 25 where clocks were changed. */
export const tehranDayOf = (instant: number): TehranDay => {
  const from = midnightOf(instant);
  return { date: dateOf(from), from, until: midnightOf(from + 25 * hour) };
};

/** The same for instants that come one after another: a day is worked out once. */
export const tehranDays = (): ((instant: number) => TehranDay) => {
  let last: TehranDay = { date: '', from: 0, until: 0 };
  return (instant) => {
    if (instant < last.from || last.until <= instant) last = tehranDayOf(instant);
    return last;
  };
};

const quarter = hour / 4;

/** Quarters of an hour that are remembered: some three years of them. */
const mostKnown = 100_000;

/**
 * Milliseconds that clocks in Tehran are ahead of UTC at an instant from 1980 on. They were changed at
 * whole quarters of an hour: each is worked out once.
 */
export const tehranAhead = (): ((instant: number) => number) => {
  const known = new Map<number, number>();
  return (instant) => {
    const start = Math.floor(instant / quarter) * quarter;
    const found = known.get(start) ?? ahead(start);
    if (known.size >= mostKnown) known.clear();
    known.set(start, found);
    return found;
  };
};

/** The day of a Gregorian date; undefined when there is no such date. */
export const tehranDayAt = (date: string): TehranDay | undefined => {
  const noon = Date.parse(`${date}T12:00:00Z`);
  const found = Number.isNaN(noon) ? undefined : tehranDayOf(noon);
  return found?.date === date ? found : undefined;
};
