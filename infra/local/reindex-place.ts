import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { removeDraftsIn } from './drafts.ts';
import { holdFixed } from './fixed-settings.ts';
import { type Places, placesIn } from './places.ts';
import { textIn } from './ready-message.ts';
import { readSettings, type Settings } from './settings.ts';
import { lockData } from './single-start.ts';
import { checkVariables, tables } from './tables.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** An exchange that is there: its variables, and what was begun to reach it. */
export type Place = AsyncDisposable & { readonly variables: Variables };

/** What tells that these are the variables of an exchange, and not of `npm start`. */
const ofExchange = 'JOURNAL_TABLE';

const startStore = async (
  settings: Settings,
  places: Places,
  owned: AsyncDisposableStack,
): Promise<string> => {
  const child = startChild({
    name: 'The embedded store',
    script: new URL('./store-process.ts', import.meta.url),
    args: [places.dataDir],
    environment: settings.environment,
    log: join(places.logs, 'store.log'),
  });
  owned.defer(child.stop);
  return textIn(await child.ready, 'endpoint');
};

/** What `npm start` left on this machine, taken for this process alone, with its store running. */
const openData = async (environment: Variables): Promise<Place> => {
  const settings = readSettings(environment);
  const places = placesIn(settings.dataDir);
  const { dataDir, secretFile } = places;
  await access(secretFile).catch((cause: unknown) => {
    const said = `There is no exchange in ${dataDir}: set ESTELAM_DATA to where one is.`;
    throw new Error(said, { cause });
  });
  await using owned = new AsyncDisposableStack();
  owned.defer(lockData(places.lock, dataDir));
  await removeDraftsIn(places);
  await holdFixed(places, settings);
  const variables = {
    ...environment,
    ...tables,
    JOURNAL_SHARDS: String(settings.shards),
    JOURNAL_SLOTS: String(settings.slots),
    ESTELAM_ORIGIN: `http://127.0.0.1:${settings.port}`,
    ESTELAM_SECRET_FILE: secretFile,
    DYNAMODB_ENDPOINT: settings.storeEndpoint ?? (await startStore(settings, places, owned)),
    OBJECTS_DIRECTORY: places.objects,
    DERIVED_DIRECTORY: places.derived,
  };
  await checkVariables(variables);
  const all = owned.move();
  return { variables, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

/**
 * Opens the exchange that the environment describes, as its functions are told of it; else the one of
 * this machine, which must not run. Throws an error that says what is wrong.
 */
export const openPlace = async (environment: Variables): Promise<Place> => {
  if (environment[ofExchange] === undefined) return openData(environment);
  await checkVariables(environment);
  return { variables: environment, [Symbol.asyncDispose]: () => Promise.resolve() };
};
