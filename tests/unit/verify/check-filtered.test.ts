import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExportFilter, ExportScope } from '#shared/audit/export/export-filter.ts';
import { memberNames } from '#shared/audit/export/manifest.ts';
import { readReceipt } from '#shared/client/verify/check-receipt.ts';
import type { Check } from '#shared/client/verify/failure.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { isJsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { keyLeaf, lateLeaf, receiptOf, registryLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, makeKey, testNow, withInquiry } from '#tests/support/messages.ts';
import { commanded } from './sample-commands.ts';
import {
  begun,
  censusLeaf,
  complete,
  itemOf,
  items,
  second,
  secondDay,
} from './sample-complete.ts';
import {
  bentLine,
  bentLines,
  bentManifest,
  bentMember,
  bentMembers,
  lineOf,
  membersOf,
  partOf,
  verifyExport,
} from './sample-export.ts';
import { flipAt, long, longLeaves } from './sample-files.ts';
import { bentCensuses, completeLog, filteredOf } from './sample-filtered.ts';
import { cast, failuresOf, firstLeaves, inquiryAt, logOf, resultOf } from './sample-log.ts';

const hour = 3_600_000;
const iso = (t: number): string => new Date(t).toISOString();
const counter = cast.counter.owner;
const other = second.counter.owner;

const textOf = (
  { checks }: { readonly checks: readonly Check[] },
  name: string,
): string | undefined => {
  const found = checks.find(({ check }) => check === name);
  return found && `${found.result}: ${found.detail}`;
};

const faultsIn = async (tar: Uint8Array): Promise<readonly string[]> =>
  (await verifyExport(tar)).findings.map(({ fault, index }) => `${fault}@${index}`);

const viewsOf = (tar: Uint8Array) => {
  const bytes = membersOf(tar).find(({ name }) => name === memberNames.entries)?.bytes;
  const lines = Buffer.from(bytes ?? [])
    .toString('utf8')
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => {
    const json = parseStrictJson(line);
    if (!isJsonObject(json)) throw new Error('A line is an object.');
    return json;
  });
};

/** Where the line of the n-th inquiry of the other counter is, from 1 on. */
const placeOf = (n: number) => (lines: readonly string[]) =>
  lines.flatMap((line, at) => (line.includes(`"counter":"${other}"`) ? [at] : []))[n - 1] ?? -1;

const byCounter = await filteredOf({ counter: other });
const byAgency = await filteredOf({ agency: second.agency.owner });

