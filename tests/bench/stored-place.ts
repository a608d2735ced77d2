/** An installation on files and the embedded store that holds so many inquiries, found by its index. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoIndexMarks } from '#functions/runtime/dynamo/index-marks.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { dynamoSubjectIndex } from '#functions/runtime/dynamo/subject-index.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { type Env, readEnv } from '#functions/runtime/env.ts';
import { loadSecretKeys } from '#functions/runtime/keys/secret.ts';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { startStore } from '#infra/local/store.ts';
import { feedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { Service } from '#shared/registry/service.ts';
import { agencyOf, counterOf, identityService } from '#tests/support/registry.ts';
import { makeLogPlaces, tableNames } from '#tests/support/world/log.ts';
import { inParallel } from './measure.ts';
import { putEntries } from './registry-fill.ts';
import { writeStoredLog } from './stored-log.ts';
import { counterOfRank, provinceOfRank, rankOfCounter, serviceOfRank } from './synthetic-facts.ts';

export type StoredPlace = { readonly env: Env; readonly close: () => Promise<void> };

/** Who reads: one everything, one what was asked in a province. */
export const readers = { all: 'auditor:all', province: 'auditor:province' } as const;
export const readerProvince = provinceOfRank(5);

function* participants(): Generator<RegistryEntry> {
  const scopes = [{ kind: 'province', value: readerProvince }];
  yield agencyOf(readers.all);
  yield agencyOf(readers.province, { scopes });
  for (let n = 0; n < 40; n += 1) yield agencyOf(`agency:office-${n}`);
  for (let n = 0; n < 200; n += 1) {
    const ref = serviceOfRank(n);
    const agency = `agency:${ref.split('/', 1)[0] ?? ''}`;
    yield Service.parse({ ...identityService, ref, agency });
  }
  for (let n = 0; n < 15_000; n += 1) yield counterOf(counterOfRank(n));
}

const Put = z.looseObject({ TableName: z.string(), Item: z.looseObject({}) });

/** The most that one BatchWriteItem takes. */
const batch = 25;

/** Puts items in batches, whatever their conditions: they are new, and nobody else is there. */
const inBatches = (call: AwsJsonCall) => {
  const waiting: object[] = [];
  const flush = async (table: string): Promise<void> => {
    const groups: object[][] = [];
    while (waiting.length > 0) groups.push(waiting.splice(0, batch));
    await inParallel(4, groups, (Items) =>
      call('BatchWriteItem', {
        RequestItems: { [table]: Items.map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
  };
  const put: AwsJsonCall = async (_, input) => {
    waiting.push(Put.parse(input).Item);
    return {};
  };
  return { put, flush };
};

const feed = async (env: Env, call: AwsJsonCall, told: (share: number) => void): Promise<void> => {
  const keys = await loadSecretKeys(env);
  const { put, flush } = inBatches(call);
  const rows = dynamoSubjectIndex(put, 'subject');
  const { DERIVED_DIRECTORY: derived = '', OBJECTS_DIRECTORY: objects = '' } = env;
  const step = feedEntries(
    {
      objects: directoryObjectStore(objects),
      derived: directoryObjectStore(derived),
      journal: dynamoJournalStore(call, 'journal'),
      subjects: {
        ...rows,
        put: async (all) => {
          await rows.put(all);
          await flush('subject');
        },
      },
      marks: dynamoIndexMarks(call, 'index'),
      heads: { read: async () => undefined },
      // As the registry would say, without fifteen thousand questions a day.
      province: async (counter) => provinceOfRank(rankOfCounter(counter)),
      inputs: async () => undefined,
      settings: {
        layout: { slotKey: keys.slot, slots: env.JOURNAL_SLOTS, shards: 1 },
        vaultKey: keys.vault,
        subjectKey: keys.subject,
      },
    },
    0,
  );
  for (;;) {
    const { fed, size, more, unopened } = await step();
    if (unopened > 0) throw new Error('The bench cannot open its own vault.');
    told(fed / size);
    if (!more) return;
  }
};

/** Makes it in a new directory; `close` stops its store and takes the directory away. */
export const startStoredPlace = async (
  size: number,
  told: (share: number, doing: string) => void,
): Promise<StoredPlace> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-stored-'));
  const store = await startStore({ dataDir: directory });
  const close = async (): Promise<void> => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const secret = join(directory, 'secret');
    await writeFile(secret, randomBytes(32).toString('base64url'), { mode: 0o600 });
    const tables = tableNames.map(
      (name) => [name, name.replace(/_TABLE$/, '').toLowerCase()] as const,
    );
    const env = readEnv({
      ESTELAM_ORIGIN: 'http://127.0.0.1:1',
      ...Object.fromEntries(tables),
      ESTELAM_SECRET_FILE: secret,
      ...(await makeLogPlaces(directory)),
      DYNAMODB_ENDPOINT: store.endpoint,
      LOG_LEVEL: 'ERROR',
    });
    const call = dynamoClient(env);
    for (const [, table] of tables) await ensureTable(call, table);
    await putEntries(call, env.REGISTRY_TABLE, participants(), () => told(0, 'a registry'));
    const places = { objects: env.OBJECTS_DIRECTORY ?? '', derived: env.DERIVED_DIRECTORY ?? '' };
    const { vault } = await loadSecretKeys(env);
    await writeStoredLog(places, size, vault, (share) => told(share * 0.4, 'inquiries'));
    await feed(env, call, (share) => told(0.4 + share * 0.6, 'their index'));
    return { env, close };
  } catch (error) {
    await close();
    throw error;
  }
};
