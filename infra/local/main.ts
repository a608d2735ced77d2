/**
 * `npm start`: the whole exchange on this machine with sample agencies, and one inquiry through it.
 * `npm start -- --behave police=down` makes an agency misbehave from the start; `--no-demo` leaves the
 * inquiry out.
 */
import { demonstrate } from './demonstration.ts';
import { removeDraftsIn } from './drafts.ts';
import { type Keep, startInstallation } from './installation.ts';
import { placesIn, preparePlaces } from './places.ts';
import { readSettings } from './settings.ts';
import { checkPortFree, lockData } from './single-start.ts';
import { terminalOn } from './terminal.ts';
import { showWayOn } from './way-on.ts';

const noDemo = '--no-demo';

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
  await removeDraftsIn(places);
  const terminal = terminalOn((text) => process.stdout.write(text), settings.colours);
  terminal.line('Estelam: an inter-agency inquiry exchange  استعلام');
  const args = process.argv.slice(2);
  const forAgencies = args.filter((one) => one !== noDemo);
  const begins = (commands: number): void => {
    terminal.row('registry', `taking in ${commands} signed command${commands === 1 ? '' : 's'} …`);
  };
  const report = { keep, begins };
  const { origin, control, citizens, keys } = await startInstallation(
    settings,
    places,
    forAgencies,
    report,
  );
  const signer = keys['counter:72110345'];
  if (signer === undefined) throw new Error('The key of counter:72110345 is missing.');
  const { sequences, policyFile } = places;
  if (!args.includes(noDemo)) {
    await demonstrate(terminal, { origin, signer, sequences, policyFile });
  }
  showWayOn(terminal, { origin, control, citizens, places });
};

try {
  await run();
} catch (error) {
  await fail(error);
}
