import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { startStoreProxy } from '../store-proxy.ts';
import type { Base } from './base.ts';
import { startExchangeProcess } from './exchange-process.ts';

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

/** An exchange on this machine: its store, the proxy before that, and its process. */
export const startLocal = async (): Promise<Base> => {
  await using started = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'estelam-world-'));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, randomBytes(32).toString('base64url'), { mode: 0o600 });
  const store = await openStore();
  started.defer(store.close);
  const proxy = await startStoreProxy(store.endpoint);
  started.defer(proxy.close);

  const suffix = randomBytes(4).toString('hex');
  const settings = {
    JOURNAL_TABLE: `journal-${suffix}`,
    REGISTRY_TABLE: `registry-${suffix}`,
    JOURNAL_SLOTS: '4',
    ESTELAM_SECRET_FILE: secretFile,
    AWS_REGION: 'eu-central-1',
  };
  const past = { ...settings, DYNAMODB_ENDPOINT: store.endpoint };
  const through = { ...settings, DYNAMODB_ENDPOINT: proxy.endpoint };
  const tables = dynamoClient(readEnv({ ...past, ESTELAM_ORIGIN: store.endpoint }));
  await ensureTable(tables, settings.JOURNAL_TABLE);
  await ensureTable(tables, settings.REGISTRY_TABLE);

  const exchange = await startExchangeProcess((url) => ({ ...through, ESTELAM_ORIGIN: url }));
  started.defer(exchange.stop);
  const { url } = exchange;
  const origin = { ESTELAM_ORIGIN: url };
  const startAnother = () => startExchangeProcess(() => ({ ...through, ...origin }));
  const env = readEnv({ ...past, ...origin });
  const owned = started.move();
  return {
    url,
    origin: url,
    env,
    workshop: { proxy, exchange, startAnother },
    stop: () => owned.disposeAsync(),
  };
};
