/** What the functions of a log stand on: an embedded store, directories, keys and witnesses. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { type Env, readEnv } from '#functions/runtime/env.ts';
import { loadSecretKeys } from '#functions/runtime/keys/secret.ts';
import { loadLogKeys } from '#functions/runtime/log/log-keys.ts';
import type { LogObserver } from '#functions/runtime/log/observe-log.ts';
import type { LogProcess } from '#functions/runtime/log/scheduled.ts';
import { openObjects } from '#functions/runtime/objects/open-objects.ts';
import { placesIn, preparePlaces } from '#infra/local/places.ts';
import { tables as localTables } from '#infra/local/tables.ts';
import { addressOf, type Layout } from '#shared/audit/address.ts';
import { leafData } from '#shared/audit/leaf.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { packRecord } from '#shared/audit/pack.ts';
import type { JournalStore, ObjectStore } from '#shared/audit/ports.ts';
import { logFiles, readBundle } from '#shared/audit/sequence/log-files.ts';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';
import { openCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { rootOfHashes, tileWidth } from '#shared/audit/tlog/tree.ts';
import { formatVerifierKey, type VerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { witnessService } from '#shared/audit/witness-service.ts';
import { equalBytes } from '#shared/kernel/bytes.ts';
import { type InquiryId, newId } from '#shared/kernel/id.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { plainTexts, plainVault } from '#tests/support/plain-log.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { type Listener, listen } from './http-listener.ts';

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** Whatever the functions told, in order. */
export type Told = {
  readonly metrics: (readonly [string, number, Readonly<Record<string, string>>])[];
  readonly events: (readonly [string, object])[];
  readonly failures: unknown[];
};

const observing = (told: Told): LogObserver => ({
  event: (message, facts) => told.events.push([message, facts]),
  metric: (name, value, dimensions = {}) => told.metrics.push([name, value, dimensions]),
  failure: (error) => told.failures.push(error),
});

/** A witness that remembers in memory, served over HTTP. */
const serveWitness = async (
  name: string,
  logs: readonly VerifierKey[],
  now: () => number,
): Promise<Listener> => {
  const signer = noteKey(name, 'cosignature');
  const answer = witnessService({ logs, latest: memoryLatestTree().store, signer, now });
  return listen((request, response) => {
    const serve = async (): Promise<void> => {
      const body = Buffer.concat(await request.toArray());
      const { method = '', url = '' } = request;
      const { status, type, body: text } = await answer({ method, path: url, body });
      response.writeHead(status, { 'content-type': type }).end(text);
    };
    serve().catch(() => response.destroy());
  });
};

export type LogSite = AsyncDisposable & {
  /** Its environment, as variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Env;
  readonly layout: Layout;
  readonly journal: JournalStore;
  readonly objects: ObjectStore;
  readonly witnesses: readonly Listener[];
  readonly now: () => number;
  readonly pass: (milliseconds: number) => void;
  readonly told: Told;
  /** A process of its own: what a function is started with. Waiting moves the clock. */
  readonly start: (change?: Partial<LogProcess>) => () => LogProcess;
  /** Writes inquiries that were asked now; resolves to the leaf of each, by its id. */
  readonly ask: (count: number, shard?: number) => Promise<ReadonlyMap<InquiryId, Uint8Array>>;
  /** The leaves of the published log; rejects unless its checkpoint and every file fit. */
  readonly leaves: (shard?: number) => Promise<readonly Uint8Array[]>;
};

