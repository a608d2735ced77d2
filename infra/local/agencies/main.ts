/** The eight sample agencies in one process; see `arguments.ts` for how it is started. */

import { readArguments } from './arguments.ts';
import { controlServer } from './control.ts';
import { listenerOf } from './listener.ts';
import { startAgencies } from './start-agencies.ts';

const run = async (): Promise<void> => {
  const agencies = await startAgencies(readArguments(process.argv.slice(2)));
  const control = listenerOf(controlServer(agencies), 0);
  await control.up();
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await Promise.all([control.down(), ...[...agencies.values()].map((agency) => agency.close())]);
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  // The parent holds the other end: when it goes, for whatever reason, so do the agencies.
  process.once('disconnect', () => void stop());
  const ready = {
    ready: true,
    control: `http://127.0.0.1:${control.port()}`,
    agencies: Object.fromEntries([...agencies].map(([name, { url }]) => [name, url])),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  process.send?.(ready);
};

try {
  await run();
} catch (error) {
  const failed = `The agencies did not start: ${error instanceof Error ? error.message : 'unknown error'}`;
  process.stderr.write(`${failed}\n`);
  process.send?.({ failed });
  process.exit(1);
}
