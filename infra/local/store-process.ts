/**
 * The embedded store under a process that ends with its parent, as the store itself cannot, and with the
 * store. The data directory is its one argument.
 */
import { loadFunction } from './load-function.ts';
import { startStore } from './store.ts';
import { tables } from './tables.ts';

/** Milliseconds between two sweeps: the embedded store forgets nothing by itself. */
const sweepEvery = 3_600_000;

const [dataDir = '.'] = process.argv.slice(2);
const starting = startStore({ dataDir });

// Also while it starts: a store that nobody stops would hold the database.
let stopping = false;
const stop = async (): Promise<void> => {
  stopping = true;
  const store = await starting.catch(() => undefined);
  await store?.close();
  process.exit(0);
};
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
process.once('disconnect', () => void stop());

try {
  const { endpoint, ended, pid } = await starting;
  process.send?.({ ready: true, endpoint, pid: String(pid) });
  void ended.then(() => {
    if (stopping) return;
    process.stderr.write('The embedded store ended by itself.\n');
    process.exit(1);
  });
  const sweepStore = await loadFunction('dynamo/sweep-store.ts', 'sweepStore');
  const sweep = async (): Promise<void> => {
    try {
      const { JOURNAL_TABLE: journal, LOG_TABLE: log } = tables;
      await sweepStore(endpoint, Date.now(), { journal, log });
    } catch (error) {
      process.stderr.write(`Not swept: ${error instanceof Error ? error.message : 'unknown'}\n`);
    }
    setTimeout(() => void sweep(), sweepEvery);
  };
  void sweep();
} catch (error) {
  process.send?.({ failed: error instanceof Error ? error.message : 'The store did not start.' });
  process.exitCode = 1;
  process.disconnect();
}
