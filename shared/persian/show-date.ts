/**
 * `fa` brings the Jalali calendar and Persian digits; the zone's offset, summer time of the past
 * included, comes from the time zone data.
 */
const tehran = new Intl.DateTimeFormat('fa-IR-u-ca-persian-nu-arabext', {
  timeZone: 'Asia/Tehran',
  weekday: 'long',
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

type Part = 'weekday' | 'day' | 'month' | 'year' | 'hour' | 'minute';

const partsOf = (instant: number): ((type: Part) => string) => {
  const parts = tehran.formatToParts(instant);
  return (type) => parts.find((part) => part.type === type)?.value ?? '';
};

/**
 * The day in Tehran of an instant (ms since 1970 UTC): `جمعه ۳۰ آبان ۱۴۰۴`. It is put together from
 * its parts because `Intl` itself orders a Persian date year first and weekday last.
 */
export const showDate = (instant: number): string => {
  const part = partsOf(instant);
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}`;
};

/** The same day with the time in Tehran: `جمعه ۳۰ آبان ۱۴۰۴، ساعت ۲۳:۳۰`. */
export const showDateTime = (instant: number): string => {
  const part = partsOf(instant);
  return `${showDate(instant)}، ساعت ${part('hour')}:${part('minute')}`;
};
