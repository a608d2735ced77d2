/** Whole seconds from a time until now, both in milliseconds since 1970; none of a time that is to come. */
export const secondsSince = (time: number, now: number): number =>
  Math.max(0, Math.floor((now - time) / 1000));
