import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { readLeaves } from '#shared/audit/published-leaves.ts';
import { bundleFile, logFiles, logKey, readEntryAt } from '#shared/audit/sequence/log-files.ts';

/** A log of so many entries in whole bundles of 256, and as much of one as is left. */
const logOf = (sizes: readonly number[]) => {
  const objects = memoryObjectStore();
  const entries = sizes.map((size, n) => new Uint8Array(size).fill(n % 251));
  for (let first = 0; first < entries.length; first += 256) {
    const { path, bytes } = bundleFile(first / 256, entries.slice(first, first + 256));
    objects.overwrite(logKey(0, path), bytes);
  }
  return { objects, entries, files: logFiles(objects.store, 0) };
};

const placesIn = (files: ReturnType<typeof logOf>['files'], size: number, from = 0) =>
  readLeaves(files, { shard: 0, size }, { from, to: size }, (_, index, place) => ({
    index,
    place,
  }));

describe('an entry at its place in a bundle', () => {
  it('is read by itself, wherever the reading of places began', async () => {
    const anySizes = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(anySizes, fc.nat(), async (sizes, start) => {
        const { entries, files } = logOf(sizes);
        const size = entries.length;
        for (const { index, place } of await placesIn(files, size, start % size)) {
          if (place.length === 0) continue;
          const bundle = Math.floor(index / 256);
          const width = Math.min(256, size - bundle * 256);
          const read = await readEntryAt(files, { index: bundle, width }, place);
          expect(Buffer.compare(read, entries[index] ?? Buffer.from('none'))).toBe(0);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is there still when its bundle is full and the part of it is gone', async () => {
    const { objects, files } = logOf([5, 7, 9]);
    const [, second] = await placesIn(files, 3);
    const full = logOf(Array.from({ length: 256 }, (_, n) => 5 + 2 * (n % 3)));
    for (const [key] of objects.dump()) objects.overwrite(key, undefined);
    for (const [key, bytes] of full.objects.dump()) objects.overwrite(key, bytes);
    const place = second?.place ?? { offset: 0, length: 0 };
    const read = await readEntryAt(files, { index: 0, width: 3 }, place);
    expect([...read]).toEqual([...(full.entries[1] ?? [])]);
  });

  it('is missing where its bundle is, or ends before it', async () => {
    const { objects, files } = logOf([5, 7]);
    const missing = { name: 'LogFileMissing' };
    const bundle = { index: 0, width: 2 };
    const beyond = { offset: 10, length: 7 };
    await expect(readEntryAt(files, bundle, beyond)).rejects.toMatchObject(missing);
    for (const [key] of objects.dump()) objects.overwrite(key, undefined);
    await expect(readEntryAt(files, bundle, { offset: 2, length: 5 })).rejects.toMatchObject(
      missing,
    );
    const full = logOf(Array.from({ length: 256 }, () => 3));
    const behind = { offset: 5 * 256 - 3, length: 4 };
    for (const width of [2, 256]) {
      const cut = readEntryAt(full.files, { index: 0, width }, behind);
      await expect(cut).rejects.toMatchObject(missing);
    }
  });
});
