import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Signer } from '#shared/message/key.ts';
import {
  type AgencyUrls,
  forgetAgencyUrls,
  keepAgencyUrls,
  readAgencyUrls,
  toAgencyUrls,
} from './agency-urls.ts';
import { type Child, startChild } from './child.ts';
import { holdFixed } from './fixed-settings.ts';
import { sampleKeys } from './keys.ts';
import { type LogKey, logKeys } from './log-keys.ts';
import type { Places } from './places.ts';
import { textIn } from './ready-message.ts';
import { registrarId } from './seed/participants.ts';
import { endpointsAt, keyIn } from './seed/plan.ts';
import { seedRegistry } from './seed/seed-registry.ts';
import type { Settings } from './settings.ts';
import { checkVariables, ensureTables, tables } from './tables.ts';
import { startWitnesses, witnessPolicy } from './witnesses.ts';

/** The participant id under which the exchange signs: `exchangeId` of shared/inquiry/exchange.ts. */
export const exchangeId = 'exchange:estelam';

/** Keeps a process to be stopped, and told of when it ends by itself. */
export type Keep = (name: string, child: Child) => Promise<object>;

export type Installation = {
  readonly origin: string;
  /** Where the sample agencies are told how to behave. */
  readonly control: string;
  /** Where sample persons sign in; undefined where that is not installed. */
  readonly citizens: string | undefined;
  readonly keys: Readonly<Record<string, Signer>>;
};

const urlsIn = (message: object): AgencyUrls => {
  const said = 'agencies' in message ? message.agencies : undefined;
  const urls = typeof said === 'object' && said !== null ? toAgencyUrls(said) : undefined;
  if (urls === undefined) throw new Error('The sample agencies do not say where they are.');
  return urls;
};

/** The store outlives its process when that is killed, and would hold the database. */
const endStore = (pid: number): void => {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
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
  const ready = await keep('the embedded store', child);
  void child.ended.then(() => endStore(Number(textIn(ready, 'pid'))));
  return textIn(ready, 'endpoint');
};

/** The sample agencies, where they were last as far as that is possible. */
const startAgencies = (
  settings: Settings,
  places: Places,
  { origin, args, last }: Agencies,
): Child => {
  const ports = Object.entries(last ?? {}).map(([name, url]) => [name, new URL(url).port]);
  return startChild({
    name: 'The process of the sample agencies',
    script: new URL('./agencies/main.ts', import.meta.url),
    args: [
      `--keys=${places.keys}`,
      `--sequences=${places.sequences}`,
      `--exchange-url=${origin}`,
      `--exchange-id=${exchangeId}`,
      `--origin=${origin}`,
      ...ports.map(([name, port]) => `--port=${name}=${port}`),
      ...args,
    ],
    environment: settings.environment,
    log: join(places.logs, 'agencies.ndjson'),
  });
};

/** Whether the provider that knows persons is installed: it is for development only. */
const hasCitizens = (): boolean => {
  try {
    import.meta.resolve('oidc-provider');
    return true;
  } catch {
    return false;
  }
};

/** The provider that knows the sample persons; undefined where it is not installed. */
const startCitizens = async (
  { environment, port }: Settings,
  places: Places,
  origin: string,
  keep: Keep,
): Promise<string | undefined> => {
  if (!hasCitizens()) return undefined;
  const child = startChild({
    name: 'The provider that knows the sample persons',
    script: new URL('./citizens/main.ts', import.meta.url),
    args: [
      `--origin=${origin}`,
      `--port=${port < 65_535 ? port + 1 : 0}`,
      `--keys=${places.citizenKeys}`,
    ],
    environment,
    log: join(places.logs, 'citizens.log'),
  });
  return textIn(await keep('the provider that knows persons', child), 'url');
};

type Agencies = {
  readonly origin: string;
  readonly args: readonly string[];
  /** Where the registry says that they are, as far as that is known. */
  readonly last: AgencyUrls | undefined;
};

type Seeded = {
  readonly origin: string;
  readonly keys: Readonly<Record<string, Signer>>;
  readonly urls: AgencyUrls;
  readonly last: AgencyUrls | undefined;
  readonly begins: Report['begins'];
};

