import { describe, expect, it } from 'vitest';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { isJsonObject } from '#shared/kernel/strict-json.ts';
import {
  bentLine,
  bentLines,
  bentManifest,
  exportOf,
  partOf,
  verifyExport,
} from '#tests/unit/verify/sample-export.ts';
import { built, leaves, long } from '#tests/unit/verify/sample-files.ts';
import { failuresOf, inquiryAt, logOf } from '#tests/unit/verify/sample-log.ts';

const range = { from: 100, to: 600 };

describe('what an export is made to say', () => {
  it('export that omits rows', async () => {
    const tar = await exportOf([partOf(long, range)]);
    expect(failuresOf(await verifyExport(tar))).toEqual([]);
    // Any one row, at the borders of tiles as well, or many of them.
    for (const [row, many] of [
      [0, 1],
      [155, 1],
      [156, 1],
      [300, 1],
      [499, 1],
      [156, 256],
      [10, 480],
    ]) {
      const report = await verifyExport(
        bentLines(tar, (lines) => lines.toSpliced(row ?? 0, many ?? 0)),
      );
      expect(failuresOf(report)).toContain('tree');
      expect(report.findings[0]).toMatchObject({ fault: 'row-missing', index: 100 + (row ?? 0) });
    }
    // Nor does it help to number those behind it anew, and to say that less was asked for.
    const renumbered = bentLines(tar, (lines) =>
      lines
        .toSpliced(7, 1)
        .map((line, n) => bentLine(line, (json) => ({ ...json, index: 100 + n }))),
    );
    const narrowed = bentManifest(renumbered, (manifest) => ({
      ...manifest,
      query: { kind: 'range', ranges: [{ shard: 0, ...range, to: 599 }] },
    }));
    for (const bent of [renumbered, narrowed]) {
      expect(failuresOf(await verifyExport(bent))).toContain('tree');
    }
    // Nor to export another log that never had the row: its checkpoint has no quorum, or is a fork.
    const without = await logOf(leaves.toSpliced(5, 1));
    const other = await exportOf([partOf(without)]);
    const previous = [{ name: 'before', bytes: built.checkpoint }];
    expect(failuresOf(await verifyExport(other, { previous }))).toEqual(['fork']);
    const nobody = parsePolicy(utf8('quorum none\n'));
    expect(failuresOf(await verifyExport(other, { policy: nobody }))).toEqual(['unsigned']);
  });

  it('export with an altered decoded view', async () => {
    const tar = await exportOf([partOf(built)]);
    const altered = (change: Readonly<Record<string, string | number>>) =>
      bentLines(tar, (lines) =>
        lines.with(
          5,
          bentLine(lines[5] ?? '', (json) => {
            const { view } = json;
            if (!isJsonObject(view)) throw new Error('no view');
            return { ...json, view: { ...view, ...change } };
          }),
        ),
      );
    expect(failuresOf(await verifyExport(altered({})))).toEqual([]);
    const changes = [
      { outcome: 'NOT_FOUND' },
      { purpose: 'court-order' },
      { counter: 'counter:1' },
      { time: '2027-01-15T08:00:01.001Z' },
      { seq: 1843 },
      { note: 'checked by hand' },
    ];
    for (const change of changes) {
      const report = await verifyExport(altered(change));
      expect(failuresOf(report)).toEqual(['tree']);
      expect(report.findings).toMatchObject([{ fault: 'view-differs', index: 5 }]);
    }
    // Nor does it help to put another leaf under the view, however well it is signed.
    const leaf = Buffer.from(
      (
        await inquiryAt(1000, {
          response: { outcome: 'NOT_FOUND' },
          outcome: (made) => ({ ...made, out: 'NOT_FOUND' }),
        })
      ).data,
    );
    const replaced = bentLines(tar, (lines) =>
      lines.with(
        5,
        bentLine(lines[5] ?? '', (json) => ({ ...json, leaf: leaf.toString('base64') })),
      ),
    );
    expect(failuresOf(await verifyExport(replaced))).toContain('tree');
  });
});
