import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildBatch, readTail, type Tail } from '#shared/audit/sequence/build.ts';
import type { LogFiles } from '#shared/audit/sequence/log-files.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { emptyEdge, rootOfHashes } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { buildLog } from '#tests/support/log-builder.ts';

const leaves = Array.from({ length: 1100 }, (_, n) => utf8(`leaf ${n}\n`));
const empty: Tail = { edge: emptyEdge, entries: [] };

const filesOf = (files: ReadonlyMap<string, Uint8Array>): LogFiles => ({
  get: async (path) => files.get(path),
});

/** Appends so many leaves at a time; every file that was made, by its path. */
const append = (counts: readonly number[]) => {
  const files = new Map<string, Uint8Array>();
  let [tail, size] = [empty, 0];
  let root: Uint8Array = new Uint8Array();
  for (const count of counts) {
    const batch = buildBatch(0, tail, leaves.slice(size, size + count));
    for (const { path, bytes } of batch.files) files.set(path, bytes);
    ({ tail, size, root } = batch);
  }
  return { files, tail, size, root };
};

describe('a batch', () => {
  it('makes the files and the root of its leaves, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 255, 256, 257)), {
          minLength: 1,
          maxLength: 4,
        }),
        async (drawn) => {
          const counts = drawn.map((count) => Math.min(count, 270));
          const { files, size, root } = append(counts);
          const expected = await buildLog(leaves.slice(0, size));
          expect(root).toEqual(expected.root);
          expected.files.delete('checkpoint');
          const differing = [...expected.files].filter(
            ([path, bytes]) => !Buffer.from(bytes).equals(files.get(path) ?? new Uint8Array()),
          );
          expect(differing.map(([path]) => path)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('names each file once, and no tile that stood before', () => {
    const first = buildBatch(0, empty, leaves.slice(0, 300));
    const second = buildBatch(0, first.tail, leaves.slice(300, 310));
    expect(second.files.map(({ path }) => path)).toEqual([
      'tile/entries/001.p/54',
      'tile/0/001.p/54',
    ]);
    expect(first.files.map(({ path }) => path)).toEqual([
      'tile/entries/000',
      'tile/entries/001.p/44',
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
    ]);
  });

  it('stops when a bit of a leaf flips after it was hashed', () => {
    const own = leaves.slice(0, 300).map((leaf) => Uint8Array.from(leaf));
    let passes = 0;
    // The leaves are gone through once to be hashed, and once more to be put into bundles.
    const flipping = new Proxy(own, {
      get: (target, name) => {
        if (name === Symbol.iterator) passes += 1;
        const [leaf] = target;
        if (passes === 2 && leaf !== undefined) leaf[0] = 0x6d;
        const value: unknown = Reflect.get(target, name);
        return value;
      },
    });
    expect(() => buildBatch(4, empty, flipping)).toThrow('Log 4 stopped: hash-differs.');
    expect(passes).toBe(2);
  });

  it('stops when a bit of the kept end of the log flips between two batches', () => {
    const { tail } = buildBatch(4, empty, [Uint8Array.from(utf8('kept\n'))]);
    const [kept] = tail.entries;
    if (kept !== undefined) kept[0] = 0x6d;
    expect(() => buildBatch(4, tail, leaves.slice(0, 2))).toThrow('Log 4 stopped: hash-differs.');
  });
});

describe('the end of a log', () => {
  it('is read back as it was left, at every size around a border', async () => {
    for (const size of [1, 255, 256, 257, 511, 512, 513, 1100]) {
      const { files, root } = await buildLog(leaves.slice(0, size));
      const tail = await readTail(filesOf(files), 0, { size, root });
      expect(rootOfHashes(leaves.slice(0, size).map(leafHash))).toEqual(root);
      const grown = buildBatch(0, tail, [utf8('one more\n')]);
      expect(grown.root).toEqual(
        rootOfHashes([...leaves.slice(0, size), utf8('one more\n')].map(leafHash)),
      );
    }
  });

  it('of an empty log is empty', async () => {
    const tail = await readTail(filesOf(new Map()), 0, { size: 0, root: rootOfHashes([]) });
    expect(tail.entries).toEqual([]);
  });

  it.each([
    ['a tile', 'tile/0/001.p/44'],
    ['a tile of the second level', 'tile/1/000.p/1'],
    ['an entry of the last bundle', 'tile/entries/001.p/44'],
  ])('stops when %s is altered', async (_, path) => {
    const { files, root } = await buildLog(leaves.slice(0, 300));
    const bytes = Uint8Array.from(files.get(path) ?? []);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    files.set(path, bytes);
    await expect(readTail(filesOf(files), 3, { size: 300, root })).rejects.toMatchObject({
      name: 'LogStopped',
      reason: 'edge-damaged',
      shard: 3,
    });
  });

  it.each(['tile/0/001.p/44', 'tile/entries/001.p/44'])(
    'says what is missing when %s is gone or cut short',
    async (path) => {
      const { files, root } = await buildLog(leaves.slice(0, 300));
      const bytes = files.get(path) ?? new Uint8Array();
      for (const left of [undefined, bytes.slice(0, -1)]) {
        if (left === undefined) files.delete(path);
        else files.set(path, left);
        const reading = readTail(filesOf(files), 0, { size: 300, root });
        await expect(reading).rejects.toMatchObject({ name: 'LogFileMissing' });
      }
    },
  );

  it('is found in the full tile and bundle once the partial ones are gone', async () => {
    const { files } = await buildLog(leaves.slice(0, 512));
    const { root } = await buildLog(leaves.slice(0, 300));
    files.set('tile/1/000.p/1', (files.get('tile/1/000.p/2') ?? new Uint8Array()).slice(0, 32));
    const tail = await readTail(filesOf(files), 0, { size: 300, root });
    expect(tail.entries).toHaveLength(44);
  });
});
