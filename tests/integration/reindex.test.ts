import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoLogIndex } from '#functions/runtime/dynamo/log-index.ts';
import { dynamoSubjectIndex } from '#functions/runtime/dynamo/subject-index.ts';
import { loadEntryFeeding } from '#functions/runtime/log/entry-feeding.ts';
import { loadIndexing } from '#functions/runtime/log/indexing.ts';
import { scheduled } from '#functions/runtime/log/scheduled.ts';
import { loadSequencing } from '#functions/runtime/log/sequencing.ts';
import { placesIn } from '#infra/local/places.ts';
import { lockData } from '#infra/local/single-start.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { addressOf } from '#shared/audit/address.ts';
import { ReindexReport } from '#shared/client/reindex-report.ts';
import { subjectTag } from '#shared/oversight/tags.ts';
import { compileCache } from '#tests/support/compile-cache.ts';
import { requestFactsExample } from '#tests/support/messages.ts';
import { startStoreProxy } from '#tests/support/store-proxy.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { type LogSite, startLogSite } from './log-site.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';

let store: Store | undefined;

beforeAll(async () => {
  if (!missing) store = await startStore({});
});

afterAll(async () => {
  await store?.close();
});

type Variables = Readonly<Record<string, string>>;

const inProject = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));
const estelam = inProject('infra/local/bin/estelam.mjs');