const keyFile = async (folder: string, name: string): Promise<string> => {
  const file = join(folder, name);
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(file, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return file;
};

type SiteParts = {
  readonly shards?: number;
  readonly time?: number;
  /** A folder in which it stands as `npm start` would have left it. */
  readonly data?: string;
};

/** A new log over the store at `endpoint`. */
export const startLogSite = async (
  endpoint: string,
  { shards = 1, time = 1_800_000_000_000, data }: SiteParts = {},
): Promise<LogSite> => {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder());
  const places = placesIn(data ?? folder.path);
  await preparePlaces(places);
  const suffix = crypto.randomUUID();
  const own = {
    JOURNAL_TABLE: `journal-${suffix}`,
    REGISTRY_TABLE: `registry-${suffix}`,
    LOG_TABLE: `log-${suffix}`,
    SIGNER_TABLE: `signer-${suffix}`,
    INDEX_TABLE: `index-${suffix}`,
    SUBJECT_TABLE: `subject-${suffix}`,
    TRANSIENT_TABLE: `transient-${suffix}`,
  };
  const tables = data === undefined ? own : localTables;
  const files = await Promise.all(
    Array.from({ length: shards }, (_, shard) => keyFile(folder.path, `${shard}.pem`)),
  );
  const first = {
    ...tables,
    ESTELAM_ORIGIN: 'https://exchange.example',
    ESTELAM_SECRET_FILE: places.secretFile,
    DYNAMODB_ENDPOINT: endpoint,
    OBJECTS_DIRECTORY: places.objects,
    STAGING_DIRECTORY: places.staging,
    DERIVED_DIRECTORY: places.derived,
    JOURNAL_SHARDS: String(shards),
    JOURNAL_SLOTS: '4',
    LOG_KEYS: files.join(' '),
    LOG_LEVEL: 'SILENT',
  };
  const call = dynamoClient(readEnv(first));
  for (const table of Object.values(tables)) await ensureTable(call, table);

  let present = time;
  const now = (): number => present;
  const pass = (milliseconds: number): void => {
    present += milliseconds;
  };
  const logs = await loadLogKeys(readEnv(first));
  const names = ['witness.example/a', 'witness.example/b'];
  const witnesses = await Promise.all(
    names.map(async (name) => started.use(await serveWitness(name, logs, now))),
  );
  const lines = names.map((name, n) => {
    const vkey = formatVerifierKey(noteKey(name, 'cosignature').verifier);
    return `witness w${n} ${vkey} ${witnesses[n]?.url ?? ''}\n`;
  });
  const policy = `${lines.join('')}group both all w0 w1\nquorum both\n`;
  const variables = { ...first, LOG_WITNESS_POLICY: policy };
  const env = readEnv(variables);
  const { objects } = openObjects(env);
  const journal = dynamoJournalStore(call, env.JOURNAL_TABLE);
  const { slot: slotKey, vault: vaultKey } = await loadSecretKeys(env);
  const layout = { slotKey, slots: env.JOURNAL_SLOTS, shards };
  const told: Told = { metrics: [], events: [], failures: [] };

  const idIn = (shard: number | undefined): InquiryId => {
    for (;;) {
      const id = newId(present, random);
      if (shard === undefined || addressOf(id, layout).shard === shard) return id;
    }
  };
  const askOne = async (id: InquiryId): Promise<readonly [InquiryId, Uint8Array]> => {
    const address = addressOf(id, layout);
    const { intent, outcome } = plainTexts(id, { n: 1, t: present });
    const row = { record: packRecord(intent), vault: plainVault(id, vaultKey) };
    await journal.putIntent(address, row);
    await journal.putOutcome(address, { record: packRecord(outcome) });
    return [id, leafData(intent, outcome)];
  };
  const leaves = async (shard = 0): Promise<readonly Uint8Array[]> => {
    const bytes = await objects.get(`log/${shard}/checkpoint`);
    if (bytes === undefined) return [];
    const opened = openCheckpoint(bytes, { log: logs.slice(shard, shard + 1), witnesses: [] });
    if (opened === undefined) throw new Error('The checkpoint does not hold.');
    const size = Number(opened.checkpoint.size);
    const read: Uint8Array[] = [];
    for (let from = 0; from < size; from += tileWidth) {
      const width = Math.min(tileWidth, size - from);
      read.push(...(await readBundle(logFiles(objects, shard), from / tileWidth, width)));
    }
    if (!equalBytes(rootOfHashes(read.map(leafHash)), opened.checkpoint.root)) {
      throw new Error('The entries do not have the root that is signed.');
    }
    return read;
  };
  const owned = started.move();
  return {
    variables,
    env,
    layout,
    journal,
    objects,
    witnesses,
    now,
    pass,
    told,
    start: (change = {}) => {
      const wait = async (milliseconds: number): Promise<void> => pass(milliseconds);
      const process = { env, now, wait, times: usualTimes, observe: observing(told) };
      return () => ({ ...process, ...change });
    },
    ask: async (count, shard) =>
      new Map(await Promise.all(Array.from({ length: count }, () => askOne(idIn(shard))))),
    leaves,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
