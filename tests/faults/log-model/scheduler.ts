/**
 * Runs processes one call at a time, in an order that a number draws: no timers, no sleeping, and
 * the same number makes the same run.
 */

/** Numbers below a bound, all of them out of one seed (mulberry32). */
export type Draw = (below: number) => number;

export const drawFrom = (seed: number): Draw => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) % 2 ** 32;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
};

/** One process, as the scheduler sees it. */
export type Process = {
  readonly name: string;
  /** Dead: its calls never come back. Asleep: they wait until it is woken. */
  state: 'awake' | 'asleep' | 'dead';
};

type Waiting = { readonly process: Process; readonly go: () => void };

export type Scheduler = {
  readonly start: (name: string, work: (process: Process) => Promise<void>) => Process;
  /** Where a process stands until it is drawn. */
  readonly turn: (process: Process) => Promise<void>;
  /** Draws until nothing waits that may go on, or `most` times. */
  readonly run: (most: number) => Promise<void>;
  readonly wakeAll: () => void;
  readonly taken: () => number;
  /** Errors that processes ended with: there should be none. */
  readonly bugs: readonly unknown[];
};

/** Lets everything go on that needs no further turn. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const makeScheduler = (draw: Draw): Scheduler => {
  const waiting: Waiting[] = [];
  const processes: Process[] = [];
  const bugs: unknown[] = [];
  let taken = 0;
  const next = (): Waiting | undefined => {
    const ready = waiting.filter(({ process }) => process.state === 'awake');
    const drawn = ready.length === 0 ? undefined : ready[draw(ready.length)];
    if (drawn !== undefined) waiting.splice(waiting.indexOf(drawn), 1);
    return drawn;
  };
  return {
    start: (name, work) => {
      const process: Process = { name, state: 'awake' };
      processes.push(process);
      work(process).catch((error: unknown) => bugs.push(error));
      return process;
    },
    turn: (process) =>
      new Promise((resolve) => {
        if (process.state !== 'dead') waiting.push({ process, go: resolve });
      }),
    run: async (most) => {
      for (let n = 0; n < most; n += 1) {
        await settle();
        const drawn = next();
        if (drawn === undefined) return;
        taken += 1;
        drawn.go();
      }
      await settle();
    },
    wakeAll: () => {
      for (const process of processes) if (process.state === 'asleep') process.state = 'awake';
    },
    taken: () => taken,
    bugs,
  };
};
