import { describe, expect, it } from 'vitest';
import { built, bundle, changed, flipAt, leaves, long, without } from './sample-files.ts';
import { failuresOf, logOf, resultOf, verifyFiles } from './sample-log.ts';

describe('without entries', () => {
  it('checks the tree and earlier checkpoints by hashes alone', async () => {
    const previous = [{ name: 'at 7', bytes: (await logOf(leaves.slice(0, 7))).checkpoint }];
    const files = without(built.files, bundle);
    const report = await verifyFiles(files, { depth: 'hashes', previous });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'at 7')).toBe('passed');
    expect(resultOf(report, 'entries')).toBe('skipped');
  });

  it('finds a flipped bit of any tile', async () => {
    for (const path of [...long.files.keys()].filter((one) => /^tile\/[0-9]/.test(one))) {
      const report = await verifyFiles(changed(long.files, path, flipAt(40)), { depth: 'hashes' });
      expect(failuresOf(report)).toEqual(['tree']);
    }
  });
});