describe('a filtered export that is right', () => {
  it.each<readonly [string, ExportFilter]>([
    ['nothing', {}],
    ['a counter', { counter: other }],
    ['two counters', { counter: [other, counter].toSorted() }],
    ['an agency', { agency: second.agency.owner }],
    ['a service', { service: 'police/vehicle@1' }],
    ['a service of any version', { service: 'police/vehicle' }],
    ['an outcome', { outcome: 'FOUND' }],
    ['what nobody has', { counter: 'counter:404' }],
    ['two words', { counter: other, outcome: 'FOUND' }],
    ['a station', { station: 'till-2' }],
    ['a time', { from: iso(testNow + 10 * hour), to: iso(testNow + 40 * hour) }],
    ['a counter and a time', { counter: other, from: iso(testNow + 20 * hour) }],
  ])('passes, whatever it is of: %s', async (_, filter) => {
    const report = await verifyExport(await filteredOf(filter), { complete: true });
    expect([failuresOf(report), report.findings]).toEqual([[], []]);
  });

  it('passes for any part of the log, any words, and any scope', async () => {
    const bounds = fc.tuple(fc.nat({ max: completeLog.size - 1 }), fc.nat());
    const filter = fc.record<ExportFilter>(
      {
        counter: fc.constantFrom(counter, other),
        outcome: fc.constantFrom('FOUND', 'DENIED'),
        service: fc.constantFrom('police/vehicle@1', 'civil-registry/identity'),
        from: fc.integer({ min: 0, max: 70 }).map((hours) => iso(testNow + hours * hour)),
      },
      { requiredKeys: [] },
    );
    const scope = fc.option(
      fc.constantFrom([{ counter }], [{ agency: second.agency.owner }, { counter: other }]),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(bounds, filter, scope, async ([a, b], words, seen) => {
        const [from = 0, last = 0] = [a, b % completeLog.size].toSorted((x, y) => x - y);
        const parts = [partOf(completeLog, { from, to: last + 1 })];
        const report = await verifyExport(await filteredOf(words, { parts, scope: seen }), {
          complete: true,
        });
        expect([failuresOf(report), report.findings]).toEqual([[], []]);
      }),
      { numRuns: 15 },
    );
  });

  it('has the rows that are named, what they are judged by, and says what was counted', async () => {
    const report = await verifyExport(byCounter);
    const kinds = Map.groupBy(
      viewsOf(byCounter),
      ({ view }) => /"kind":"([a-z]+)"/.exec(JSON.stringify(view))?.[1],
    );
    expect([...kinds].map(([kind, all]) => [kind, all.length])).toEqual([
      ['config', 1],
      ['key', 1],
      ['registry', 4],
      ['inquiry', 12],
      ['census', 6],
      ['statement', 4],
    ]);
    const details = new Map(report.checks.map(({ check, detail }) => [check, detail]));
    expect(details.get('rows')).toBe(
      '28 entries of 76, each named by the filter and in order, 1 tile, and the root',
    );
    expect(details.get('counts')).toBe('6 counts of 6 censuses: there are as many rows');
    expect(details.get('signatures')).toBe('of 12 inquiries and 4 statements, by keys on record');
    expect(details.get('completeness')).toBe('1 run of numbers, 4 signed statements: no gap');
    expect(resultOf(report, 'rows left out')).toBe('skipped');
  });

  it('says what it cannot tell', async () => {
    const two = await verifyExport(await filteredOf({ counter: other, station: 'till-9' }));
    expect(resultOf(two, 'completeness')).toBe('skipped');
    const homes = new Map([[other, 'گیلان']]);
    const province = await filteredOf({ province: 'گیلان' }, { homes });
    const report = await verifyExport(province);
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'provinces')?.detail).toBe(
      'whether 12 rows lie where the export says: no leaf tells it',
    );
  });

  it('names what was pending, which nothing shows', async () => {
    const ids = [InquiryId.parse(inquiryIdAt(testNow))];
    const report = await verifyExport(await filteredOf({}, { pending: { count: 1, ids } }));
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'pending')).toBe('skipped');
  });

  it('is judged by its hashes alone where that is wanted', async () => {
    const report = await verifyExport(byCounter, { depth: 'hashes' });
    expect([failuresOf(report), resultOf(report, 'counts')]).toEqual([[], 'passed']);
  });
});