const begin = (variables: Variables, args: readonly string[]) =>
  spawn(process.execPath, [inProject('infra/local/reindex.ts'), ...args], {
    env: { ...compileCache(), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const reindex = async (variables: Variables, ...args: readonly string[]) => {
  const child = begin(variables, args);
  const ended = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { code: child.exitCode, output, errors };
};

/** What a comparison names, log by log. */
const differencesIn = (output: string): readonly (readonly string[])[] =>
  ReindexReport.parse(JSON.parse(output)).logs.map(({ differences = [] }) =>
    differences.map(({ at, problem }) => `${at} ${problem}`),
  );

/** The log as far as it can come, and its index. */
const runLog = async (site: LogSite): Promise<void> => {
  site.pass(25_000);
  await scheduled(loadSequencing, site.start())({ seconds: 0 });
  await scheduled(loadIndexing, site.start())({ seconds: 0 });
};

const objectAt = ({ variables }: LogSite, key: string): string =>
  join(variables['DERIVED_DIRECTORY'] ?? '', ...key.split('/'));

/** How many rows lead to the person of the examples. */
const rowsOf = async ({ env, now }: LogSite): Promise<number> => {
  const { settings } = await loadEntryFeeding(env);
  const year = new Date(now()).getUTCFullYear();
  const tag = subjectTag(settings.subjectKey, year, requestFactsExample.subject);
  const index = dynamoSubjectIndex(dynamoClient(env), env.SUBJECT_TABLE ?? '');
  const { rows } = await index.list(tag, { before: now(), limit: 1000 });
  return rows.length;
};

describe('estelam reindex', () => {
  it('finds all again in an exchange that it is told of, whatever was lost, poisoned or removed', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '', { shards: 2 });
    await site.ask(6, 0);
    await site.ask(6, 1);
    await runLog(site);
    const right = await reindex(site.variables, '--check', '--json');
    expect([right.code, differencesIn(right.output)]).toEqual([0, [[], []]]);
    const before = await readFile(objectAt(site, 'index/1/segment/0'));

    await rm(objectAt(site, 'index/0/segment/0'));
    await writeFile(objectAt(site, 'index/1/segment/0'), 'poison');
    const index = dynamoSubjectIndex(dynamoClient(site.env), site.env.SUBJECT_TABLE ?? '');
    const { settings } = await loadEntryFeeding(site.env);
    const year = new Date(site.now()).getUTCFullYear();
    const tag = subjectTag(settings.subjectKey, year, requestFactsExample.subject);
    await index.remove((await index.list(tag, { before: site.now(), limit: 100 })).rows);

    const checked = await reindex(site.variables, '--check', '--json');
    expect(checked.code).toBe(11);
    expect(differencesIn(checked.output)).toEqual([
      ['index/0/segment/0 missing', 'rows of subjects missing'],
      ['index/1/segment/0 unreadable', 'rows of subjects missing'],
    ]);
    const one = await reindex(site.variables, '--shard', '1');
    expect([one.code, one.output]).toEqual([0, 'log 1: 7 leaves indexed again\n']);
    const made = await reindex(site.variables);
    expect([made.code, made.errors]).toEqual([0, '']);
    const again = await reindex(site.variables, '--check');
    expect([again.code, again.output]).toEqual([
      0,
      'log 0: the index is what the log says, 7 leaves\nlog 1: the index is what the log says, 7 leaves\n',
    ]);
    expect(await readFile(objectAt(site, 'index/1/segment/0'))).toEqual(before);
    expect(await rowsOf(site)).toBe(12);
  });

  it('puts the places again that proofs are found by', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '');
    const asked = await site.ask(3);
    await runLog(site);
    const call = dynamoClient(site.env);
    const lost = { ...site.variables, INDEX_TABLE: site.env.TRANSIENT_TABLE ?? '' };
    expect((await reindex(lost)).code).toBe(0);
    const places = dynamoLogIndex(call, lost.INDEX_TABLE);
    const [id] = [...asked.keys()];
    if (id === undefined) throw new Error('Nothing was asked.');
    expect((await places.find(addressOf(id, site.layout))).ranges.length).toBeGreaterThan(0);
    expect(await places.fed(0)).toBe(4);
  });

  it('is begun again after it was killed in the middle', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '');
    await site.ask(8);
    await runLog(site);
    await rm(objectAt(site, 'index/0'), { recursive: true });
    const proxy = await startStoreProxy(store?.endpoint ?? '');
    const reached = Promise.withResolvers<void>();
    // Never answered: the process stands in the middle of its rows.
    proxy.breakCalls(({ operation, body }) => {
      const isRow = operation === 'PutItem' && body.includes('"S#');
      if (!isRow) return 'pass';
      reached.resolve();
      return 'hang';
    });
    const child = begin({ ...site.variables, DYNAMODB_ENDPOINT: proxy.endpoint }, []);
    const ended = once(child, 'exit');
    await reached.promise;
    child.kill('SIGKILL');
    await ended;
    await proxy.close();
    const broken = await reindex(site.variables, '--check', '--json');
    expect(broken.code).toBe(11);
    expect((await reindex(site.variables)).code).toBe(0);
    expect((await reindex(site.variables, '--check')).code).toBe(0);
    expect(await rowsOf(site)).toBe(8);
  });

  it('works on the data of this machine with a store of its own, and not while that is in use', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using folder = await temporaryFolder();
    const own = await startStore({ dataDir: folder.path });
    const site = await startLogSite(own.endpoint, { data: folder.path });
    await site.ask(5);
    await runLog(site);
    await own.close();
    await site[Symbol.asyncDispose]();
    const variables = { ESTELAM_DATA: folder.path, JOURNAL_SLOTS: '4', LOG_LEVEL: 'SILENT' };
    await rm(objectAt(site, 'index/0/summary/0'));
    const checked = await reindex(variables, '--check');
    expect([checked.code, checked.output]).toEqual([
      11,
      'log 0: 1 difference in 6 leaves\n  index/0/summary/0: missing\n',
    ]);
    const release = lockData(placesIn(folder.path).lock, folder.path);
    const locked = await reindex(variables);
    release();
    expect([locked.code, locked.output]).toEqual([3, '']);
    expect(locked.errors).toContain('is in use: stop what runs there');
    expect((await reindex(variables)).output).toBe('log 0: 6 leaves indexed again\n');
    expect((await reindex(variables, '--check')).code).toBe(0);
  });

  it.each([
    [['--shard', 'x'], {}, 2, '--shard must be the number of a log'],
    [['--all'], {}, 2, "Unknown option '--all'"],
    [['log'], {}, 2, 'Unexpected argument'],
    [[], { ESTELAM_DATA: '/nowhere/at/all' }, 3, 'There is no exchange in /nowhere/at/all'],
    [[], { JOURNAL_TABLE: 'x' }, 3, 'The environment is not right'],
  ] as const)('says what is wrong: %j %o', async (args, variables, code, said) => {
    const told = await reindex({ ...variables }, ...args);
    expect([told.code, told.output]).toEqual([code, '']);
    expect(told.errors).toContain(said);
    expect(told.errors.trim().split('\n')).toHaveLength(1);
  });

  it('knows no log that the exchange does not keep', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '');
    const told = await reindex(site.variables, '--shard', '7');
    expect([told.code, told.errors]).toEqual([
      3,
      'There is no log 7: they are numbered from 0 on, 1 of them.\n',
    ]);
  });

  it('is a command of estelam, which lists and explains it', async () => {
    const said = async (...args: readonly string[]): Promise<string> => {
      const child = spawn(process.execPath, [estelam, ...args], { env: { ...compileCache() } });
      const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return output + errors;
    };
    expect(await said('--help')).toMatch(/reindex .*make what auditors search again/);
    expect(await said('reindex', '--help')).toMatch(/--check +change nothing/);
    expect(await said('reindex', '--shard=no')).toMatch(/^--shard must be the number of a log/);
  });

  it('is no part of the command line by itself, which knows no store', async () => {
    const child = spawn(process.execPath, [inProject('shared/client/cli/main.ts'), 'reindex'], {
      env: { ...compileCache() },
    });
    const ended = once(child, 'exit');
    expect(await text(child.stderr)).toMatch(/in a clone of the exchange: npx estelam reindex/);
    await ended;
    expect(child.exitCode).toBe(2);
  });
});
