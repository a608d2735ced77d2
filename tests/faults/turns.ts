/** Lets processes run one at a time, in an order that is drawn: races that can be run again. */
export type Turns = {
  /** Starts a process. */
  readonly start: (work: () => Promise<void>) => void;
  /** Where a process stands until it is drawn. */
  readonly turn: () => Promise<void>;
  /** When every process has ended. */
  readonly ended: () => Promise<void>;
  readonly taken: () => number;
};

export const makeTurns = (draw: (below: number) => number): Turns => {
  const waiting: (() => void)[] = [];
  const works: Promise<void>[] = [];
  let running = 0;
  let taken = 0;
  const next = (): void => {
    if (running > 0 || waiting.length === 0) return;
    const [drawn] = waiting.splice(draw(waiting.length), 1);
    running += 1;
    taken += 1;
    drawn?.();
  };
  const leave = (): void => {
    running -= 1;
    next();
  };
  return {
    start: (work) => {
      running += 1;
      works.push(work().finally(leave));
    },
    turn: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        leave();
      }),
    ended: async () => {
      await Promise.all(works);
    },
    taken: () => taken,
  };
};
