/** One step of the exchange's own time, in milliseconds. */
export type TimedStep = { readonly name: string; readonly duration: number };

/** Reads a `Server-Timing` field (W3C Server Timing §3); what is not of its form is left out. */
export const readServerTiming = (field: string | null): readonly TimedStep[] =>
  (field ?? '').split(',').flatMap((metric) => {
    const [, name, duration] =
      /^\s*([!#$%&'*+.^_`|~\w-]+)\s*;.*?\bdur=([0-9.]+)/.exec(metric) ?? [];
    return name === undefined || duration === undefined
      ? []
      : [{ name, duration: Number(duration) }];
  });
