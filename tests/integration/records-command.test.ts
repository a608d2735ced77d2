/** `estelam reconcile` and `estelam state` over HTTP: what counters and agencies have of their own. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { answers as reconcileAnswers } from '#functions/reconcile/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import { answers as statementAnswers } from '#functions/take-statement/handler.ts';
import { startServer } from '#infra/local/server.ts';
import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import { reconcileCommand } from '#shared/client/cli/records/reconcile.ts';
import { stateCommand } from '#shared/client/cli/records/state.ts';
import type { Streams } from '#shared/client/cli/verify.ts';
import { memoryStatementStore } from '#shared/inquiry/memory-statement-store.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import { identityFacts, makeExchange, receiptOf } from '#tests/support/exchange.ts';
import { fedLog } from '#tests/support/fed-log.ts';
import { type TestKey, withInquiry } from '#tests/support/messages.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const at = (name: string): string => join(folder.path, name);

const day = '2027-01-15';
const hour = 3_600_000;

/** Four inquiries of a counter on a day that ended two days ago, in the log but for one that follows. */
const startSite = async () => {
  const test = await makeExchange();
  const { clock, keys } = test;
  const fed = fedLog(test);
  const settle = async (): Promise<void> => {
    clock.advance(60_000);
    await test.log.sequence();
    await fed.feed();
  };
  const ask = async (seq: number, answer: number): Promise<string> => {
    clock.advance(20_000);
    test.say({
      outcome: 'FOUND',
      facts: identityFacts,
      claims: (claims) => ({ ...claims, seq: answer }),
    });
    const { receipt } = await test.submit(
      await test.request({ claims: withInquiry({ seq, station: 'till-3' }) }),
    );
    return receipt;
  };
  const receipts = [await ask(1, 71), await ask(2, 72), await ask(3, 73), await ask(5, 74)];
  await settle();
  clock.advance(55 * hour);
  const later = await ask(6, 75);
  await settle();
  const made: { answers?: ReturnType<typeof reconcileAnswers> } = {};
  const handler = serve(() => ({
    answers: made.answers ?? {},
    observe: { outcome: () => {}, bug: () => {} },
  }));
  const server = await startServer(
    new Map([
      ['reconcile', handler],
      ['take-statement', handler],
    ]),
    0,
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const reading = auditReadingOf(test, fed);
  const settings = { ...reading.settings, origin };
  const { directory, journal, now, random } = test.exchange;
  const statements = memoryStatementStore().store;
  const { layout } = test.exchange.settings;
  made.answers = {
    ...reconcileAnswers(async () => ({ ...reading, settings })),
    ...statementAnswers(async () => ({
      settings: { origin },
      directory,
      statements,
      journal,
      layout,
      now,
      random,
    })),
  };
  const keep = async ({ owner, privateJwk, kid }: TestKey): Promise<void> =>
    writeFile(at(`${owner.replace(':', '_')}.jwk`), JSON.stringify({ ...privateJwk, kid }));
  await keep(keys.counter);
  await keep(keys.otherCounter);
  await keep(keys.agency);
  /** As if the log had passed an inquiry by; what is given back puts it into the index again. */
  const passBy = (id: string): (() => void) => {
    const key = segmentKey(0, 0);
    const bytes = fed.objects.peek(key) ?? new Uint8Array();
    const segment = openSegment(bytes);
    const facts = factsIn(segment).filter((one) => one.id !== id);
    fed.objects.overwrite(key, encodeSegment({ shard: 0, n: 0, width: segment.width }, facts));
    return () => fed.objects.overwrite(key, bytes);
  };
  return {
    origin,
    passBy,
    receipts,
    later,
    agency: keys.agency.owner,
    other: keys.otherCounter.owner,
    now: clock.now(),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const site = await startSite();
afterAll(() => site.close());

// Commands sign by the clock of their process, which is that of the exchange here.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: site.now });
});
afterAll(() => {
  vi.useRealTimers();
});

type Make = (streams: Streams, exit: (code: number) => void) => Command;

/** What a command writes, and its exit code. */
const run = async (
  make: Make,
  args: readonly string[],
  { who = 'counter:72110345', exchange = site.origin, columns = 100 } = {},
) => {
  const [out, err] = [Object.assign(new PassThrough(), { columns }), new PassThrough()];
  const codes: number[] = [];
  const command = make({ out, err, environment: {} }, (code) => codes.push(code));
  command.exitOverride().configureOutput({ writeErr: (text) => void err.write(text) });
  const key = at(`${who.replace(':', '_')}.jwk`);
  const asking = ['--exchange', exchange, '--participant', who, '--key', key];
  await command.parseAsync([...asking, ...args], { from: 'user' }).catch(() => codes.push(2));
  return { out: String(out.read() ?? ''), err: String(err.read() ?? ''), code: codes.at(-1) };
};

const file = async (name: string, lines: readonly string[]): Promise<string> => {
  await writeFile(at(name), lines.map((line) => `${line}\n`).join(''));
  return at(name);
};

const idOf = (receipt: string | undefined): string => receiptOf(receipt ?? '').inq_id;

const reconcile = (args: readonly string[], given?: Parameters<typeof run>[2]) =>
  run(reconcileCommand, ['--day', day, ...args], given);

describe('estelam reconcile', () => {
  it('finds that both sides have the same, by receipts', async () => {
    const receipts = await file('all.txt', [...site.receipts, '', site.receipts[0] ?? '']);
    const { out, err, code } = await reconcile(['--receipts', receipts]);
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(/^2027-01-15, the whole day\n/);
    expect(out).toMatch(/^both +4 /m);
    expect(out).toMatch(/^yours only +0 /m);
    expect(out).not.toContain('Handed in, and not in the log');
  });

  it('takes a day of the Solar Hijri calendar, and leaves out records of other days', async () => {
    const receipts = await file('more.txt', [...site.receipts, site.later]);
    const { out, err, code } = await run(reconcileCommand, [
      '--day',
      '۱۴۰۵/۱۰/۲۵',
      '--receipts',
      receipts,
      '--json',
    ]);
    expect(code).toBe(0);
    expect(err).toContain('1 record is of another day, and left out.');
    expect(JSON.parse(out)).toMatchObject({ day, complete: true, agreed: 4 });
  });

  it('does not say that both have the same while the log lacks what the exchange keeps', async () => {
    const id = idOf(site.receipts[1]);
    const putBack = site.passBy(id);
    onTestFinished(putBack);
    const receipts = await file('passed-by.txt', site.receipts);
    const { out, code } = await reconcile(['--receipts', receipts]);
    expect(out).toMatch(/^on the way +1 /m);
    expect(out).toContain(`On their way into the log:\n  ${id}`);
    expect(code).toBe(12);
  });

  it('tells what each side has and the other has not', async () => {
    const receipts = await file('some.txt', site.receipts.slice(1, 3));
    const { out, code } = await reconcile([
      '--receipts',
      receipts,
      '--numbers',
      'till-3=4-4',
      '--numbers',
      'till-9=1-3',
    ]);
    expect(code).toBe(15);
    expect(out).toMatch(/^both +2 /m);
    expect(out).toMatch(/^yours only +4 /m);
    expect(out).toMatch(/^log only +2 /m);
    expect(out).toMatch(
      /Handed in, and not in the log:\n {2}number 4 of till-3\n {2}numbers 1 to 3 of till-9\n/,
    );
    for (const receipt of [site.receipts[0], site.receipts[3]]) {
      expect(out).toMatch(new RegExp(`^  ${idOf(receipt)} +till-3 +[15] `, 'm'));
    }
  });

  it('tells of a number that was not used, where nothing else is missing', async () => {
    const { out, code } = await reconcile(['--numbers', 'till-3=1-5']);
    expect(code).toBe(15);
    expect(out).toContain('Handed in, and not in the log:\n  number 4 of till-3\n');
    expect(out).toMatch(/^log only +0 /m);
  });

  it('tells an agency of its answers, by numbers and by ids', async () => {
    const given = { who: site.agency };
    const all = await reconcile(['--numbers', '71-74'], given);
    expect(all.code).toBe(0);
    const ids = await file('ids.txt', site.receipts.slice(0, 2).map(idOf));
    const some = await reconcile(['--ids', ids, '--numbers', '73', '--json'], given);
    expect(some.code).toBe(15);
    expect(JSON.parse(some.out)).toMatchObject({ agreed: 3, ours: [{ answer: 74 }] });
  });

  it('says which receipt promised another leaf than the log has', async () => {
    const [first = '', second = ''] = site.receipts;
    const ids = await file('ids-of-others.txt', [idOf(first)]);
    const other = await file('of-another-log.txt', [await bentReceipt(first, second)]);
    const { out, code } = await reconcile(['--ids', ids, '--receipts', other]);
    expect(code).toBe(9);
    expect(out).toContain(`the receipt is evidence:\n  ${idOf(first)}\n`);
    const both = await reconcile(['--receipts', await file('first.txt', [first]), other]);
    expect(both).toMatchObject({ out: '', code: 9 });
    expect(both.err).toMatch(/first\.txt, line 1 and .*of-another-log\.txt, line 1: two receipts/);
  });

  it('says what cannot be told yet of a day that is not over', async () => {
    const { out, code } = await run(reconcileCommand, [
      '--day',
      '2027-01-17',
      '--numbers',
      'till-3=6-9',
    ]);
    expect(code).toBe(12);
    expect(out).toMatch(/^2027-01-17 up to 2027-01-17T/);
    expect(out).toContain('numbers 6 to 9 of till-3');
    const none = await file('none.txt', []);
    expect(await run(reconcileCommand, ['--day', '2027-01-17', '--ids', none])).toMatchObject({
      code: 12,
    });
  });

  it('says of which numbers it cannot be told yet when the day is just over', async () => {
    const asked = ['--day', '2027-01-16', '--numbers', 'till-3=6-9'];
    const { out, code } = await run(reconcileCommand, asked);
    expect(code).toBe(12);
    expect(out).toMatch(/^2027-01-16, the whole day\n/);
    expect(out).toMatch(/^open +4 /m);
  });

  it('takes an empty file for nothing', async () => {
    const { out, code } = await reconcile(['--receipts', await file('empty.txt', [])]);
    expect(code).toBe(15);
    expect(out).toMatch(/^log only +4 /m);
  });

  it.each<readonly [string, readonly string[], number, RegExp]>([
    ['nothing', [], 2, /Hand in --receipts, --ids or --numbers/],
    [
      'more than 64 ranges',
      Array.from({ length: 65 }, (_, n) => ['--numbers', `a=${n + 1}`]).flat(),
      2,
      /--numbers may stand 64 times, and not 65/,
    ],
    ['numbers of nothing', ['--numbers', 'till-3=5-4'], 2, /Numbers are typed as till-1=/],
    ['a number that is none', ['--numbers', 'till-3=0-4'], 2, /Numbers are typed as/],
    ['a station that is none', ['--numbers', 'Till 3=1-4'], 2, /Numbers are typed as/],
    ['how many were used', ['--numbers', 'till-3=1-4:3'], 2, /estelam state/],
    ['numbers without a station', ['--numbers', '1-4'], 13, /\/ranges\/0\/station is the station/],
    ['a file that is not there', ['--receipts', at('none')], 3, /there is no such file/],
    ['a folder', ['--receipts', at('.')], 3, /the system does not let it be read/],
  ])('refuses %s', async (_, args, code, said) => {
    const refused = await reconcile(args);
    expect(refused).toMatchObject({ out: '', code });
    expect(refused.err).toMatch(said);
  });

  it('refuses a file that is not of its form, by its line and not by what it holds', async () => {
    const wrong = await file('wrong.txt', [site.receipts[0] ?? '', '0499370899']);
    for (const [flag, said] of [
      ['--receipts', 'line 2: it is not a receipt, a compact JWS.'],
      ['--ids', 'line 1: it is not the id of an inquiry.'],
    ] as const) {
      const { err, code } = await reconcile([flag, wrong]);
      expect(code).toBe(4);
      expect(err).toContain(said);
      expect(err).not.toContain('0499370899');
    }
  });

  it('refuses the receipts of another participant', async () => {
    const receipts = await file('of-the-other.txt', site.receipts);
    const { err, code } = await reconcile(['--receipts', receipts], { who: site.other });
    expect(code).toBe(4);
    expect(err).toMatch(/line 1: it is a receipt of another participant/);
  });

  it('refuses a day that is none, and a key that is not there', async () => {
    const { err, code } = await run(reconcileCommand, ['--day', '1405-13-01', '--numbers', 'a=1']);
    expect(code).toBe(2);
    expect(err).toMatch(/--day must be a day such as/);
    const keyless = await reconcile(['--numbers', 'a=1'], { who: 'counter:none' });
    expect(keyless).toMatchObject({ code: 3 });
  });
});

/** A receipt with the leaf of another: nobody looks at its signature here. */
const bentReceipt = async (receipt: string, other: string): Promise<string> => {
  const [head = '', , signature = ''] = receipt.split('.');
  const claims = { ...receiptOf(receipt), leaf: receiptOf(other).leaf };
  return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
};

const state = (args: readonly string[], given?: Parameters<typeof run>[2]) =>
  run(stateCommand, args, given);

describe('estelam state', () => {
  it('puts the numbers of a day on record, once', async () => {
    const stating = ['--day', day, '--asked', 'till-3=1-5:4', '--asked', 'till-9=1'];
    const first = await state(stating);
    expect(first).toMatchObject({ err: '', code: 0 });
    const [, id] = /^2027-01-15 is on record as (\S+)\.\n$/.exec(first.out) ?? [];
    const again = await state([...stating, '--json']);
    expect(JSON.parse(again.out)).toEqual({ day, id, repeated: true });
    const other = await state(['--day', day, '--asked', 'till-3=1-5']);
    expect(other).toMatchObject({ out: '', code: 13 });
    expect(other.err).toMatch(/^reference-conflict \(409\): Something else is stated/);
  });

  it('takes what an agency answered, and that there was nothing', async () => {
    const answered = ['--day', day, '--answered', '71-74'];
    expect(await state(answered, { who: site.agency })).toMatchObject({ code: 0 });
    const nothing = await state(['--day', day, '--nothing'], { who: site.other });
    expect(nothing).toMatchObject({ err: '', code: 0 });
  });

  it.each<readonly [string, readonly string[], number, RegExp]>([
    ['nothing without a word', [], 2, /or --nothing of a day without/],
    ['something and nothing', ['--nothing', '--asked', 'a=1'], 2, /or --nothing of a day/],
    ['a station of answers', ['--answered', 'a=1-4'], 2, /--answered has no station/],
    ['answers twice', ['--answered', '1', '--answered', '2'], 2, /--answered stands once/],
    ['no station', ['--asked', '1-4'], 2, /--asked names its station/],
    ['answers of a counter', ['--answered', '1-4'], 13, /\/stm\/answered must be absent/],
    ['more than there are', ['--asked', 'a=1-4:5'], 13, /^invalid-claims \(422\): /],
  ])('refuses %s', async (_, args, code, said) => {
    const refused = await state(['--day', day, ...args]);
    expect(refused).toMatchObject({ out: '', code });
    expect(refused.err).toMatch(said);
  });

  it('refuses a day that is not over, and says so where the exchange is away', async () => {
    const early = await state(['--day', '2027-01-17', '--asked', 'a=1']);
    expect(early).toMatchObject({ out: '', code: 13 });
    expect(early.err).toContain('/stm/day must be a day that is over in Tehran.');
    const away = await state(['--day', day, '--asked', 'a=1'], { exchange: 'http://127.0.0.1:1' });
    expect(away).toMatchObject({ out: '', code: 3 });
    expect(away.err).toMatch(/not reached/);
  }, 20_000);
});
