import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { concat } from '#shared/kernel/bytes.ts';
import { built, bundle, changed, flipAt, leaves, long, tile, without } from './sample-files.ts';
import { failuresOf, faultsOf, inquiryAt, verifyFiles } from './sample-log.ts';

describe('a tree that is not the signed one', () => {
  it('finds an altered byte of a bundle, and which leaf it is in', async () => {
    const report = await verifyFiles(changed(built.files, bundle, flipAt(100)));
    expect(failuresOf(report)).toContain('tree');
    expect(faultsOf(report)).toContain('leaf-differs@0');
    expect(faultsOf(report)).toContain('root-differs');
  });

  it('finds a leaf and its tile rewritten together', async () => {
    const forged = await inquiryAt(2000);
    const rewritten = leaves.with(6, forged.data);
    const files = new Map(built.files)
      .set(bundle, formatBundle(rewritten))
      .set(tile, concat(...rewritten.map(leafHash)));
    const report = await verifyFiles(files);
    expect(failuresOf(report)).toEqual(['tree']);
    expect(faultsOf(report)).toEqual(['root-differs']);
  });

  it('finds a flipped bit of a leaf hash', async () => {
    const report = await verifyFiles(changed(built.files, tile, flipAt(3 * 32 + 5)));
    expect(faultsOf(report)).toEqual(['leaf-differs@3']);
  });

  it('finds a flipped bit of a higher tile, full or partial', async () => {
    const path = tilePath({ level: 1, index: 0, width: 2 });
    const report = await verifyFiles(changed(long.files, path, flipAt(32)));
    expect(faultsOf(report)).toEqual(['tile-differs@256']);
  });

  it('finds a truncated tail', async () => {
    const files = without(built.files, bundle).set(
      bundlePath({ index: 0, width: leaves.length - 1 }),
      formatBundle(leaves.slice(0, -1)),
    );
    expect(faultsOf(await verifyFiles(files))).toEqual(['bundle-missing@0']);
    const lost = without(
      without(long.files, bundlePath({ index: 2, width: 192 })),
      tilePath({ level: 0, index: 2, width: 192 }),
    );
    expect(faultsOf(await verifyFiles(lost))).toContain('hashes-missing@512');
  });

  it('finds a bundle with another number of entries, and a tile of another length', async () => {
    const fewer = new Map(built.files).set(bundle, formatBundle(leaves.slice(1)));
    expect(faultsOf(await verifyFiles(fewer))).toContain('bundle-malformed@0');
    const longer = changed(built.files, tile, (bytes) => concat(bytes, new Uint8Array(32)));
    expect(faultsOf(await verifyFiles(longer))).toContain('tile-length@0');
    expect(faultsOf(await verifyFiles(without(built.files, tile)))).toEqual(['tile-missing@0']);
    const higher = without(long.files, tilePath({ level: 1, index: 0, width: 2 }));
    expect(faultsOf(await verifyFiles(higher))).toEqual(['tile-missing@0']);
  });

  it('finds two entries that were swapped', async () => {
    const swapped = leaves
      .with(5, leaves[6] ?? new Uint8Array())
      .with(6, leaves[5] ?? new Uint8Array());
    const report = await verifyFiles(new Map(built.files).set(bundle, formatBundle(swapped)));
    expect(faultsOf(report)).toEqual(['leaf-differs@5', 'leaf-differs@6', 'root-differs']);
  });

  it('finds every single byte that is changed in any file', async () => {
    const files = [...built.files];
    const places = files.flatMap(([path, bytes]) =>
      Array.from(bytes, (_, position) => ({ path, position })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...places),
        fc.integer({ min: 1, max: 255 }),
        async ({ path, position }, mask) => {
          const flipped = changed(built.files, path, (bytes) =>
            bytes.map((byte, n) => (n === position ? byte ^ mask : byte)),
          );
          expect(failuresOf(await verifyFiles(flipped, { depth: 'form' }))).not.toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('lists a hundred findings of a class and counts on', async () => {
    const none = changed(
      long.files,
      tilePath({ level: 0, index: 0, width: 256 }),
      () => new Uint8Array(8192),
    );
    const report = await verifyFiles(none);
    expect(report.findings).toHaveLength(100);
    expect(report.checks.find(({ check }) => check === 'tree')?.detail).toBe('256 findings');
  });
});
