import { once } from 'node:events';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { awsJsonClient } from '#functions/runtime/aws-json.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { dynamoLogHead } from '#functions/runtime/dynamo/log-head.ts';
import { sweepStore } from '#functions/runtime/dynamo/sweep-store.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { startChild } from '#infra/local/child.ts';
import { freePort } from '#infra/local/free-port.ts';
import { textIn } from '#infra/local/ready-message.ts';
import { findStoreBinary, startStore } from '#infra/local/store.ts';
import { bucketLength, periodOf } from '#shared/audit/address.ts';
import { newId } from '#shared/kernel/id.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';

const clientOf = (endpoint: string) =>
  awsJsonClient({
    service: 'dynamodb',
    target: 'DynamoDB_20120810',
    contentType: 'application/x-amz-json-1.0',
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

const row = { pk: { S: 'a' }, sk: { S: 'b' }, n: { N: '1' } } as const;
const key = { pk: row.pk, sk: row.sk } as const;

describe('findStoreBinary', () => {
  it('finds none for a machine that npm has none for', () => {
    expect(findStoreBinary('plan9-pdp11')).toBeUndefined();
    expect(findStoreBinary('../../..')).toBeUndefined();
  });
});

describe('startStore', () => {
  it('says what to do on a machine that it has no binary for', async () => {
    await expect(startStore({ machine: 'plan9-pdp11' })).rejects.toThrow(
      'There is no embedded store for plan9-pdp11: set DYNAMODB_ENDPOINT to a DynamoDB-compatible store.',
    );
  });

  it('starts a store that answers at once, and stops it so that its port is free', async ({
    skip,
  }) => {
    skip(missing, reason);
    const port = await freePort();
    const store = await startStore({ port });
    expect(store.endpoint).toBe(`http://127.0.0.1:${port}`);
    await ensureTable(clientOf(store.endpoint), 'table');
    await store.close();
    await store.close();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(server.listening).toBe(true);
    server.close();
    await once(server, 'close');
  });

  it('keeps what was written in its folder for the next start', async ({ skip }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, 'data');
    const first = await startStore({ dataDir });
    await ensureTable(clientOf(first.endpoint), 'table');
    await clientOf(first.endpoint)('PutItem', { TableName: 'table', Item: row });
    await first.close();
    const second = await startStore({ dataDir });
    await ensureTable(clientOf(second.endpoint), 'table');
    const found = await clientOf(second.endpoint)('GetItem', { TableName: 'table', Key: key });
    await second.close();
    expect(found).toEqual({ Item: row });
  });

  it('is for its owner only, in a folder that is for everybody', async ({ skip }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    await chmod(folder.path, 0o755);
    // As a store that was killed left them.
    await writeFile(join(folder.path, 'store.sqlite'), '', { mode: 0o644 });
    const store = await startStore({ dataDir: folder.path });
    await ensureTable(clientOf(store.endpoint), 'table');
    const files = (await readdir(folder.path)).toSorted();
    const modes = await Promise.all(files.map((name) => stat(join(folder.path, name))));
    await store.close();
    expect(files).toEqual(['store.sqlite', 'store.sqlite-shm', 'store.sqlite-wal']);
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  });

  it('keeps nothing when it has no folder', async ({ skip }) => {
    skip(missing, reason);
    const first = await startStore({});
    await ensureTable(clientOf(first.endpoint), 'table');
    await first.close();
    const second = await startStore({});
    const tables = await clientOf(second.endpoint)('ListTables', {});
    await second.close();
    expect(tables).toMatchObject({ TableNames: [] });
  });

  it('forgets nothing by itself: what is expired goes when it is swept, and nothing else', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    const store = await startStore({ dataDir: folder.path });
    const call = clientOf(store.endpoint);
    await ensureTable(call, 'table');
    const second = 1_800_000_000;
    const items = [second - 9e6, second, second + 1, undefined].map((x, n) => ({
      pk: { S: `H#${n}` },
      sk: { S: 'key' },
      ...(x !== undefined && { x: { N: String(x) } }),
    }));
    for (const Item of items) await call('PutItem', { TableName: 'table', Item });
    expect(
      await sweepStore(store.endpoint, second * 1000, { journal: 'journal', log: 'log' }),
    ).toBe(2);
    const left = await call('Scan', { TableName: 'table', ProjectionExpression: 'pk' });
    await store.close();
    expect(left).toMatchObject({ Count: 2 });
  });

  it('keeps what the log has not taken from the journal, however long the machine was off', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    const store = await startStore({ dataDir: folder.path });
    const call = clientOf(store.endpoint);
    for (const table of ['journal', 'log']) await ensureTable(call, table);
    const journal = dynamoJournalStore(call, 'journal');
    const bucket = 180_000_000;
    const [taken, left] = [bucket, bucket + 600].map((at) => ({
      shard: 0,
      bucket: at,
      slot: 0,
      id: newId(at * bucketLength, (length) => Buffer.alloc(length)),
    }));
    if (taken === undefined || left === undefined) throw new Error('There are two.');
    for (const one of [taken, left]) await journal.putRecord(one, { record: Buffer.from('text') });
    await dynamoLogHead(call, 'log').compareAndSwap(0, {
      version: 1,
      size: 0,
      root: new Uint8Array(32),
      bucket: bucket + 1,
      slot: 0,
      again: [bucket + 1, bucket + 1],
      late: [],
      config: '',
      time: 0,
    });
    const now = left.bucket * bucketLength + 21 * 86_400_000;
    await sweepStore(store.endpoint, now, { journal: 'journal', log: 'log' });
    const rows = [await journal.read(taken), await journal.read(left)];
    const periods = await journal.periods(periodOf(bucket), periodOf(left.bucket) + 1);
    await store.close();
    expect(rows.map(({ record }) => record !== undefined)).toEqual([false, true]);
    expect(periods).toContain(periodOf(left.bucket));
  });

  it('is swept by its process when it starts', async ({ skip }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    const first = await startStore({ dataDir: folder.path });
    await ensureTable(clientOf(first.endpoint), 'table');
    await clientOf(first.endpoint)('PutItem', {
      TableName: 'table',
      Item: { ...key, x: { N: '1' } },
    });
    await first.close();
    const script = new URL('../../infra/local/store-process.ts', import.meta.url);
    const child = startChild({
      name: 'The embedded store',
      script,
      args: [folder.path],
      environment: process.env,
      log: join(folder.path, 'store.log'),
    });
    const call = clientOf(textIn(await child.ready, 'endpoint'));
    const find = () => call('GetItem', { TableName: 'table', Key: key });
    await expect.poll(find, { timeout: 25_000 }).toEqual({});
    await child.stop();
  });

  it('ends its process when it ends by itself, so that nobody goes on without it', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    const log = join(folder.path, 'store.log');
    const child = startChild({
      name: 'The embedded store',
      script: new URL('../../infra/local/store-process.ts', import.meta.url),
      args: [folder.path],
      environment: process.env,
      log,
    });
    process.kill(Number(textIn(await child.ready, 'pid')), 'SIGKILL');
    const ended = child.ended.then(() => 'ended');
    const told = await Promise.race([ended, wait(25_000, 'goes on', { ref: false })]);
    await child.stop();
    expect(told).toBe('ended');
    expect(await readFile(log, 'utf8')).toBe('The embedded store ended by itself.\n');
  });

  it('says that its port is taken, also by something that answers like a store', async ({
    skip,
  }) => {
    skip(missing, reason);
    const other = await startStore({});
    const port = Number(new URL(other.endpoint).port);
    await expect(startStore({ port })).rejects.toThrow(
      new RegExp(`^The embedded store did not start: port ${port} is already in use`),
    );
    await other.close();
  });

  it('says that its file is no database', async ({ skip }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'store.sqlite'), 'this is no database at all'.repeat(100));
    await expect(startStore({ dataDir: folder.path })).rejects.toThrow(
      /^The embedded store did not start: .*not a valid SQLite database/,
    );
  });

  it('over a file that another one has open loses no conditional write', async ({ skip }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    const stores = await Promise.all([
      startStore({ dataDir: folder.path }),
      startStore({ dataDir: folder.path }),
    ]);
    const [first, second] = stores.map(({ endpoint }) => clientOf(endpoint));
    if (first !== undefined) await ensureTable(first, 'table');
    const put = (call = first) =>
      call?.('PutItem', {
        TableName: 'table',
        Item: row,
        ConditionExpression: 'attribute_not_exists(pk)',
      });
    const results = await Promise.allSettled([put(first), put(second), put(first), put(second)]);
    await Promise.all(stores.map((store) => store.close()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
