import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signer } from '#shared/message/key.ts';
import { type Child, startChild } from './child.ts';
import { holdFixed } from './fixed-settings.ts';
import { sampleKeys } from './keys.ts';
import { type LogKey, logKeys } from './log-keys.ts';
import type { Places } from './places.ts';
import { textIn } from './ready-message.ts';
import type { AgencyName } from './seed/agencies.ts';
import { applySeed } from './seed/apply.ts';
import { seedEntries } from './seed/entries.ts';
import type { Settings } from './settings.ts';
import { checkVariables, openRegistry, tables } from './tables.ts';
import { startWitnesses, witnessPolicy } from './witnesses.ts';

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

const seed = async (
  variables: Readonly<Record<string, string | undefined>>,
  entries: ReturnType<typeof seedEntries>,
): Promise<void> => {
  try {
    await applySeed(await openRegistry(variables, entries), entries);
  } catch (cause) {
    const where = variables['DYNAMODB_ENDPOINT'] ?? '';
    const said = `The store at ${where} cannot be used; is it running and DynamoDB-compatible?`;
    throw new Error(said, { cause });
  }
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

/**
 * Starts all parts, each before those that need it: the store, the witnesses, the agencies, the
 * registry that names their addresses, the log, and the exchange, which takes no inquiry without it.
 */
export const startInstallation = async (
  settings: Settings,
  places: Places,
  agencyArguments: readonly string[],
  keep: Keep,
): Promise<Installation> => {
  const origin = `http://127.0.0.1:${settings.port}`;
  await holdFixed(places, settings);
  const keys = await sampleKeys(places.keys);
  const logs = await logKeys(places.logKeys, { origin, shards: settings.shards });
  const endpoint = await startStoreFor(settings, places, keep);
  const quorum = await startTrust(settings, places, { origin, logs }, keep);
  const variables = {
    ...settings.environment,
    ...tables,
    PORT: String(settings.port),
    JOURNAL_SHARDS: String(settings.shards),
    JOURNAL_SLOTS: String(settings.slots),
    ESTELAM_ORIGIN: origin,
    ESTELAM_SECRET_FILE: places.secretFile,
    DYNAMODB_ENDPOINT: endpoint,
    OBJECTS_DIRECTORY: places.objects,
    STAGING_DIRECTORY: places.staging,
    LOG_VKEYS: logs.map(({ vkey }) => vkey).join(' '),
    LOG_WITNESS_POLICY: quorum,
  };
  await checkVariables(variables);
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
  return { origin, control: textIn(agenciesReady, 'control'), keys };
};
