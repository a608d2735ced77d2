import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { type Env, readEnv } from '../env.ts';
import { loadOnce } from '../load-once.ts';
import type { LogTimes } from './log-env.ts';
import { type LogObserver, logObserver } from './observe-log.ts';
import { runPaced, type Task } from './paced.ts';

/** What a function of the log stands on; a test hands it another clock, and shorter times. */
export type LogProcess = {
  readonly env: Env;
  readonly now: Clock;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly times: LogTimes;
  readonly observe: LogObserver;
};

export const thisProcess = (): LogProcess => {
  const env = readEnv();
  return {
    env,
    now: Date.now,
    wait: (milliseconds) => wait(milliseconds),
    times: usualTimes,
    observe: logObserver(env),
  };
};

/** What a scheduled function does, and every how many milliseconds. */
export type Work = { readonly pace: number; readonly tasks: readonly Task[] };

/** What Lambda says about the invocation, as far as it is of use. */
type Context = { readonly getRemainingTimeInMillis: () => number };

export type ScheduledHandler = (event: unknown, context?: Context) => Promise<object>;

/** How long to go on, in seconds; a rule that says nothing sends what it likes. */
const ScheduleEvent = z.looseObject({ seconds: z.number().min(0).max(840).optional() });

/** Milliseconds left to what is under way when Lambda's time runs out. */
const reserve = 5000;

/** Milliseconds without a word from the event and from Lambda. */
const usualDuration = 55_000;

const durationOf = (event: unknown, context: Context | undefined): number => {
  const { seconds } = ScheduleEvent.parse(event);
  const given = seconds === undefined ? undefined : seconds * 1000;
  if (context === undefined) return given ?? usualDuration;
  const left = context.getRemainingTimeInMillis() - reserve;
  return Math.min(given ?? left, left);
};

/**
 * The handler of a function that a schedule starts: works until its time is up. A step that fails is
 * told in log lines and metrics; what is thrown is told too, and means that no work could begin.
 */
export const scheduled = (
  load: (given: LogProcess) => Promise<Work>,
  start: () => LogProcess = thisProcess,
): ScheduledHandler => {
  let given: LogProcess | undefined;
  const loaded = loadOnce(async () => load((given ??= start())));
  return async (event, context) => {
    given ??= start();
    const { now, observe, wait: rest } = given;
    const until = now() + durationOf(event, context);
    const failed = (error: unknown, { shard }: Pick<Task, 'shard'>): void =>
      observe.failure(error, { shard });
    try {
      const { pace, tasks } = await loaded();
      await runPaced(tasks, { now, wait: rest, pace, until, failed });
    } catch (error) {
      observe.failure(error, {});
      throw error;
    }
    return {};
  };
};
