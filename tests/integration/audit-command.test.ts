import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { answers } from '#functions/read-audit/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import { startServer } from '#infra/local/server.ts';
import { auditCommand } from '#shared/client/cli/audit/audit.ts';
import { answerText } from '#shared/client/cli/audit/questions.ts';
import { PrivateJwk } from '#shared/client/private-key.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import { makeExchange, sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { fedLog } from '#tests/support/fed-log.ts';
import { makeKey, requestFactsExample, testNow } from '#tests/support/messages.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

/** Inquiries of one counter in the index, read over HTTP by an auditor. */
const startSite = async () => {
  const key = await makeKey('ES256', 'auditor:court');
  const registry = [...sampleEntries(await testKeys()), keyEntryOf(key), agencyOf(key.owner)];
  const test = await makeExchange({ registry });
  // The index ends before the sixth, which a listing finds in the journal.
  for (let n = 0; n < 6; n += 1) {
    await test.submit(await test.request());
    test.clock.advance(10_000);
  }
  test.clock.advance(60_000);
  await test.log.sequence();
  const fed = fedLog(test);
  await fed.feed();
  const made: { answers?: ReturnType<typeof answers> } = {};
  const handler = serve(() => ({
    answers: made.answers ?? {},
    observe: { outcome: () => {}, bug: () => {} },
  }));
  const server = await startServer(new Map([['read-audit', handler]]), 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const reading = auditReadingOf(test, fed);
  made.answers = answers(async () => ({
    ...reading,
    settings: { ...reading.settings, origin },
  }));
  const keyFile = join(folder.path, 'auditor.jwk');
  await writeFile(keyFile, JSON.stringify({ ...key.privateJwk, kid: key.kid }));
  return {
    origin,
    keyFile,
    now: test.clock.now(),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const site = await startSite();
// Commands sign by the clock of their process, which is that of the test here.
vi.useFakeTimers({ toFake: ['Date'], now: site.now });
afterAll(() => vi.useRealTimers());
afterAll(() => site.close());

const range = [
  '--from',
  new Date(testNow - 3_600_000).toISOString(),
  '--to',
  new Date(testNow + 3_600_000).toISOString(),
];

/** What a command writes, and its exit code. */
const run = async (
  command: string,
  args: readonly string[],
  { columns, exchange = site.origin }: { columns?: number; exchange?: string } = {},
) => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const codes: number[] = [];
  const streams = {
    out: Object.assign(out, columns === undefined ? {} : { columns }),
    err,
    environment: {},
  };
  const who = ['--exchange', exchange, '--participant', 'auditor:court', '--key', site.keyFile];
  const audit = auditCommand(streams, (code) => codes.push(code));
  // What commander refuses is thrown, as main.ts has it.
  for (const one of audit.commands) one.exitOverride().configureOutput({ writeErr: () => {} });
  await audit.parseAsync([command, ...who, ...args], { from: 'user' });
  return { out: String(out.read() ?? ''), err: String(err.read() ?? ''), codes };
};

describe('estelam audit search', () => {
  it('shows entries as a table that fits the terminal', async () => {
    const { out, codes } = await run('search', range, { columns: 80 });
    expect(codes).toEqual([0]);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^asked +counter +service/);
    expect(lines.filter((line) => line.includes('FOUND'))).toHaveLength(6);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(out).toMatch(/\n6 entries\n$/);
  });

  it('says that there are more than were asked for', async () => {
    const { out } = await run('search', [...range, '--limit', '2', '--newest']);
    expect(out).toMatch(/\n2 entries, and there are more: .*\n$/);
  });

  it('writes a JSON document a line for programs', async () => {
    const { out } = await run('search', [...range, '--json', '--outcome', 'FOUND']);
    const entries = out.trim().split('\n');
    expect(entries).toHaveLength(6);
    expect(JSON.parse(entries[0] ?? '')).toMatchObject({ counter: 'counter:72110345' });
  });

  it('says what the exchange refused, and that there is nothing', async () => {
    const refused = await run('search', [...range, '--outcome', 'NONSENSE']);
    expect(refused).toMatchObject({ out: '', codes: [13] });
    expect(refused.err).toMatch(/^invalid-query \(400\): .*outcome/);
    const none = await run('search', [...range, '--outcome', 'TIMEOUT']);
    expect(none).toMatchObject({ out: 'There is no such entry.\n', codes: [0] });
  });

  it.each([
    ['an address that is none', [], 'exchange', 2, /must be the URL/],
    ['an exchange that is away', range, 'http://127.0.0.1:1', 3, /not reached/],
    ['a time without its offset', ['--from', '2027-01-15T08:00'], undefined, 2, /--from must be/],
    ['a day that is none', ['--to', '2027-02-30'], undefined, 2, /--to must be/],
    ['a year of another calendar', ['--to', '1700-01-01'], undefined, 2, /--to must be/],
  ] as const)(
    'says so of %s',
    async (_, args, exchange, code, said) => {
      const { err, codes } = await run('search', args, exchange === undefined ? {} : { exchange });
      expect(codes).toEqual([code]);
      expect(err).toMatch(said);
    },
    20_000,
  );
});

describe('estelam audit summary', () => {
  it('counts by several facts, with a bar for each', async () => {
    const { out, err, codes } = await run('summary', [...range, '--by', 'outcome,day'], {
      columns: 60,
    });
    expect({ err, codes }).toEqual({ err: '', codes: [0] });
    expect(out).toMatch(/^5 entries from /);
    expect(out).toMatch(/\nby outcome +n\nFOUND +5 {2}█+\n/);
    expect(out).toMatch(/\n2027-01-15 +5 {2}█+\n/);
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it('writes JSON, and says where there is nothing', async () => {
    const { out } = await run('summary', [...range, '--by', 'agency', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      n: 5,
      summary: [{ by: 'agency', counts: [{ value: 'agency:civil-registry', n: 5 }], rest: 0 }],
    });
    const none = await run('summary', [...range, '--agency', 'agency:post']);
    expect(none.out).toMatch(/^No entry from /);
  });

  it('counts by hour, and filters by who signed in the place of a counter', async () => {
    const hours = await run('summary', [...range, '--by', 'hour']);
    expect({ err: hours.err, codes: hours.codes }).toEqual({ err: '', codes: [0] });
    expect(hours.out).toMatch(/\n2027-01-15T11 +5/);
    const none = await run('summary', [...range, '--delegate', 'vendor:soft']);
    expect(none.out).toMatch(/^No entry from /);
    await expect(run('summary', [...range, '--by', 'vendor:soft'])).rejects.toThrow(
      /is --delegate/,
    );
  });

  it.each([
    ['summary', '--id', []],
    ['questions', '--id', []],
    ['export', '--operator', ['--out', join(folder.path, 'none.tar')]],
  ])('%s does not offer %s, which the exchange would refuse', async (command, flag, more) => {
    await expect(run(command, [...range, ...more, flag, 'x'])).rejects.toThrow(
      `unknown option '${flag}'`,
    );
  });
});

describe('estelam audit questions', () => {
  it('lists the questions', async () => {
    const { out, codes } = await run('questions', [], { columns: 100 });
    expect(codes).toEqual([0]);
    for (const name of ['outside-hours', 'same-person', 'no-case', 'spikes', 'latency']) {
      expect(out).toMatch(new RegExp(`^${name} `, 'm'));
    }
  });

  it('asks one with its parameters, and tells why', async () => {
    const { out } = await run('questions', ['same-person', ...range, '--with', 'more-than=2']);
    expect(out).toMatch(/^• One operator asked 5 times about one person\.\n {4}group 1, /);
    expect(out).toMatch(/\n1 found in 5 entries from /);
    expect(out).not.toContain(requestFactsExample.subject.value);
    const nothing = await run('questions', ['same-person', ...range, '--with', 'more-than=9']);
    expect(nothing.out).toMatch(/^Nothing found in 5 entries/);
  });

  it('asks for as many findings as are wanted, and says how many more there are', async () => {
    const real = fetch;
    const asked: string[] = [];
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      asked.push(url);
      return real(url, init);
    });
    await run('questions', ['outside-hours', ...range, '--limit', '7']);
    await run('questions', ['outside-hours', ...range, '--limit', '5000']);
    vi.unstubAllGlobals();
    expect(asked.map((url) => new URL(url).searchParams.get('limit'))).toEqual(['7', '1000']);
    const told = { question: 'x', findings: [{ why: 'y' }], rest: 3, n: 9, from: 'a', until: 'b' };
    expect(answerText(told)).toMatch(
      /\nand 3 more; --limit tells up to 1,000\n4 found in 9 entries/,
    );
  });

  it('says that there is no such question', async () => {
    const { err, codes } = await run('questions', ['nonsense', ...range]);
    expect(codes).toEqual([13]);
    expect(err).toMatch(/^not-found/);
  });
});

describe('estelam audit export', () => {
  it.each([
    ['--whole', '--agency', 'agency:post'],
    ['--whole', '--outcome', 'FOUND'],
    ['--whole', '--from', '2027-01-15'],
    ['--resume=01a9b4a5-3800-7abc-9def-0123456789ab', '--counter', 'counter:1'],
  ])('takes no filter beside %s: it would not be heeded (%s)', async (...args) => {
    const { err, codes } = await run('export', ['--out', join(folder.path, 'x.tar'), ...args]);
    expect({ err, codes }).toEqual({
      err: '--whole and --resume go with no filter.\n',
      codes: [2],
    });
  });
});

it('the key that a command was given stays in its file only', async () => {
  const { out, err } = await run('search', range);
  const { d } = PrivateJwk.parse(JSON.parse(await readFile(site.keyFile, 'utf8')));
  expect(out + err).not.toContain(d);
});
