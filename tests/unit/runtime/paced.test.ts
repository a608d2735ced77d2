import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Pace, runPaced, type Task } from '#functions/runtime/log/paced.ts';
import { LogStopped } from '#shared/audit/sequence/log-stopped.ts';
import { Problem } from '#shared/kernel/problem.ts';

/** A clock that only waiting moves, and what happened when; tasks run one at a time. */
const setUp = (seconds: number) => {
  let time = 0;
  const failures: (readonly [number, string])[] = [];
  const pace: Pace = {
    now: () => time,
    wait: async (milliseconds) => {
      expect(milliseconds).toBeGreaterThan(0);
      time += milliseconds;
    },
    pace: 1000,
    until: seconds * 1000,
    failed: (error) => failures.push([time, error instanceof Error ? error.name : 'no error']),
  };
  /** Times at which steps began. */
  const began: number[] = [];
  const task = (step: (nth: number, first: boolean) => { readonly more: boolean }): Task => ({
    shard: 0,
    step: async (first) => {
      began.push(time);
      return step(began.length, first);
    },
  });
  const pass = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { pace, failures, began, task, pass };
};

const still = { more: false };

describe('the steps of a task', () => {
  it('begin once a second, and not when the time is up', async () => {
    const { pace, task, began } = setUp(4);
    await runPaced([task(() => still)], pace);
    expect(began).toEqual([0, 1000, 2000, 3000]);
  });

  it('are one when there is no time at all', async () => {
    const { pace, task, began } = setUp(0);
    await runPaced([task(() => ({ more: true }))], pace);
    expect(began).toEqual([0]);
  });

  it('follow at once while there is more, and end when the time is up all the same', async () => {
    const { pace, task, began, pass } = setUp(2);
    await runPaced(
      [
        task((nth) => {
          pass(100);
          return { more: nth !== 3 };
        }),
      ],
      pace,
    );
    expect(began.slice(0, 5)).toEqual([0, 100, 200, 1200, 1300]);
    expect(began.at(-1)).toBe(1900);
  });

  it('are not piled up behind one that was slow', async () => {
    const { pace, task, began, pass } = setUp(6);
    await runPaced(
      [
        task((nth) => {
          pass(nth === 1 ? 3500 : 10);
          return still;
        }),
      ],
      pace,
    );
    expect(began).toEqual([0, 3500, 4500, 5500]);
  });

  it('say until the first success that they are the first', async () => {
    const { pace, task } = setUp(20);
    const told: boolean[] = [];
    await runPaced(
      [
        task((nth, first) => {
          told.push(first);
          if (nth === 2) return still;
          if (nth === 4) return still;
          throw new Problem('store-unavailable', 'x');
        }),
      ],
      pace,
    );
    expect(told.slice(0, 5)).toEqual([true, true, false, false, false]);
  });
});

describe('a step that fails', () => {
  it('is told of and tried again after 2, 4, 8, 16 and then every 30 seconds', async () => {
    const { pace, task, began, failures } = setUp(125);
    await runPaced(
      [
        task(() => {
          throw new Problem('store-unavailable', 'x');
        }),
      ],
      pace,
    );
    expect(began).toEqual([0, 2000, 6000, 14_000, 30_000, 60_000, 90_000, 120_000]);
    expect(failures).toEqual(began.map((time) => [time, 'store-unavailable']));
  });

  it('is forgotten once one succeeds', async () => {
    const { pace, task, began } = setUp(12);
    await runPaced(
      [
        task((nth) => {
          if (nth === 3) return still;
          throw new TypeError('x');
        }),
      ],
      pace,
    );
    expect(began).toEqual([0, 2000, 6000, 7000, 9000]);
  });

  it('because the log stopped is tried again after 30 seconds, however often', async () => {
    const { pace, task, began, failures } = setUp(70);
    await runPaced(
      [
        task(() => {
          throw new LogStopped('edge-damaged', 0);
        }),
      ],
      pace,
    );
    expect(began).toEqual([0, 30_000, 60_000]);
    expect(failures.map(([, name]) => name)).toEqual(['LogStopped', 'LogStopped', 'LogStopped']);
  });

  it('stops no other task, whatever it fails with', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<() => never>(
          () => {
            throw new LogStopped('tile-differs', 1);
          },
          () => {
            throw new Problem('signer-unavailable', 'x');
          },
          () => {
            throw new TypeError('a bug');
          },
        ),
        async (fail) => {
          const { pace, task, failures } = setUp(10);
          let steps = 0;
          const sound: Task = {
            shard: 1,
            step: async () => {
              steps += 1;
              return still;
            },
          };
          await runPaced([task(fail), sound], pace);
          expect(failures.length).toBeGreaterThan(0);
          expect(steps).toBeGreaterThan(1);
        },
      ),
    );
  });
});
