import { join } from 'node:path';
import type { Signer } from '#shared/message/key.ts';
import { type Child, startChild } from './child.ts';
import { sampleKeys } from './keys.ts';
import type { Places } from './places.ts';
import type { AgencyName } from './seed/agencies.ts';
import { applySeed } from './seed/apply.ts';
import { seedEntries } from './seed/entries.ts';
import type { Settings } from './settings.ts';
import { openRegistry, tables } from './tables.ts';

/** The participant id under which the exchange signs: `exchangeId` of shared/inquiry/exchange.ts. */
export const exchangeId = 'exchange:estelam';

/** Keeps a process to be stopped, and told of when it ends by itself. */
export type Keep = (name: string, child: Child) => Promise<object>;

export type Installation = {
  readonly origin: string;
  /** Where the sample agencies are told how to behave. */
  readonly control: string;
  readonly keys: Readonly<Record<string, Signer>>;
};

const textIn = (message: object, name: string): string => {
  const value: unknown = Object.entries(message).find(([member]) => member === name)?.[1];
  if (typeof value !== 'string') throw new TypeError(`A ready message lacks ${name}.`);
  return value;
};

const urlsIn = (message: object): Readonly<Record<AgencyName, string>> => {
  const urls = 'agencies' in message ? message.agencies : undefined;
  const of = (name: AgencyName): string =>
    textIn(typeof urls === 'object' && urls !== null ? urls : {}, name);
  return {
    'civil-registry': of('civil-registry'),
    telecom: of('telecom'),
    post: of('post'),
    education: of('education'),
    'social-security': of('social-security'),
    pension: of('pension'),
    police: of('police'),
    companies: of('companies'),
  };
};

const startStoreFor = async (settings: Settings, places: Places, keep: Keep): Promise<string> => {
  if (settings.storeEndpoint !== undefined) return settings.storeEndpoint;
  const child = startChild({
    name: 'The embedded store',
    script: new URL('./store-process.ts', import.meta.url),
    args: [places.dataDir],
    environment: settings.environment,
    log: join(places.logs, 'store.log'),
  });
  return textIn(await keep('the embedded store', child), 'endpoint');
};

const seed = async (
  variables: Readonly<Record<string, string | undefined>>,
  entries: ReturnType<typeof seedEntries>,
): Promise<void> => {
  try {
    await applySeed(await openRegistry(variables), entries);
  } catch (cause) {
    const where = variables['DYNAMODB_ENDPOINT'] ?? '';
    throw new Error(
      `The store at ${where} cannot be used; is it running and DynamoDB-compatible?`,
      {
        cause,
      },
    );
  }
};

/**
 * Starts all parts, each before those that need it: the store, the agencies, the registry that names
 * their addresses, and the exchange, which reads it.
 */
export const startInstallation = async (
  settings: Settings,
  places: Places,
  agencyArguments: readonly string[],
  keep: Keep,
): Promise<Installation> => {
  const origin = `http://127.0.0.1:${settings.port}`;
  const keys = await sampleKeys(places.keys);
  const endpoint = await startStoreFor(settings, places, keep);
  const variables = {
    ...settings.environment,
    ...tables,
    PORT: String(settings.port),
    ESTELAM_ORIGIN: origin,
    ESTELAM_SECRET_FILE: places.secretFile,
    DYNAMODB_ENDPOINT: endpoint,
  };
  const agencies = startChild({
    name: 'The process of the sample agencies',
    script: new URL('./agencies/main.ts', import.meta.url),
    args: [
      `--keys=${places.keys}`,
      `--sequences=${places.sequences}`,
      `--exchange-url=${origin}`,
      `--exchange-id=${exchangeId}`,
      `--origin=${origin}`,
      ...agencyArguments,
    ],
    environment: settings.environment,
    log: join(places.logs, 'agencies.ndjson'),
  });
  const agenciesReady = await keep('the sample agencies', agencies);
  const agencyUrls = urlsIn(agenciesReady);
  await seed(variables, seedEntries({ keys, agencyUrls, now: Date.now() }));
  const exchange = startChild({
    name: 'The exchange',
    script: new URL('./exchange-process.ts', import.meta.url),
    environment: variables,
    log: join(places.logs, 'exchange.ndjson'),
  });
  await keep('the exchange', exchange);
  return { origin, control: textIn(agenciesReady, 'control'), keys };
};
