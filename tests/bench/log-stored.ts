import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { dynamoLatestTree } from '#functions/runtime/dynamo/latest-tree.ts';
import { dynamoLogHead } from '#functions/runtime/dynamo/log-head.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { startStore } from '#infra/local/store.ts';
import { type SampleRows, sealedAt, writeRows } from './log-journal.ts';
import { benchLog } from './log-run.ts';
import { median } from './measure.ts';
import { childrenOf, cpuTimeOf } from './process-facts.ts';

/** One entry by way of the embedded store and files. CPU in microseconds. */
export type StoredRun = {
  /** Of this process: the sequencer and its HTTP client. */
  readonly own: number;
  /** Of the store's process; undefined where the operating system does not tell. */
  readonly store: number | undefined;
  /** Entries by the clock, which on a shared machine says little. */
  readonly perSecond: number;
};

const rounds = 3;
const journalTable = 'journal';

const ownTime = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Sequences the rows into a new log, each round with a table and directories of its own. */
export const measureStored = async (rows: readonly SampleRows[]): Promise<StoredRun> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-log-'));
  const before = new Set(childrenOf(process.pid));
  const store = await startStore({ dataDir: directory });
  const pid = childrenOf(process.pid).find((one) => !before.has(one));
  const storeTime = (): number | undefined => (pid === undefined ? undefined : cpuTimeOf(pid));
  try {
    const call = dynamoClient({
      DYNAMODB_ENDPOINT: store.endpoint,
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      LOG_LEVEL: 'ERROR',
    });
    await ensureTable(call, journalTable);
    const journal = dynamoJournalStore(call, journalTable);
    await writeRows(journal, rows);
    const samples: { own: number; store: number | undefined; perSecond: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const table = `log-${round}`;
      await ensureTable(call, table);
      const log = benchLog({
        journal,
        heads: dynamoLogHead(call, table),
        latest: dynamoLatestTree(call, table),
        objects: directoryObjectStore(join(directory, table, 'objects')),
        staging: directoryObjectStore(join(directory, table, 'staging')),
      });
      log.setClock(sealedAt(rows));
      const [own, stored, started] = [ownTime(), storeTime(), performance.now()];
      const added = await log.run();
      const [ownAfter, storedAfter] = [ownTime(), storeTime()];
      if (added !== rows.length + 1) throw new Error(`The log got ${added} leaves.`);
      samples.push({
        own: (ownAfter - own) / rows.length,
        store:
          stored === undefined || storedAfter === undefined
            ? undefined
            : (storedAfter - stored) / rows.length,
        perSecond: rows.length / ((performance.now() - started) / 1000),
      });
    }
    const stores = samples.flatMap((one) => (one.store === undefined ? [] : [one.store]));
    return {
      own: median(samples.map((one) => one.own)),
      store: stores.length === 0 ? undefined : median(stores),
      perSecond: median(samples.map((one) => one.perSecond)),
    };
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
};
