/** `estelam audit export` over HTTP, from the question to a file that `estelam verify` takes. */
import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { answers } from '#functions/export-audit/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import { startServer } from '#infra/local/server.ts';
import { auditCommand } from '#shared/client/cli/audit/audit.ts';
import { verifyCommand } from '#shared/client/cli/verify.ts';
import { suggestedPolicy } from '#shared/inquiry/suggested-policy.ts';
import { exportWorker, usualSizes } from '#shared/oversight/exports/export-job.ts';
import { makeExchange, sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { exportsGroundOf, testExports } from '#tests/support/export-reading.ts';
import { fedLog } from '#tests/support/fed-log.ts';
import { makeKey } from '#tests/support/messages.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { runReading } from '#tests/support/run-reading.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const at = (name: string): string => join(folder.path, name);

/** Inquiries of two outcomes in a log, an auditor, and an exchange that makes exports when it is asked. */
const startSite = async () => {
  const key = await makeKey('ES256', 'auditor:court');
  const auditor = { ...agencyOf(key.owner), scopes: [{ kind: 'all' as const }] };
  const registry = [...sampleEntries(await testKeys()), keyEntryOf(key), auditor];
  const test = await makeExchange({ registry });
  const inquiries = 6;
  for (let n = 0; n < inquiries; n += 1) {
    if (n === 4) test.agencies.play(async () => ({ kind: 'timeout' }));
    await test.submit(await test.request());
    test.clock.advance(1000);
  }
  test.clock.advance(60_000);
  await test.log.sequence();
  await test.log.witness();
  const fed = fedLog(test);
  await fed.feed();
  const exports = testExports(test);
  const made: { answers?: ReturnType<typeof answers> } = {};
  const handler = serve(() => ({
    answers: made.answers ?? {},
    observe: { outcome: () => {}, bug: () => {} },
  }));
  const server: Server = await startServer(new Map([['export-audit', handler]]), 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const ground = exportsGroundOf(test, fed, exports);
  const { origin } = ground.settings;
  const work = exportWorker({
    ...ground,
    jobs: exports.jobs.store,
    objects: test.log.objects.store,
    derived: exports.derived.store,
    remover: exports.derived.remover,
    sizes: { ...usualSizes, part: 8192 },
  });
  const answered = answers(async () => ground);
  made.answers = {
    ...answered,
    // A look at how it stands lets the clock tick: first it waits, then it is done.
    readExport: async (call) => {
      const reply = await answered.readExport?.(call);
      if (reply === undefined) throw new Error('There is no such answer.');
      while ((await work()).kind !== 'idle');
      return reply;
    },
  };
  /** Requests of parts that are broken off; how many parts were asked for. */
  const parts = { broken: 0, asked: 0 };
  server.prependListener('request', ({ url = '', socket }) => {
    if (!url.includes('/parts/')) return;
    parts.asked += 1;
    if (parts.broken === 0) return;
    parts.broken -= 1;
    socket.destroy();
  });
  await writeFile(at('auditor.jwk'), JSON.stringify({ ...key.privateJwk, kid: key.kid }));
  await writeFile(at('policy'), suggestedPolicy(await test.exchange.log.policy()));
  return {
    origin,
    base: `http://127.0.0.1:${address.port}`,
    inquiries,
    parts,
    now: test.clock.now,
    jobs: exports.jobs,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const realFetch = fetch;
const site = await startSite();
afterAll(() => site.close());

// Tokens are made by the clock of this process: it is that of the exchange.
// And the name of the exchange leads to this machine, as a resolver would have it.
beforeAll(() => {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
    realFetch(url.replace(site.origin, site.base), init),
  );
  vi.useFakeTimers({ toFake: ['Date'], now: site.now() });
});
afterAll(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
afterEach(() => {
  Object.assign(site.parts, { broken: 0, asked: 0 });
});

const run = (...args: readonly string[]) =>
  runReading(auditCommand, [
    'export',
    '--exchange',
    site.origin,
    '--participant',
    'auditor:court',
    '--key',
    at('auditor.jwk'),
    ...args,
  ]);

const Verified = z.looseObject({
  exitCode: z.int(),
  checks: z.array(z.looseObject({ check: z.string(), result: z.string(), detail: z.string() })),
});

/** What `estelam verify` says of a file, by the name of each check that it did. */
const verified = async (file: string): Promise<ReadonlyMap<string, string>> => {
  const args = [at(file), '--policy', at('policy'), '--no-signatures', '--json'];
  const { out } = await runReading(verifyCommand, args);
  const { exitCode, checks } = Verified.parse(JSON.parse(out));
  expect({ exitCode, failed: checks.filter(({ result }) => result === 'failed') }).toEqual({
    exitCode: 0,
    failed: [],
  });
  const passed = checks.filter(({ result }) => result === 'passed');
  return new Map(passed.map(({ check, detail }) => [check, detail]));
};

/** How many inquiries a file holds. */
const inquiriesIn = async (file: string): Promise<number> =>
  (await readFile(at(file), 'latin1')).split('"kind":"inquiry"').length - 1;

describe('estelam audit export, over HTTP', () => {
  it('takes the whole log, in parts, as a file that verifies', async () => {
    const { code, out, err } = await run('--whole', '--out', at('whole.tar'));
    expect(code).toBe(0);
    expect(err).toMatch(/^export [0-9a-f-]{36}\n/);
    expect(out).toContain('whole.tar: ');
    expect(out).toContain('Check it with: estelam verify');
    expect(site.parts.asked).toBeGreaterThan(1);
    const checks = await verified('whole.tar');
    expect(await inquiriesIn('whole.tar')).toBe(site.inquiries);
    expect([...checks.keys()]).toEqual(expect.arrayContaining(['checkpoint', 'rows']));
  });

  it('takes what a filter names, and says so for programs', async () => {
    const args = ['--outcome', 'TIMEOUT', '--json', '--out', at('some.tar')];
    const { code, out, err } = await run(...args);
    expect(code).toBe(0);
    const said = z
      .strictObject({ id: z.uuid(), file: z.string(), rows: z.int(), bytes: z.int() })
      .parse(JSON.parse(out));
    expect(said).toMatchObject({ file: at('some.tar'), rows: 3 });
    // What a command that is broken off is taken up by.
    expect(err).toBe(`export ${said.id}\n`);
    expect((await readFile(at('some.tar'))).length).toBe(said.bytes);
    await verified('some.tar');
    // With them the leaf that says how the log is kept.
    expect(await inquiriesIn('some.tar')).toBe(2);
  });

  it('goes on by itself where a connection breaks', async () => {
    site.parts.broken = 1;
    expect((await run('--whole', '--out', at('again.tar'))).code).toBe(0);
    await verified('again.tar');
    expect(await readFile(at('again.tar'))).toHaveLength((await readFile(at('whole.tar'))).length);
  });

  it('leaves no file where it cannot be fetched, and is resumed by the id that it printed', async () => {
    site.parts.broken = 1000;
    const failed = await run('--whole', '--out', at('late.tar'));
    expect(failed).toMatchObject({ code: 3, out: '' });
    expect(failed.err).toContain('The exchange was not reached.');
    await expect(access(at('late.tar'))).rejects.toMatchObject({ code: 'ENOENT' });
    const id = /^export ([0-9a-f-]{36})\n/.exec(failed.err)?.[1] ?? '';
    site.parts.broken = 0;
    const jobs = site.jobs.dump().length;
    const { code, err } = await run('--resume', id, '--out', at('late.tar'));
    expect(code).toBe(0);
    expect(err).toContain(id);
    expect(site.jobs.dump()).toHaveLength(jobs);
    await verified('late.tar');
    expect(await inquiriesIn('late.tar')).toBe(site.inquiries);
  }, 60_000);

  it('says what the exchange refused', async () => {
    const refused = await run('--outcome', 'NONSENSE', '--out', at('none.tar'));
    expect(refused).toMatchObject({ code: 13, out: '' });
    expect(refused.err).toMatch(/^invalid-body \(422\): /);
    const other = '01a9b4a5-3800-7abc-9def-0123456789ab';
    const unknown = await run('--resume', other, '--out', at('none.tar'));
    expect(unknown).toMatchObject({ code: 13 });
    expect(unknown.err).toContain('not-found (404)');
    await expect(access(at('none.tar'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('overwrites nothing', async () => {
    await writeFile(at('mine'), 'mine');
    const jobs = site.jobs.dump().length;
    expect((await run('--whole', '--out', at('mine'))).code).toBe(2);
    expect(await readFile(at('mine'), 'utf8')).toBe('mine');
    // Nothing was asked of the exchange either: it would count, and be on record.
    expect(site.jobs.dump()).toHaveLength(jobs);
  });
});