describe('a row of a filtered export', () => {
  const dropped = (n: number) =>
    bentLines(byCounter, (lines) => lines.toSpliced(placeOf(n)(lines), 1));

  it('that was dropped is found by the census and by the numbers of the counter', async () => {
    const report = await verifyExport(dropped(3), { complete: true });
    expect(failuresOf(report)).toEqual(['census', 'gap']);
    expect(report.findings).toMatchObject([{ fault: 'rows-fewer-than-counted' }]);
    expect(report.completeness?.gaps).toMatchObject([
      { kind: 'unlogged', by: other, station: 'till-9', first: 102, last: 102 },
    ]);
  });

  it('that was dropped is found by the numbers of the agency', async () => {
    const tar = bentLines(byAgency, (lines) => lines.toSpliced(placeOf(3)(lines), 1));
    const report = await verifyExport(tar);
    expect(report.completeness?.gaps).toMatchObject([
      { kind: 'unlogged', by: second.agency.owner, first: 3, last: 3 },
    ]);
  });

  it('that was dropped is found, whichever it is, where a census counts it', async () => {
    for (let n = 1; n <= 12; n += 1) {
      expect(failuresOf(await verifyExport(dropped(n)))).toEqual(['census']);
    }
  });

  it('that was dropped is found by its receipt', async () => {
    const made = await Promise.all([0, 1000, 2000].map((after) => inquiryAt(after)));
    const log = await logOf([...firstLeaves, ...made.map(({ data }) => data)]);
    const receipts = await Promise.all(
      made.slice(0, 1).map(async (one) => readReceipt(await receiptOf(one, cast))),
    );
    const known = receipts.filter((one) => one !== undefined);
    const verdict = async (filter: ExportFilter, scope?: readonly ExportScope[]) => {
      const tar = await filteredOf(filter, { scope, parts: [partOf(log)] });
      const bent = bentLines(tar, (lines) => lines.filter((line) => indexOf(line) !== 4));
      const report = await verifyExport(bent, { receipts: known });
      const leaf = report.checks.find(({ check }) => check.endsWith(', leaf'));
      return [failuresOf(report), leaf?.detail.replace(/^.*leaf 4/, '')];
    };
    const leftOut = ['tree'];
    expect(await verdict({ counter })).toEqual([leftOut, ', and its row was left out']);
    expect(await verdict({ outcome: 'FOUND' })).toEqual([leftOut, ', and its row was left out']);
    expect(await verdict({ counter, purpose: 'pension-enrolment' })).toEqual([
      [],
      ', which has no row here',
    ]);
    expect(await verdict({ counter: other })).toEqual([[], ', which the filter does not name']);
    const left = ', and its row was left out';
    expect(await verdict({}, [{ counter }])).toEqual([leftOut, left]);
    const agency = cast.agency.owner;
    expect(await verdict({}, [{ agency }])).toEqual([[], ', which has no row here']);
  });

  it.each<readonly [string, string, (lines: readonly string[]) => readonly string[]]>([
    [
      'another counter',
      'row-surplus',
      (lines) => {
        const index = complete.findIndex((data) => data === items[0]?.data);
        return [
          ...lines,
          lineOf({ shard: 0, index, data: complete[index] ?? new Uint8Array() }),
        ].toSorted((a, b) => indexOf(a) - indexOf(b));
      },
    ],
    ['twice', 'row-out-of-order', (lines) => [...lines, lines.at(-1) ?? '']],
    ['in another order', 'row-out-of-order', (lines) => lines.toReversed()],
    [
      'outside of the range',
      'row-surplus',
      (lines) => [
        ...lines,
        bentLine(lines.at(-1) ?? '', (line) => ({ ...line, index: completeLog.size })),
      ],
    ],
    [
      'another index',
      'leaf-differs',
      (lines) =>
        lines.with(
          lines.length - 1,
          bentLine(lines.at(-1) ?? '', (line) => ({ ...line, index: completeLog.size - 1 })),
        ),
    ],
    [
      'another view',
      'view-differs',
      (lines) => lines.map((line) => line.replace('"outcome":"FOUND"', '"outcome":"DENIED"')),
    ],
    ['another spelling', 'row-malformed', (lines) => lines.with(9, ` ${lines[9]}`)],
    ['no form', 'row-malformed', (lines) => lines.with(9, '{}')],
  ])('does not pass with %s', async (_, fault, bend) => {
    const faults = (await faultsIn(bentLines(byCounter, bend))).map((one) => one.split('@', 1)[0]);
    expect(faults).toContain(fault);
  });

  it('that is altered is not the one in the tree', async () => {
    const changed = await inquiryAt(0, { counter: second.counter, agency: second.agency });
    const tar = bentLines(byCounter, (lines) => {
      const at = placeOf(2)(lines);
      return lines.with(
        at,
        lineOf({ shard: 0, index: indexOf(lines[at] ?? ''), data: changed.data }),
      );
    });
    expect(await faultsIn(tar)).toContain(`leaf-differs@${indexAt(byCounter, 2)}`);
  });
});

const idOf = (data: Uint8Array): string => {
  const { leaf } = readLeaf(data);
  return leaf?.kind === 'inquiry' ? leaf.id : '';
};

const indexOf = (line: string): number => Number(/"index":(\d+)/.exec(line)?.[1]);

const indexAt = (tar: Uint8Array, n: number): number => {
  const found = viewsOf(tar).filter(({ view }) => JSON.stringify(view).includes(`"${other}"`));
  const own = found.filter(({ view }) => JSON.stringify(view).includes('"inquiry"'));
  return Number(own[n - 1]?.['index']);
};

type Counted = { readonly index: number; readonly from: number; readonly to: number };

/** The censuses that an export says its rows by. */
const censusesIn = (tar: Uint8Array): readonly Counted[] => {
  const bytes = membersOf(tar).find(({ name }) => name === memberNames.census)?.bytes;
  const lines = Buffer.from(bytes ?? [])
    .toString('utf8')
    .split('\n')
    .slice(0, -1);
  const numberIn = (line: string, name: string): number =>
    Number(new RegExp(`"${name}":(\\d+)`).exec(line)?.[1]);
  return lines.map((line) => ({
    index: numberIn(line, 'index'),
    from: numberIn(line, 'from'),
    to: numberIn(line, 'to'),
  }));
};

