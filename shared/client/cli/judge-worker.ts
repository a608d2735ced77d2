/** A thread that judges batches of a log; started by judge-pool.ts, which sees when it breaks. */
import { parentPort, workerData } from 'node:worker_threads';
import { judgeWith } from '../verify/judge.ts';
import { keyBook } from '../verify/key-book.ts';
import type { FromWorker, ToWorker, WorkerData } from './judge-messages.ts';

// oxlint-disable-next-line typescript/no-unsafe-assignment -- only judge-pool.ts starts this file
const settings: WorkerData = workerData;
const book = keyBook();
const judge = judgeWith(book, settings);

const take = async (message: ToWorker): Promise<void> => {
  if ('learn' in message) {
    message.learn.forEach(book.learn);
    return;
  }
  const { batch, ticket } = message;
  const reply: FromWorker = { ticket, verdict: await judge(batch) };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(reply);
};

parentPort?.on('message', (message: ToWorker) => void take(message));
