import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExportFilter, ExportScope } from '#shared/audit/export/export-filter.ts';
import { memberNames } from '#shared/audit/export/manifest.ts';
import { readReceipt } from '#shared/client/verify/check-receipt.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { lateLeaf, receiptOf, registryLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, makeKey, testNow } from '#tests/support/messages.ts';
import {
  byAgency,
  byCounter,
  counter,
  faultsIn,
  hour,
  indexOf,
  iso,
  other,
  placeOf,
  textOf,
  viewsOf,
} from './reading-filtered.ts';
import { complete, items, second, secondDay } from './sample-complete.ts';
import {
  bentLine,
  bentLines,
  bentManifest,
  bentMember,
  bentMembers,
  lineOf,
  partOf,
  verifyExport,
} from './sample-export.ts';
import { long } from './sample-files.ts';
import { completeLog, filteredOf } from './sample-filtered.ts';
import { cast, failuresOf, firstLeaves, inquiryAt, logOf, resultOf } from './sample-log.ts';

const indexAt = (tar: Uint8Array, n: number): number => {
  const found = viewsOf(tar).filter(({ view }) => JSON.stringify(view).includes(`"${other}"`));
  const own = found.filter(({ view }) => JSON.stringify(view).includes('"inquiry"'));
  return Number(own[n - 1]?.['index']);
};

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

  it('that stands in a tile and outside of the range is not said to be left out', async () => {
    const made = await Promise.all([0, 1000, 2000].map((after) => inquiryAt(after)));
    const log = await logOf([...firstLeaves, ...made.map(({ data }) => data)]);
    const tar = await filteredOf({ counter }, { parts: [partOf(log, { from: 5, to: 6 })] });
    for (const [n, result] of [
      [0, 'skipped'],
      [1, 'passed'],
      [2, 'skipped'],
    ] as const) {
      const one = made[n] ?? (await inquiryAt(0));
      const receipt = readReceipt(await receiptOf(one, cast));
      const report = await verifyExport(tar, { receipts: receipt === undefined ? [] : [receipt] });
      const leaf = report.checks.find(({ check }) => check.endsWith(', leaf'));
      expect([failuresOf(report), leaf?.result]).toEqual([[], result]);
    }
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
    const reached =
      'passed: the leaves reach over all of it, but for what came late, and if no late notice was left out';
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

  it('says that a late row without its notice would show a time that its leaves do not reach', async () => {
    const record = registryLeaf(await makeKey('ES256', 'counter:7'), testNow + 3 * hour);
    const { leaf } = readLeaf(record);
    const id = leaf?.kind === 'registry' ? leaf.id : '';
    const notice = lateLeaf(id, record, testNow + 75 * hour);
    const last = (await inquiryAt(75 * hour)).data;
    const log = await logOf([...complete, record, notice, last]);
    const at = complete.length;
    const from = iso(testNow + 4 * hour);
    const tar = await filteredOf({ counter, from }, { parts: [partOf(log, { from: at })] });
    expect(textOf(await verifyExport(tar), 'time')).toMatch(/^skipped: /);
    const bent = bentLines(tar, (lines) => lines.filter((line) => indexOf(line) !== at + 1));
    const report = await verifyExport(bent);
    expect(textOf(report, 'time')).toContain('if no late notice was left out');
    expect(textOf(report, 'records left out')).toContain('late notices');
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
