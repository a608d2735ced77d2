import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { freePort } from '#infra/local/free-port.ts';
import { placesIn, preparePlaces } from '#infra/local/places.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import type { RootKey } from '#shared/registry/command-sender.ts';
import { startStoreProxy } from '../store-proxy.ts';
import type { Base } from './base.ts';
import { startExchangeProcess } from './exchange-process.ts';
import { tableNames } from './log.ts';
import { startLog, startTrust } from './log-parts.ts';
import { startProvider } from './provider.ts';

const namedStore = (): string | undefined => process.env['ESTELAM_TEST_DYNAMODB_ENDPOINT'];

/** Why no exchange can run on this machine; undefined when one can. */
export const missingStore = (): string | undefined =>
  namedStore() === undefined && findStoreBinary() === undefined
    ? 'no embedded store for this machine, and ESTELAM_TEST_DYNAMODB_ENDPOINT names no other'
    : undefined;

const openStore = async (): Promise<Store> => {
  const endpoint = namedStore();
  return endpoint === undefined ? startStore({}) : { endpoint, close: async () => {} };
};

/**
 * An exchange on this machine: its store, the proxy before that, its log with witnesses, its process.
 * Its registry is empty, and `root` may begin it.
 */
export const startLocal = async (root: RootKey): Promise<Base> => {
  await using started = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'estelam-world-'));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const places = placesIn(directory);
  await preparePlaces(places);
  const store = await openStore();
  started.defer(store.close);
  const proxy = await startStoreProxy(store.endpoint);
  started.defer(proxy.close);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const trust = await startTrust(places, url, started);
  const provider = await startProvider();
  started.defer(provider.close);

  const suffix = randomBytes(4).toString('hex');
  const settings = {
    JOURNAL_TABLE: `journal-${suffix}`,
    REGISTRY_TABLE: `registry-${suffix}`,
    LOG_TABLE: `log-${suffix}`,
    SIGNER_TABLE: `signer-${suffix}`,
    INDEX_TABLE: `index-${suffix}`,
    TRANSIENT_TABLE: `transient-${suffix}`,
    SUBJECT_TABLE: `subject-${suffix}`,
    JOURNAL_SLOTS: '4',
    ESTELAM_ORIGIN: url,
    ESTELAM_SECRET_FILE: places.secretFile,
    REGISTRY_ROOT: JSON.stringify(root),
    OBJECTS_DIRECTORY: places.objects,
    STAGING_DIRECTORY: places.staging,
    DERIVED_DIRECTORY: places.derived,
    AWS_REGION: 'eu-central-1',
    ...trust.settings,
    ...provider.settings,
  };
  const past = { ...settings, DYNAMODB_ENDPOINT: store.endpoint };
  const through = { ...settings, DYNAMODB_ENDPOINT: proxy.endpoint };
  const env = readEnv(past);
  for (const name of tableNames) await ensureTable(dynamoClient(env), settings[name]);

  const log = await startLog(places, { ...past, LOG_KEYS: trust.keyFile });
  started.defer(log.stop);
  const exchange = await startExchangeProcess(through, port);
  started.defer(exchange.stop);
  const startAnother = (change: Readonly<Record<string, string>> = {}) =>
    startExchangeProcess({ ...through, ...change });
  const owned = started.move();
  return {
    url,
    origin: url,
    env,
    workshop: {
      proxy,
      exchange,
      startAnother,
      log,
      personKey: provider.key,
      witnesses: trust.parts,
      places,
    },
    stop: () => owned.disposeAsync(),
  };
};
