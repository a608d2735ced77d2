import { Worker } from 'node:worker_threads';
import type { Judge, JudgeSettings, Verdict } from '../verify/judge.ts';
import type { FromWorker, ToWorker, WorkerData } from './judge-messages.ts';

export type JudgePool = Judge & AsyncDisposable;

type Pending = {
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
};

type Thread = { readonly worker: Worker; readonly pending: Map<number, Pending> };

/**
 * Megabytes: what is new dies young here. What is old is the keys on record, which every thread has; a
 * kilobyte each, so that there is room for two million of them.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 2048 };

const file = new URL('./judge-worker.ts', import.meta.url);

const startThread = (data: WorkerData): Thread => {
  const worker = new Worker(file, { workerData: data, resourceLimits });
  const pending = new Map<number, Pending>();
  const fail = (error: unknown): void => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('message', ({ ticket, verdict }: FromWorker) => {
    pending.get(ticket)?.resolve(verdict);
    pending.delete(ticket);
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('A thread of the verification ended.')));
  return { worker, pending };
};

/** A {@link Judge} of so many threads; each batch goes to the one with the least to do. */
export const judgePool = (threads: number, settings: JudgeSettings): JudgePool => {
  const all = Array.from({ length: threads }, () => startThread({ ...settings }));
  let tickets = 0;
  const idlest = (): Thread | undefined =>
    all.toSorted((a, b) => a.pending.size - b.pending.size).at(0);
  return {
    // One to work on and one to go on with.
    room: 2 * threads,
    learn: (keys) => {
      const message: ToWorker = { learn: keys };
      for (const { worker } of all) {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
        worker.postMessage(message);
      }
    },
    judge: (batch) => {
      const thread = idlest();
      if (thread === undefined) return Promise.reject(new RangeError('A pool has a thread.'));
      const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
      tickets += 1;
      thread.pending.set(tickets, { resolve, reject });
      // A copy of its own is handed over, not shared: the bytes may be a view of something larger.
      const bytes = batch.bytes.slice();
      const message: ToWorker = { batch: { ...batch, bytes }, ticket: tickets };
      thread.worker.postMessage(message, [bytes.buffer]);
      return promise;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map(({ worker }) => worker.terminate()));
    },
  };
};
