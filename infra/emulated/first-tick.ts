import { setTimeout as sleep } from 'node:timers/promises';
import { startFunction, type Target } from './aws.ts';

/** Seconds that the first tick lasts: it is over before EventBridge's own first comes. */
const firstTick = 45;

/** Seconds that a log may take to begin, on a slow machine. */
const patience = 90;

const isHealthy = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/healthz`);
  const text = await answer.text();
  return answer.ok && /"witnessedAt":"2/.test(text);
};

/**
 * Gives the clocked functions the tick that EventBridge gives them a minute after their deployment,
 * and waits until the log has begun and is witnessed: before that the exchange takes no inquiry.
 * Everything after the first tick is EventBridge's.
 */
export const beginLog = async (
  target: Target,
  { url, clocked }: { readonly url: string; readonly clocked: readonly string[] },
  signal: AbortSignal,
): Promise<void> => {
  await Promise.all(clocked.map((name) => startFunction(target, name, { seconds: firstTick })));
  for (let second = 0; !(await isHealthy(url)); second += 1) {
    signal.throwIfAborted();
    if (second > patience) throw new Error('The log did not begin.');
    await sleep(1_000);
  }
};
