import type { Timed } from '#shared/inquiry/ports.ts';

export type Timing = {
  readonly timed: Timed;
  /** Milliseconds since the start. */
  readonly elapsed: () => number;
  /** A `Server-Timing` field (W3C Server Timing §3). */
  readonly field: () => string;
};

/** Notes how long each step of one request takes. */
export const startTiming = (): Timing => {
  const start = performance.now();
  const steps: string[] = [];
  const elapsed = (): number => performance.now() - start;
  return {
    elapsed,
    timed: async (step, work) => {
      const begun = performance.now();
      try {
        return await work();
      } finally {
        steps.push(`${step};dur=${(performance.now() - begun).toFixed(2)}`);
      }
    },
    field: () => [...steps, `total;dur=${elapsed().toFixed(2)}`].join(', '),
  };
};
