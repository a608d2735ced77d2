import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { InquiryAsked } from '#events/inquiry-asked.ts';
import { usageCommand } from '#shared/client/cli/usage.ts';
import { counterId, makeDecided, otherCounterId, published } from '#tests/support/decided-log.ts';
import { buildLog, policyText, writeLog } from '#tests/support/log-builder.ts';
import { configLeaf, makeInquiry } from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';
import { runReading } from '#tests/support/run-reading.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { exportOf, partOf } from '../unit/verify/sample-export.ts';
import { filteredOf } from '../unit/verify/sample-filtered.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const at = (name: string): string => join(folder.path, name);

const reason = 'as the law has it';
const today = '2027-01-15';
const metered = 'civil-registry/metered@1';
const open = 'civil-registry/identity@1';

const world = await makeDecided();
const { send, ask, keys, clock } = world;
await send(
  {
    do: 'service.publish',
    on: 0,
    with: published(
      serviceWith({
        ref: metered,
        quota: { counter: { perSecond: 2, perDay: 6 }, all: { perDay: 7 } },
      }),
    ),
  },
  keys.officer,
);
/** To the next whole second. */
const nextSecond = (): void => clock.advance(1000 - (clock.now() % 1000));
const times = async (count: number, question: Parameters<typeof ask>[0]): Promise<void> => {
  for (let n = 0; n < count; n += 1) await ask(question);
};
const forMetered = { inq: { service: metered } };
nextSecond();
await times(3, forMetered);
await times(1, { inq: { service: metered, purpose: 'curiosity' } });
nextSecond();
await times(2, forMetered);
nextSecond();
await times(1, forMetered);
nextSecond();
await times(2, { ...forMetered, key: keys.other });
await times(4, {});
const limited = await send(
  {
    do: 'limit.set',
    on: 0,
    with: {
      holder: otherCounterId,
      target: 'group:civil-registry',
      stopped: false,
      quota: { perDay: 3 },
      reason,
    },
  },
  keys.officer,
);
nextSecond();
await times(2, { ...forMetered, key: keys.other });
await times(2, { key: keys.other });
const leaves = world.leaves();

const built = await buildLog(leaves);
await writeLog(at('log'), built.files);
await writeFile(at('policy'), policyText());
await writeFile(at('export.tar'), await exportOf([partOf(built)]));

const Row = z.strictObject({
  service: z.string(),
  counter: z.string(),
  day: z.string(),
  allowed: z.int(),
  peak: z.int(),
  quotas: z.union([
    z.literal('untold'),
    z.array(
      z.strictObject({
        name: z.string(),
        per: z.string(),
        most: z.int(),
        used: z.int(),
        exceeded: z.boolean(),
      }),
    ),
  ]),
});
const Said = z.looseObject({ exitCode: z.int(), usage: z.array(Row) });

const usage = (what: string, ...args: readonly string[]) =>
  runReading(usageCommand, [at(what), '--policy', at('policy'), ...args]);
const rows = async (what: string, ...args: readonly string[]) => {
  const { code, out } = await usage(what, ...args, '--json');
  const said = Said.parse(JSON.parse(out));
  expect(said.exitCode).toBe(code);
  return { code, rows: said.usage };
};
const rowOf = (all: readonly z.infer<typeof Row>[], service: string, counter: string) =>
  all.find((row) => row.service === service && row.counter === counter);

