import { describe, expect, it } from 'vitest';
import { differs, ReindexReport, reindexText } from '#shared/client/reindex-report.ts';

const log = { shard: 0, size: 1234, known: 1234, unopened: 0 };

describe('what estelam reindex says', () => {
  it('is how many leaves were indexed again', () => {
    expect(reindexText({ logs: [log, { ...log, shard: 1, size: 1, known: 1 }] })).toBe(
      'log 0: 1,234 leaves indexed again\nlog 1: 1 leaf indexed again\n',
    );
  });

  it('is that the index is right, and what it does not know yet', () => {
    const report = { logs: [{ ...log, known: 1233, differences: [] }] };
    expect(reindexText(report)).toBe(
      'log 0: the index is what the log says, 1,233 leaves\n  1 newer leaf is not indexed yet\n',
    );
    expect(differs(report)).toBe(false);
  });

  it('names every difference, and a few of its leaves', () => {
    const differences = [
      { at: 'index/0/segment/1', problem: 'differs', leaves: [1, 2, 3, 4, 5, 6, 7] },
      { at: 'index/0/summary/0', problem: 'missing', leaves: [] },
      { at: 'vault/0/3', problem: 'unreadable', leaves: [] },
      { at: 'rows of subjects', problem: 'missing', leaves: [9] },
    ] as const;
    const report = { logs: [{ ...log, differences: [...differences] }] };
    expect(reindexText(ReindexReport.parse(report))).toBe(
      [
        'log 0: 4 differences in 1,234 leaves',
        '  index/0/segment/1: not what the log says, at leaf 1, 2, 3, 4, 5 and 2 more',
        '  index/0/summary/0: missing',
        '  vault/0/3: cannot be read',
        '  rows of subjects: missing, at leaf 9',
        '',
      ].join('\n'),
    );
    expect(differs(ReindexReport.parse(report))).toBe(true);
  });

  it('tells of disclosures that nobody can open', () => {
    expect(reindexText({ logs: [{ ...log, unopened: 2 }] })).toContain(
      '  the disclosures of 2 inquiries are lost or cannot be opened\n',
    );
  });
});
