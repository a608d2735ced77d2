/**
 * A whole exchange to test from outside: agencies in this process, the store behind a proxy that can
 * break it, and the exchange either as a process of its own or deployed to an (emulated) AWS.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { type Env, readEnv } from '#functions/runtime/env.ts';
import { loadSecretKeys } from '#functions/runtime/keys/secret.ts';
import { type Agency, startAgency } from '#infra/local/agencies/start-agency.ts';
import { agencyId, type AgencyName, agencyNames } from '#infra/local/seed/agencies.ts';
import { applySeed } from '#infra/local/seed/apply.ts';
import { seedEntries } from '#infra/local/seed/entries.ts';
import { sampleParticipants } from '#infra/local/seed/participants.ts';
import { freePort, startStore } from '#infra/local/store.ts';
import type { Layout } from '#shared/audit/address.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { type ExchangeClient, exchangeClient } from '#shared/client/exchange-client.ts';
import { loadedDirectory } from '#shared/client/published-keys.ts';
import { exchangeId } from '#shared/inquiry/exchange.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { makeKey, type TestKey } from './messages.ts';
import { startStoreProxy, type StoreProxy } from './store-proxy.ts';

export type World = {
  readonly kind: 'local' | 'deployed';
  /** Where requests go; messages name `origin`. */
  readonly url: string;
  readonly origin: string;
  readonly keyOf: (participant: string) => TestKey;
  readonly client: (participant: string) => ExchangeClient;
  readonly agency: (name: AgencyName) => Agency;
  /** The exchange's own tables, read and written past the exchange (and past the proxy). */
  readonly journal: JournalStore;
  readonly registry: RegistryStore;
  readonly layout: Layout;
  readonly env: Env;
  /** Breaks the store; only where the exchange runs on this machine. */
  readonly proxy: StoreProxy | undefined;
  /** The exchange's process, where there is one. */
  readonly process: ChildProcess | undefined;
  /** Everything the exchange has printed. */
  readonly output: () => string;
  readonly close: () => Promise<void>;
};

type Base = Pick<World, 'kind' | 'url' | 'origin' | 'env' | 'proxy' | 'process' | 'output'> & {
  readonly stop: () => Promise<void>;
};

const untilReady = async (child: ChildProcess, output: () => string): Promise<void> => {
  const [message]: unknown[] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => [undefined]),
  ]);
  if (typeof message !== 'object' || message === null || !('ready' in message)) {
    throw new Error(`The exchange did not start:\n${output()}`);
  }
};

export type LocalOptions = {
  readonly slots?: number;
  readonly holdSeconds?: number;
  /** An agency's time is the service's; everything else as in production. */
  readonly environment?: Readonly<Record<string, string>>;
};

const startLocal = async ({ slots = 4, holdSeconds = 600, environment = {} }: LocalOptions): Promise<Base> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-world-'));
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, randomBytes(32).toString('base64url'), { mode: 0o600 });
  const named = process.env['ESTELAM_TEST_DYNAMODB_ENDPOINT'];
  const store = named === undefined ? await startStore({}) : { endpoint: named, close: async () => {} };
  const proxy = await startStoreProxy(store.endpoint);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const suffix = randomBytes(4).toString('hex');
  const variables = {
    ESTELAM_ORIGIN: url,
    JOURNAL_TABLE: `journal-${suffix}`,
    REGISTRY_TABLE: `registry-${suffix}`,
    JOURNAL_SLOTS: String(slots),
    HOLD_SECONDS: String(holdSeconds),
    ESTELAM_SECRET_FILE: secretFile,
    AWS_REGION: 'eu-central-1',
    ...environment,
  };
  const env = readEnv({ ...variables, DYNAMODB_ENDPOINT: store.endpoint });
  const call = dynamoClient(env);
  await Promise.all([ensureTable(call, env.JOURNAL_TABLE), ensureTable(call, env.REGISTRY_TABLE)]);
  const main = new URL('../../infra/local/exchange-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], {
    env: { ...variables, DYNAMODB_ENDPOINT: proxy.endpoint, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString('utf8')));
  const output = (): string => printed.join('');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await Promise.race([once(child, 'exit'), wait(5000, undefined, { ref: false })]);
      child.kill('SIGKILL');
    }
    await proxy.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilReady(child, output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { kind: 'local', url, origin: url, env, proxy, process: child, output, stop };
};

/** The exchange that `npm run deploy:emulated` (or anybody) deployed and named in the environment. */
const attachDeployed = async (url: string): Promise<Base> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-world-'));
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, process.env['ESTELAM_SECRET'] ?? '', { mode: 0o600 });
  const env = readEnv({
    JOURNAL_SLOTS: '16',
    ...process.env,
    ESTELAM_SECRET_ARN: undefined,
    ESTELAM_SECRET_FILE: secretFile,
  });
  return {
    kind: 'deployed',
    url,
    origin: env.ESTELAM_ORIGIN,
    env,
    proxy: undefined,
    process: undefined,
    output: () => '',
    stop: () => rm(directory, { recursive: true, force: true }),
  };
};

const startKeys = async (): Promise<ReadonlyMap<string, TestKey>> =>
  new Map(
    await Promise.all(
      sampleParticipants.map(
        async ({ id, algorithm }) => [id, await makeKey(algorithm, id)] as const,
      ),
    ),
  );

const must = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`There is no ${what} in this world.`);
  return value;
};

/** Starts, seeds and connects everything; `close` stops all of it. */
export const startWorld = async (options: LocalOptions = {}): Promise<World> => {
  const deployed = process.env['ESTELAM_E2E_URL'];
  const base = deployed === undefined ? await startLocal(options) : await attachDeployed(deployed);
  const { env, url, origin } = base;
  const call = dynamoClient(env);
  const registry = dynamoRegistryStore(call, env.REGISTRY_TABLE);
  const secret = await loadSecretKeys(env);
  const keys = await startKeys();
  const keyOf = (id: string): TestKey => must(keys.get(id), id);
  const client = (participant: string): ExchangeClient =>
    exchangeClient({
      baseUrl: url,
      origin,
      participant,
      signer: keyOf(participant).signer,
      fetch: globalThis.fetch,
      wait: (milliseconds) => wait(milliseconds),
      now: Date.now,
      random: (length) => randomBytes(length),
    });
  const exchange = {
    id: exchangeId,
    origin,
    keyOf: loadedDirectory(() => client('registrar:cra').keys()),
  };
  const agencies = new Map(
    await Promise.all(
      agencyNames.map(async (name) => {
        const id = agencyId(name);
        return [name, await startAgency({ id, signer: keyOf(id).signer, exchange })] as const;
      }),
    ),
  );
  const agency = (name: AgencyName): Agency => must(agencies.get(name), name);
  const urlOf = (name: AgencyName) => agency(name).url;
  const agencyUrls = {
    'civil-registry': urlOf('civil-registry'),
    telecom: urlOf('telecom'),
    post: urlOf('post'),
    education: urlOf('education'),
    'social-security': urlOf('social-security'),
    pension: urlOf('pension'),
    police: urlOf('police'),
    companies: urlOf('companies'),
  };
  const open = Object.fromEntries([...keys].map(([id, { signer }]) => [id, signer]));
  await applySeed(registry, seedEntries({ keys: open, agencyUrls, now: Date.now() }));
  return {
    ...base,
    keyOf,
    client,
    agency,
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    registry,
    layout: { slotKey: secret.slot, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    close: async () => {
      await Promise.all([...agencies.values()].map((one) => one.close()));
      await base.stop();
    },
  };
};
