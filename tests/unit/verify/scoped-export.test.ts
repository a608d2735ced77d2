import { describe, expect, it } from 'vitest';
import { keyLeaf, lateLeaf } from '#tests/support/log-leaves.ts';
import { makeKey, testNow, withInquiry } from '#tests/support/messages.ts';
import { counter, faultsIn, hour, indexOf, other, textOf, viewsOf } from './reading-filtered.ts';
import { commanded } from './sample-commands.ts';
import { begun, complete, second } from './sample-complete.ts';
import { bentLines, lineOf, membersOf, partOf, verifyExport } from './sample-export.ts';
import { filteredOf } from './sample-filtered.ts';
import { failuresOf, inquiryAt, logOf, resultOf } from './sample-log.ts';

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
