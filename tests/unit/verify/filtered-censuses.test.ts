import { describe, expect, it } from 'vitest';
import type { ExportFilter } from '#shared/audit/export/export-filter.ts';
import { memberNames } from '#shared/audit/export/manifest.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { lateLeaf } from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';
import {
  byCounter,
  counter,
  faultsIn,
  hour,
  indexOf,
  iso,
  other,
  placeOf,
  viewsOf,
} from './reading-filtered.ts';
import { begun, censusLeaf, complete, itemOf, items, second } from './sample-complete.ts';
import { bentLines, membersOf, partOf, verifyExport } from './sample-export.ts';
import { bentCensuses, completeLog, filteredOf } from './sample-filtered.ts';
import { failuresOf, logOf, resultOf } from './sample-log.ts';

const idOf = (data: Uint8Array): string => {
  const { leaf } = readLeaf(data);
  return leaf?.kind === 'inquiry' ? leaf.id : '';
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

  it.each<readonly [string, ExportFilter]>([
    ['a station', { station: 'till-9' }],
    ['a purpose', { purpose: 'pension-enrolment' }],
    ['a service in any version', { service: 'police/vehicle' }],
  ])('that count no word of the filter show nothing: %s', async (_, filter) => {
    const tar = await filteredOf(filter);
    const bent = bentLines(tar, (lines) => lines.toSpliced(placeOf(3)(lines), 1));
    const report = await verifyExport(bent);
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'rows left out')?.detail).toBe(
      'whether rows of leaves 0 up to and without 76 were left out: no census here counts them',
    );
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