describe('estelam usage', () => {
  it('counts what was allowed, with the largest second, against the quotas in force', async () => {
    const { code, rows: all } = await rows('log');
    expect(code).toBe(11);
    expect(rowOf(all, metered, counterId)).toEqual({
      service: metered,
      counter: counterId,
      day: today,
      allowed: 6,
      peak: 3,
      quotas: [
        { name: 'service-counter-second', per: 'second', most: 2, used: 3, exceeded: true },
        { name: 'service-counter-day', per: 'day', most: 6, used: 6, exceeded: false },
      ],
    });
    expect(rowOf(all, metered, '*')).toMatchObject({
      allowed: 10,
      quotas: [{ name: 'service-all-day', most: 7, used: 10, exceeded: true }],
    });
    expect(rowOf(all, open, counterId)).toMatchObject({ allowed: 4, quotas: [] });
  });

  it('counts what a group of services shares, from the change on that limits it', async () => {
    const { rows: all } = await rows('log');
    expect(limited.n).toBeGreaterThan(0);
    const shared = {
      name: 'limit-own-group-day',
      per: 'day',
      most: 3,
      used: 4,
      exceeded: true,
    };
    expect(rowOf(all, open, otherCounterId)).toMatchObject({ allowed: 2, quotas: [shared] });
    const own = rowOf(all, metered, otherCounterId);
    expect(own?.allowed).toBe(4);
    expect(own?.quotas).toContainEqual(shared);
    // Four on the day, and never more than two in a second.
    expect(own?.quotas).toContainEqual({
      name: 'service-counter-second',
      per: 'second',
      most: 2,
      used: 2,
      exceeded: false,
    });
  });

  it('is the same from an export, and can be narrowed', async () => {
    const whole = await rows('log');
    expect(await rows('export.tar')).toEqual(whole);
    const some = await rows('log', '--service', open, '--counter', counterId);
    expect(some.code).toBe(0);
    expect(some.rows.map(({ counter, allowed }) => [counter, allowed])).toEqual([
      ['*', 6],
      [counterId, 4],
    ]);
    expect((await rows('log', '--day', today)).rows).toEqual(whole.rows);
    expect((await rows('log', '--day', '1405-10-25')).rows).toEqual(whole.rows);
    expect((await rows('log', '--day', '2027-01-14')).rows).toEqual([]);
    expect((await rows('log', '--counter', 'counter:nobody')).rows).toEqual([]);
  });

  it('says of an export what it is of, and that what it leaves out is not counted', async () => {
    const tar = await filteredOf(
      { counter: counterId },
      { parts: [partOf(built)], scope: [{ agency: 'agency:civil-registry' }] },
    );
    await writeFile(at('filtered.tar'), tar);
    await writeFile(at('range.tar'), await exportOf([partOf(built, { from: 0, to: 9 })]));
    const last = built.size - 1;
    const filtered = await usage('filtered.tar');
    expect(filtered.out).toContain(
      `Counted are the rows of an export only: what its reader may see of {"counter":"${counterId}"} among leaves 0 to ${last} of log 0.\n`,
    );
    expect(filtered.out).toContain('What it leaves out is not counted, and may have used');
    const ranged = await usage('range.tar');
    expect(ranged.out).toContain('rows of an export only: leaves 0 to 8 of log 0.\n');
    expect((await usage('log')).out).not.toContain('Counted are');
    expect((await usage('export.tar')).out).not.toContain('Counted are');
    const told = async (what: string): Promise<unknown> =>
      JSON.parse((await usage(what, '--json')).out);
    expect(await told('filtered.tar')).toMatchObject({
      part: true,
      query: {
        kind: 'filter',
        filter: { counter: counterId },
        ranges: [{ shard: 0, from: 0, to: built.size }],
        scope: [{ agency: 'agency:civil-registry' }],
      },
    });
    expect(await told('range.tar')).toMatchObject({ part: true, query: { kind: 'range' } });
    expect(await told('export.tar')).toMatchObject({ part: false, query: { kind: 'range' } });
    const log = await told('log');
    expect(log).toMatchObject({ part: false });
    expect(log).not.toHaveProperty('query');
    // None of the other counter's, which count on the quota of all.
    const { rows: some } = await rows('filtered.tar');
    expect(rowOf(some, metered, '*')).toMatchObject({ allowed: 6 });
  });

  it('counts by days of Tehran', async () => {
    const other = await makeDecided();
    // 20:29:50 UTC is ten seconds before midnight there.
    const midnight = Date.parse('2027-01-15T20:30:00Z');
    other.clock.advance(midnight - 10_000 - other.clock.now());
    await other.ask();
    other.clock.advance(midnight - other.clock.now());
    await other.ask();
    await writeLog(at('days'), (await buildLog(other.leaves())).files);
    const { rows: all } = await rows('days');
    expect(all.filter(({ counter }) => counter === counterId).map(({ day }) => day)).toEqual([
      '2027-01-15',
      '2027-01-16',
    ]);
    expect((await rows('days', '--day', '2027-01-16')).rows).toHaveLength(2);
  });

  it('prints a table that fits, with what was exceeded', async () => {
    const { code, out } = await usage('log');
    expect(code).toBe(11);
    expect(out).toContain(`${metered}\n`);
    expect(out).toMatch(/2027-01-15 {2}counter:72110345 +6 +6 +3 +2 +!/);
    expect(out).toMatch(/2027-01-15 {2}all together +10 +7 +\d+ +– +!/);
    expect(out).toContain('service-counter-second: 3 in a second, of 2');
    for (const columns of [60, 80, 200]) {
      const shown = await runReading(usageCommand, [at('log'), '--policy', at('policy')], columns);
      const lines = shown.out.split('\n').filter((line) => !line.startsWith('✓'));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
    const quiet = await usage('log', '--service', open, '--counter', counterId);
    expect(quiet.out).toContain('No quota was exceeded.');
    expect((await usage('log', '--day', '2027-01-14')).out).toContain('No allowed inquiry');
  });

  it('counts without quotas where the changes of the registry are not here', async () => {
    const bare = leaves.filter((leaf) => {
      const text = Buffer.from(leaf).toString('utf8');
      return text.includes('"k":"i"') || text.includes('"k":"config"');
    });
    await writeLog(at('bare'), (await buildLog(bare)).files);
    const { code, out } = await usage('bare', '--no-signatures');
    expect(code).toBe(0);
    expect(out).toContain('?: not all changes of the registry are here');
    const { rows: all } = await rows('bare', '--no-signatures');
    expect(rowOf(all, metered, counterId)).toMatchObject({ allowed: 6, quotas: 'untold' });
  });

  it('says which signatures were not verified', async () => {
    const short = await exportOf([partOf(built, { from: leaves.length - 2 })]);
    await writeFile(at('short.tar'), short);
    expect((await usage('short.tar')).out).toContain('– not checked: the signatures of ');
    expect((await usage('log', '--no-signatures')).out).toContain('– not checked: the signatures');
    expect((await usage('log')).out).not.toContain('not checked');
  });

  it.each([9_000_000_000_000_000, -9_000_000_000_000_000])(
    'does not count an inquiry at a time that no calendar has: %d',
    async (t) => {
      const { counter, agency } = keys;
      const intent = (made: InquiryAsked): InquiryAsked => ({ ...made, t });
      const odd = await makeInquiry({ counter, agency, t: testNow, intent });
      await writeLog(at('odd'), (await buildLog([configLeaf(), odd.data])).files);
      const { code, out } = await usage('odd', '--no-signatures');
      expect([code, out]).toEqual([0, expect.stringContaining('1 inquiries could not be read')]);
    },
  );

  it('says nothing of a log that does not verify', async () => {
    await writeLog(at('altered'), new Map(built.files));
    const path = [...built.files.keys()].find((name) => name.startsWith('tile/0/')) ?? '';
    await writeFile(join(at('altered'), path), new Uint8Array(built.files.get(path)?.length ?? 0));
    const { code, out } = await usage('altered');
    expect(code).toBe(6);
    expect(out).not.toContain(metered);
    const anyway = await usage('altered', '--unverified');
    expect(anyway.code).toBe(6);
    expect(anyway.out).toContain('UNVERIFIED');
    expect(anyway.out).toContain(metered);
  });

  it.each([
    ['a service without a version', ['--service', 'civil-registry/metered'], '--service'],
    ['a counter that is none', ['--counter', '72110345'], '--counter'],
    ['a day that is none', ['--day', '2027-02-30'], '--day'],
    ['a day in another form', ['--day', '25.10.1405'], '--day'],
  ])('ends with 2 for %s', async (_, args, says) => {
    const { code, out, err } = await usage('log', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(says);
  });

  it('ends as estelam verify does for what cannot be read', async () => {
    expect((await runReading(usageCommand, [at('log')])).code).toBe(2);
    expect((await usage('nowhere')).code).toBe(3);
    await writeFile(at('proof'), 'c2sp.org/tlog-proof@v1\n');
    const { code, err } = await usage('proof');
    expect(code).toBe(2);
    expect(err).toContain('neither a log nor an export');
  });

  it('is of the time at which these tests take place', () => {
    expect(new Date(testNow).toISOString().slice(0, 10)).toBe(today);
    expect(identityService.ref).toBe(open);
  });
});
