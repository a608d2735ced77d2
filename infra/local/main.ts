/**
 * `npm start`: the whole exchange on this machine with sample agencies, and one inquiry through it.
 * `npm start -- --behave police=down` makes an agency misbehave from the start.
 */
import { demonstrate } from './demonstration.ts';
import { type Keep, startInstallation } from './installation.ts';
import { placesIn, preparePlaces } from './places.ts';
import { readSettings } from './settings.ts';
import { checkPortFree, lockData } from './single-start.ts';
import { terminalOn } from './terminal.ts';
import { showWayOn } from './way-on.ts';

const owned = new AsyncDisposableStack();

let stopping: Promise<void> | undefined;

/** Stops everything that was started, the newest first, and ends; only the first call counts. */
const stop = (exitCode: number): Promise<void> => {
  stopping ??= owned.disposeAsync().then(
    () => process.exit(exitCode),
    () => process.exit(1),
  );
  return stopping;
};

/** One line of why, and nothing is left running. */
const fail = (error: unknown): Promise<void> => {
  // What breaks while everything is being stopped is a consequence.
  if (stopping === undefined) {
    process.stderr.write(`${error instanceof Error ? error.message : 'Unknown error.'}\n`);
  }
  return stop(1);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stop(0));
}
process.once('uncaughtException', (error) => void fail(error));

const keep: Keep = (name, child) => {
  owned.defer(child.stop);
  // Before it is ready its own message says more.
  void child.ready
    .then(() => child.ended)
    .then(
      () => fail(new Error(`Stopped, because ${name} ended; see its log beside the data.`)),
      () => undefined,
    );
  return child.ready;
};

const run = async (): Promise<void> => {
  const settings = readSettings();
  const places = placesIn(settings.dataDir);
  await checkPortFree(settings.port);
  await preparePlaces(places);
  owned.defer(lockData(places.lock, places.dataDir));
  const terminal = terminalOn((text) => process.stdout.write(text), settings.colours);
  terminal.line('Estelam: an inter-agency inquiry exchange  استعلام');
  const args = process.argv.slice(2);
  const { origin, control, keys } = await startInstallation(settings, places, args, keep);
  const signer = keys['counter:72110345'];
  if (signer === undefined) throw new Error('The key of counter:72110345 is missing.');
  await demonstrate(terminal, { origin, signer, sequences: places.sequences });
  showWayOn(terminal, { origin, control, places });
};

try {
  await run();
} catch (error) {
  await fail(error);
}