/** Sends the commands that the registry lacks: all of them at the first start, later hardly one. */
const seed = async (path: string, { origin, keys, urls, last, begins }: Seeded): Promise<void> => {
  const isKnown = isDeepStrictEqual(urls, last);
  if (!isKnown) await forgetAgencyUrls(path);
  const site = {
    baseUrl: origin,
    origin,
    fetch,
    wait: (milliseconds: number) => wait(milliseconds),
    now: Date.now,
    random: randomBytes,
  };
  const wanted = { keys, agencyUrls: urls, now: Date.now() };
  const endpoints = last === undefined ? new Map() : endpointsAt(last);
  await seedRegistry(wanted, site, { endpoints, ...(begins !== undefined && { begins }) });
  if (!isKnown) await keepAgencyUrls(path, urls);
};

/** Starts the witnesses and writes the policy that names them and the logs, for whoever verifies. */
const startTrust = async (
  settings: Settings,
  places: Places,
  { origin, logs }: { readonly origin: string; readonly logs: readonly LogKey[] },
  keep: Keep,
): Promise<string> => {
  const witnesses = await startWitnesses(settings.environment, places, logs, keep);
  const quorum = witnessPolicy(witnesses);
  const named = logs.map(({ vkey }, shard) => `log ${vkey} ${origin}/log/${shard}\n`);
  await writeFile(places.policyFile, `${named.join('')}${quorum}`);
  return quorum;
};

/** What is said while the parts start. */
export type Report = {
  readonly keep: Keep;
  /** How many signed commands the registry is about to be sent; not called when it lacks nothing. */
  readonly begins?: (commands: number) => void;
};

/**
 * Starts all parts, each before those that need it: the store, the witnesses, the agencies, the log, and
 * the exchange, which takes no inquiry without it; and sends the commands that make its registry what
 * the sample installation is.
 */
export const startInstallation = async (
  settings: Settings,
  places: Places,
  agencyArguments: readonly string[],
  { keep, begins }: Report,
): Promise<Installation> => {
  const origin = `http://127.0.0.1:${settings.port}`;
  await holdFixed(places, settings);
  const keys = await sampleKeys(places.keys);
  const logs = await logKeys(places.logKeys, { origin, shards: settings.shards });
  const endpoint = await startStoreFor(settings, places, keep);
  const quorum = await startTrust(settings, places, { origin, logs }, keep);
  const citizens = await startCitizens(settings, places, origin, keep);
  const variables = {
    ...settings.environment,
    ...tables,
    PORT: String(settings.port),
    JOURNAL_SHARDS: String(settings.shards),
    JOURNAL_SLOTS: String(settings.slots),
    ESTELAM_ORIGIN: origin,
    ESTELAM_SECRET_FILE: places.secretFile,
    REGISTRY_ROOT: JSON.stringify({ id: registrarId, jwk: keyIn({ keys }, registrarId).jwk }),
    DYNAMODB_ENDPOINT: endpoint,
    OBJECTS_DIRECTORY: places.objects,
    STAGING_DIRECTORY: places.staging,
    DERIVED_DIRECTORY: places.derived,
    LOG_VKEYS: logs.map(({ vkey }) => vkey).join(' '),
    LOG_WITNESS_POLICY: quorum,
    ...(citizens !== undefined && { OIDC_ISSUER: citizens }),
  };
  await checkVariables(variables);
  await ensureTables(variables);
  const last = await readAgencyUrls(places.agencyUrls);
  const agencies = startAgencies(settings, places, { origin, args: agencyArguments, last });
  const agenciesReady = await keep('the sample agencies', agencies);
  const urls = urlsIn(agenciesReady);
  const log = startChild({
    name: 'The log',
    script: new URL('./log-process.ts', import.meta.url),
    // The exchange itself never sees the private keys.
    environment: { ...variables, LOG_KEYS: logs.map(({ file }) => file).join(' ') },
    log: join(places.logs, 'log.ndjson'),
  });
  await keep('the log', log);
  const exchange = startChild({
    name: 'The exchange',
    script: new URL('./exchange-process.ts', import.meta.url),
    environment: variables,
    log: join(places.logs, 'exchange.ndjson'),
  });
  await keep('the exchange', exchange);
  await seed(places.agencyUrls, { origin, keys, urls, last, begins });
  return { origin, control: textIn(agenciesReady, 'control'), citizens, keys };
};