/** The export without some censuses, and without every inquiry that they count. */
const lacking = (tar: Uint8Array, gone: readonly Counted[]): Uint8Array => {
  const isGone = (line: string): boolean =>
    gone.some(
      ({ index, from, to }) =>
        indexOf(line) === index ||
        (line.includes('"kind":"inquiry"') && indexOf(line) >= from && indexOf(line) < to),
    );
  const rows = bentLines(tar, (lines) => lines.filter((line) => !isGone(line)));
  return bentCensuses(rows, (lines) =>
    lines.filter((line) => gone.every(({ index }) => indexOf(line) !== index)),
  );
};

describe('the censuses of a filtered export', () => {
  const faults = async (bend: (lines: readonly string[]) => readonly string[]) =>
    faultsIn(bentCensuses(byCounter, bend));

  it('are those of the log, each where it stands', async () => {
    const [first = ''] = viewsOf(byCounter).flatMap(({ view, index }) =>
      JSON.stringify(view).includes('"census"') ? [JSON.stringify(index)] : [],
    );
    expect(await faults((lines) => lines.slice(1))).toEqual([`census-unlisted@${first}`]);
    expect(await faults((lines) => [...lines, lines[0] ?? ''])).toEqual([
      `census-malformed@${first}`,
    ]);
    expect(await faults((lines) => lines.with(0, '{}'))).toEqual([
      'census-malformed@undefined',
      `census-unlisted@${first}`,
    ]);
  });

  it('show what they count', async () => {
    const fault = async (change: (line: string) => string) =>
      (await faults((lines) => lines.with(0, change(lines[0] ?? ''))))[0]?.split('@', 1)[0];
    expect(await fault((line) => line.replace('counter:2 2', 'counter:2 1'))).toBe(
      'census-unproven',
    );
    expect(await fault((line) => line.replace('"of":7', '"of":3'))).toBe('census-unproven');
    expect(await fault((line) => line.replace('"n":8', '"n":7'))).toBe('census-unlisted');
    expect(await fault((line) => line.replace('"to":14', '"to":13'))).toBe('census-unlisted');
    expect(await fault((line) => line.replace('"to":14', '"to":17'))).toBe('census-malformed');
    expect(await fault((line) => line.replace(/"key":"[^"]*"/, '"key":"counter counter:3"'))).toBe(
      'census-malformed',
    );
    expect(
      await fault((line) => line.replace(/"counts":\[.*?\],"from"/, '"counts":[],"from"')),
    ).toBe('census-unproven');
  });

  it('whose row was dropped are missing', async () => {
    const tar = bentLines(byCounter, (lines) =>
      lines.filter((line, n) => !(line.includes('"kind":"census"') && n < 20)),
    );
    const report = await verifyExport(tar);
    expect(failuresOf(report)).toEqual(['tree', 'census']);
    expect(new Set(report.findings.map(({ fault }) => fault))).toEqual(
      new Set(['row-missing', 'census-missing']),
    );
  });

  it.each<readonly [string, ExportFilter]>([
    ['nothing', {}],
    ['a service', { service: 'police/vehicle@1' }],
    ['a counter', { counter: other }],
    ['two words', { counter: other, station: 'till-9' }],
  ])('cannot be left out with all that they count: %s', async (_, filter) => {
    const tar = await filteredOf(filter);
    const all = censusesIn(tar);
    for (const [n, gone] of all.slice(0, -1).entries()) {
      const report = await verifyExport(lacking(tar, [gone]));
      expect(report.findings).toMatchObject([
        {
          failure: 'census',
          fault: 'census-missing',
          index: all[n + 1]?.index,
          detail: `No census counts leaves ${gone.from} up to and without ${gone.to}, and this one goes on from there.`,
        },
      ]);
      expect(failuresOf(report)).toEqual(['census']);
    }
  });

  it('that are left out at the end, or all of them, are told by the leaves that nobody counts', async () => {
    const all = censusesIn(byCounter);
    const leftOut = async (gone: readonly Counted[]) => {
      const report = await verifyExport(lacking(byCounter, gone));
      return [
        failuresOf(report),
        report.checks.find(({ check }) => check === 'rows left out')?.detail,
      ];
    };
    expect(await leftOut(all.slice(-2))).toEqual([
      [],
      'whether rows of leaves 47 up to and without 76 were left out: no census here counts them',
    ]);
    expect(await leftOut(all)).toEqual([
      [],
      'whether rows of leaves 0 up to and without 76 were left out: no census counts them, as none is here',
    ]);
  });

  it('go on from one that began before the range', async () => {
    const parts = [partOf(completeLog, { from: 20 })];
    const tar = await filteredOf({ counter: other }, { parts });
    expect(failuresOf(await verifyExport(tar))).toEqual([]);
    // Its row shows from where on the next one counts.
    const first = viewsOf(tar).find(({ view }) => JSON.stringify(view).includes('"census"'));
    const bent = bentLines(tar, (lines) =>
      lines.filter((line) => indexOf(line) !== first?.['index']),
    );
    expect(await faultsIn(bent)).toEqual(['census-missing@38']);
  });

  it('show that there are no rows where they count none', async () => {
    const honest = await filteredOf({ counter: ['counter:404', other].toSorted() });
    const report = await verifyExport(honest);
    expect(report.checks.find(({ check }) => check === 'counts')?.detail).toBe(
      '12 counts of 6 censuses: there are as many rows',
    );
    const emptied = bentLines(byCounter, (lines) =>
      lines.filter((line) => !line.includes('"kind":"inquiry"')),
    );
    expect(failuresOf(await verifyExport(emptied))).toEqual(['census']);
  });

  it('that are not what the log holds have no proof, and are told', async () => {
    const made = { from: 0, to: 20, t: items.at(-1)?.t ?? 0 };
    const root = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
    const log = await logOf([...complete, censusLeaf(complete, made, { root })]);
    const tar = await filteredOf({ counter: other }, { parts: [partOf(log)] });
    const report = await verifyExport(tar);
    expect(failuresOf(report)).toEqual(['census']);
    expect(report.findings).toMatchObject([{ fault: 'census-unproven', index: complete.length }]);
  });

  it('hold rows of two words from above, and no more', async () => {
    const tar = await filteredOf({ counter: other, agency: second.agency.owner });
    const report = await verifyExport(tar);
    expect(failuresOf(report)).toEqual([]);
    // Here either word alone would do, so the counts are met.
    expect(resultOf(report, 'counts from above')).toBeUndefined();
    const narrow = await verifyExport(await filteredOf({ counter, station: 'till-1' }));
    expect([failuresOf(narrow), resultOf(narrow, 'counts from above')]).toEqual([[], 'skipped']);
  });

  it('hold all inquiries of a filter that names no word', async () => {
    const all = await filteredOf({});
    const tar = bentLines(all, (lines) => lines.filter((line) => indexOf(line) !== begun.length));
    const report = await verifyExport(tar);
    expect(failuresOf(report)).toEqual(['census']);
  });

  it('convict nobody where a time may leave rows out, and do where it does not', async () => {
    const from = iso(testNow + 6 * hour);
    const tar = await filteredOf({ counter: other, from });
    expect(failuresOf(await verifyExport(tar))).toEqual([]);
    const drop = (n: number) => bentLines(tar, (lines) => lines.toSpliced(placeOf(n)(lines), 1));
    // Its first census may count what was before; the third lies wholly behind.
    expect(failuresOf(await verifyExport(drop(1)))).toEqual([]);
    expect(failuresOf(await verifyExport(drop(8)))).toEqual(['census']);
  });

  it('leave room for what came late from before the time', async () => {
    const from = testNow + 6 * hour;
    const early = await itemOf({
      name: 'late',
      t: testNow + 5 * hour,
      counter: second.counter,
      agency: second.agency,
      station: 'till-8',
      seq: 1,
      answer: 99,
      service: 'police/vehicle@1',
    });
    const id = idOf(early.data);
    const at = complete.length;
    const leaves = [...complete, early.data, lateLeaf(id, early.data, items.at(-1)?.t ?? 0)];
    const made = censusLeaf(leaves, { from: at - 9, to: at + 2, t: items.at(-1)?.t ?? 0 });
    const log = await logOf([...leaves, made]);
    const tar = await filteredOf({ counter: other, from: iso(from) }, { parts: [partOf(log)] });
    expect(failuresOf(await verifyExport(tar))).toEqual([]);
    const without = await filteredOf({ counter: other }, { parts: [partOf(log)] });
    const dropped = bentLines(without, (lines) => lines.filter((line) => indexOf(line) !== at));
    expect(failuresOf(await verifyExport(dropped))).toEqual(['census']);
  });
});

describe('what a filtered export says of itself', () => {
  const withFilter = (filter: object) =>
    bentManifest(byCounter, ({ query, ...rest }) => ({ ...rest, query: { ...query, filter } }));

  it('does not pass with another filter', async () => {
    for (const filter of [
      { counter },
      { counter: other, outcome: 'DENIED' },
      { counter: other, from: iso(testNow + hour) },
    ]) {
      expect(failuresOf(await verifyExport(withFilter(filter)))).toContain('tree');
    }
    // A wider one has fewer rows than are counted, or shows no counts of its words.
    for (const filter of [{}, { counter: [counter, other].toSorted() }]) {
      expect(failuresOf(await verifyExport(withFilter(filter)))).not.toEqual([]);
    }
  });

  it('is told as what it says, and never as what was proven', async () => {
    const report = await verifyExport(byCounter);
    expect(textOf(report, 'export')).toBe(
      'passed: version 2: leaves 0 up to and without 76 of log 0',
    );
    expect(textOf(report, 'filter')).toBe(
      `skipped: said by the export, not proven: that {"counter":"${other}"} was asked for; ` +
        'what the rows and the counts show of it is said below',
    );
    const ids = [InquiryId.parse(inquiryIdAt(testNow))];
    const bent = bentManifest(byCounter, (manifest) => ({
      ...manifest,
      pending: { count: 1, ids },
    }));
    expect(textOf(await verifyExport(bent), 'pending')).toBe(
      'skipped: said by the export, not proven: 1 inquiry in no tree yet',
    );
    const scoped = await verifyExport(await filteredOf({}, { scope: [{ counter: other }] }));
    expect(textOf(scoped, 'filter')).toContain(`, within {"counter":"${other}"}; `);
  });

  const timed = (filter: ExportFilter, from: number, to: number) =>
    filteredOf(filter, { parts: [partOf(completeLog, { from, to })] });
  const moved = (tar: Uint8Array, time: object) =>
    bentManifest(tar, ({ query, ...rest }) =>
      query.kind === 'filter'
        ? { ...rest, query: { ...query, filter: { ...query.filter, ...time } } }
        : rest,
    );

  it('names a time that its leaves reach over, which rows before and behind it show', async () => {
    const [from, to] = [iso(testNow + 20 * hour), iso(testNow + 37 * hour)];
    const reached = 'passed: the leaves reach over all of it, but for what came late';
    expect(textOf(await verifyExport(await timed({ from, to }, 20, 60)), 'time')).toBe(reached);
    expect(textOf(await verifyExport(await timed({ from }, 0, 76)), 'time')).toBe(reached);
    expect(textOf(await verifyExport(byCounter), 'time')).toBeUndefined();
    const short = await verifyExport(await timed({ from, to }, 38, 48));
    expect(short.checks.flatMap(({ check, detail }) => (check === 'time' ? [detail] : []))).toEqual(
      [
        `whether the leaves of log 0 reach back to ${from}: its rows are from ${iso(testNow + 36 * hour + 60_000)} to ${iso(testNow + 37.5 * hour)}`,
      ],
    );
  });

  it('with a time that was moved names one that its leaves do not reach', async () => {
    const [from, to] = [iso(testNow + 30 * hour), iso(testNow + 40 * hour)];
    const tar = await timed({ counter: other, from, to }, 20, 60);
    expect(resultOf(await verifyExport(tar), 'time')).toBe('passed');
    for (const time of [{ from: '2020-01-01T00:00:00.000Z' }, { to: iso(testNow + 1000 * hour) }]) {
      expect(resultOf(await verifyExport(moved(tar, time)), 'time')).toBe('skipped');
    }
    // Where they do reach it, the censuses of that time lack their rows.
    const whole = await timed({ counter: other, from }, 0, 76);
    expect(failuresOf(await verifyExport(whole))).toEqual([]);
    const wider = await verifyExport(moved(whole, { from: iso(testNow + hour) }));
    expect(failuresOf(wider)).toEqual(['census']);
    expect(wider.findings[0]?.fault).toBe('rows-fewer-than-counted');
  });

  it('does not pass without the settings that a log begins with', async () => {
    const bent = bentLines(byCounter, (lines) => lines.slice(1));
    expect(await faultsIn(bent)).toEqual(['row-missing@0']);
    const later = await timed({ counter: other }, 1, 76);
    expect(failuresOf(await verifyExport(later))).toEqual([]);
  });

  it('does not pass as a whole range, nor a whole range as a filtered one', async () => {
    const asRange = bentManifest(byCounter, ({ query: { ranges }, ...rest }) => ({
      ...rest,
      v: 1,
      query: { kind: 'range', ranges },
    }));
    expect(failuresOf(await verifyExport(asRange))).toEqual(['malformed']);
    const withoutCensus = bentMembers(byCounter, (members) =>
      members.filter(({ name }) => name !== memberNames.census),
    );
    expect(failuresOf(await verifyExport(withoutCensus))).toEqual(['malformed']);
  });

  it('does not pass with the checkpoint of another log', async () => {
    const tar = bentMember(byCounter, 'log/0/checkpoint', () => long.checkpoint);
    expect(failuresOf(await verifyExport(tar))).toEqual(['malformed']);
  });

  it('does not pass without a statement that its numbers are compared with', async () => {
    const tar = bentLines(byCounter, (lines) =>
      lines.filter((line) => !line.includes(`"day":"${secondDay}"`)),
    );
    const report = await verifyExport(tar, { complete: true });
    expect(failuresOf(report)).toEqual(['gap']);
    expect(report.completeness?.gaps).toEqual([
      { kind: 'no-statement', by: other, day: secondDay },
    ]);
  });

  it('does not pass when any byte is another', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.integer({ min: 0, max: 7 }),
        async (where, bit) => {
          const at = Math.floor(where * byCounter.length);
          const bent = byCounter.map((byte, n) => (n === at ? byte ^ (1 << bit) : byte));
          expect(failuresOf(await verifyExport(bent))).not.toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a filtered export of several tiles', async () => {
  const parts = [partOf(long, { from: 100, to: 600 })];
  const tar = await filteredOf({ counter }, { parts });
  const names = membersOf(tar).map(({ name }) => name);

  it('has its leaf tiles behind its rows', async () => {
    expect(names).toEqual([
      'manifest.json',
      'log/0/checkpoint',
      'log/0/tile/0/002.p/192',
      'log/0/tile/1/000.p/2',
      'census.ndjson',
      'entries.ndjson',
      'log/0/tile/0/000',
      'log/0/tile/0/001',
    ]);
    expect(failuresOf(await verifyExport(tar))).toEqual([]);
  });

  it.each(names)('does not pass without %s, nor with it twice', async (name) => {
    const without = bentMembers(tar, (members) => members.filter((one) => one.name !== name));
    expect(failuresOf(await verifyExport(without))).toEqual(['malformed']);
    const twice = bentMembers(tar, (members) =>
      members.flatMap((one) => (one.name === name ? [one, one] : [one])),
    );
    expect(failuresOf(await verifyExport(twice))).toEqual(['malformed']);
  });

  it('does not pass with another tile', async () => {
    for (const name of names.filter((one) => one.includes('/tile/'))) {
      const report = await verifyExport(bentMember(tar, name, flipAt(40)));
      expect(failuresOf(report)).toEqual(['tree']);
    }
  });

  it('names the rows that differ, in the edge and before it', async () => {
    const replaced = registryLeaf(cast.counter, testNow - 60_000, { version: 9000 });
    const bent = bentLines(tar, (lines) =>
      lines.map((line) =>
        [150, 300, 550].includes(indexOf(line))
          ? lineOf({ shard: 0, index: indexOf(line), data: replaced })
          : line,
      ),
    );
    const found = (await verifyExport(bent)).findings.filter(({ failure }) => failure === 'tree');
    expect(found.map(({ fault, index }) => `${fault}@${index}`)).toEqual([
      'leaf-differs@150',
      'leaf-differs@300',
      'leaf-differs@550',
    ]);
  });

  it('shows that the log has only grown, where its tiles reach', async () => {
    for (const [size, result] of [
      [300, 'passed'],
      [512, 'passed'],
    ] as const) {
      const { checkpoint: bytes } = await logOf(longLeaves.slice(0, size));
      const report = await verifyExport(tar, { previous: [{ name: 'before', bytes }] });
      expect([size, resultOf(report, 'before'), failuresOf(report)]).toEqual([size, result, []]);
    }
    const { checkpoint: bytes } = await logOf(longLeaves.slice(1, 301));
    const report = await verifyExport(tar, { previous: [{ name: 'before', bytes }] });
    expect(failuresOf(report)).toEqual(['fork']);
  });
});

describe('a scoped export', () => {
  const scope = [{ counter: other }];

  it('holds nothing of what lies outside', async () => {
    const tar = await filteredOf({}, { scope });
    const text = membersOf(tar)
      .filter(({ name }) => name.endsWith('.ndjson'))
      .map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
      .join('');
    const views = viewsOf(tar).map(({ view }) => JSON.stringify(view));
    expect(views.filter((view) => view.includes(counter))).toEqual([]);
    expect(text).not.toContain('"kind":"census"');
    const report = await verifyExport(tar, { complete: true });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'completeness')).toBe('passed');
  });

  it('holds of the registry keys alone, and misses no change', async () => {
    const t = testNow + 40 * hour;
    const next = await makeKey('ES256', 'exchange:estelam');
    const log = await logOf([...commanded, keyLeaf(next, t)]);
    const tar = await filteredOf({}, { scope, parts: [partOf(log)] });
    const report = await verifyExport(tar);
    expect([failuresOf(report), report.findings, report.notes.length]).toEqual([[], [], 1]);
    const numbers = viewsOf(tar).flatMap(
      ({ view }) => /"n":([0-9]+)/.exec(JSON.stringify(view))?.[1] ?? [],
    );
    expect(numbers).toEqual(['1', '3', '5', '6', '7', '10']);
    // Without a scope all changes are there, and one that was dropped is missed.
    const whole = await filteredOf({}, { parts: [partOf(log)] });
    expect(failuresOf(await verifyExport(whole))).toEqual([]);
    const bent = bentLines(whole, (lines) => lines.filter((line) => !line.includes('"n":4,')));
    expect(await faultsIn(bent)).toContain('change-missing@6');
  });

  it('whose changes are young marks a number that is not there, since it may still come', async () => {
    const tar = await filteredOf({}, { parts: [partOf(await logOf(commanded))] });
    expect(textOf(await verifyExport(tar), 'changes')).toBeUndefined();
    const bent = bentLines(tar, (lines) => lines.filter((line) => !line.includes('"n":4,')));
    expect(textOf(await verifyExport(bent), 'changes')).toBe(
      'noted: 1 gap in their numbers, which a leaf that comes late may still fill, if no row of one was left out',
    );
  });

  it('holds the notices of its own late rows, and no others', async () => {
    const own = {
      counter: second.counter,
      agency: second.agency,
      request: { claims: withInquiry({ service: 'police/vehicle@1' }) },
    };
    const first = await inquiryAt(0, own);
    const last = await inquiryAt(hour);
    const mark = (one: typeof first) => [one.data, lateLeaf(one.id, one.data, testNow + 2 * hour)];
    const log = await logOf([
      ...begun,
      last.data,
      ...mark(first),
      ...mark(await inquiryAt(1000)),
      ...mark(await inquiryAt(2000, own)),
    ]);
    const at = begun.length;
    const places = async (from: number) => {
      const tar = await filteredOf({}, { scope, parts: [partOf(log, { from })] });
      expect([failuresOf(await verifyExport(tar)), tar.length > 0]).toEqual([[], true]);
      return viewsOf(tar).flatMap(({ index }) => (Number(index) < at ? [] : [Number(index) - at]));
    };
    expect(await places(0)).toEqual([1, 2, 5, 6]);
    // Its entry lies outside of the range.
    expect(await places(at + 2)).toEqual([5, 6]);
    const notice = lateLeaf(last.id, last.data, testNow + 2 * hour);
    const bent = bentLines(await filteredOf({}, { scope, parts: [partOf(log)] }), (lines) => [
      ...lines.filter((line) => indexOf(line) < at),
      lineOf({ shard: 0, index: at + 4, data: notice }),
    ]);
    expect(await faultsIn(bent)).toContain(`row-surplus@${at + 4}`);
  });

  it('does not pass with a row from outside, nor with the notice of one', async () => {
    const tar = await filteredOf({}, { scope });
    const census = complete.findIndex((data) => data.toString().includes('"k":"census"'));
    const bent = bentLines(tar, (lines) =>
      [
        ...lines,
        lineOf({ shard: 0, index: census, data: complete[census] ?? new Uint8Array() }),
      ].toSorted((a, b) => indexOf(a) - indexOf(b)),
    );
    expect(await faultsIn(bent)).toContain(`row-surplus@${census}`);
  });
});
