import { LogStopped } from '#shared/audit/sequence/log-stopped.ts';
import type { Clock } from '#shared/kernel/clock.ts';

/** Something that is done again and again for one shard. */
export type Task = {
  readonly shard: number;
  /** One step. `first`: none has succeeded yet since the loop began. */
  readonly step: (first: boolean) => Promise<{ readonly more: boolean }>;
};

export type Pace = {
  readonly now: Clock;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Milliseconds from the start of one step to the next, when there is nothing more to do at once. */
  readonly pace: number;
  /** When no further step begins, in milliseconds since 1970. */
  readonly until: number;
  readonly failed: (error: unknown, task: Task) => void;
};

/** Milliseconds until a stopped log is looked at again, and the longest that a failure is waited for. */
const longestRest = 30_000;

const restAfter = (error: unknown, failures: number, pace: number): number =>
  error instanceof LogStopped ? longestRest : Math.min(longestRest, pace * 2 ** failures);

const runTask = async (task: Task, { now, wait, pace, until, failed }: Pace): Promise<void> => {
  let first = true;
  let failures = 0;
  const attempt = async (): Promise<number> => {
    try {
      const { more } = await task.step(first);
      first = false;
      failures = 0;
      return more ? 0 : pace;
    } catch (error) {
      failed(error, task);
      failures += 1;
      return restAfter(error, failures, pace);
    }
  };
  for (;;) {
    const began = now();
    const next = Math.max(now(), began + (await attempt()));
    const present = now();
    if (Math.max(next, present) >= until) return;
    if (next > present) await wait(next - present);
  }
};

/**
 * Does the steps of all tasks side by side until the time is up: each at least one step, at once again
 * when there is more. A step that fails is told of and tried again later, and stops no other task.
 */
export const runPaced = async (tasks: readonly Task[], pace: Pace): Promise<void> => {
  await Promise.all(tasks.map((task) => runTask(task, pace)));
};
