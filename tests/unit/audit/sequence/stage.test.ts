import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import type { LogFile } from '#shared/audit/sequence/build.ts';
import { bundleFile } from '#shared/audit/sequence/log-files.ts';
import {
  formatStaged,
  parseStaged,
  readStaged,
  stage,
  stagingKey,
} from '#shared/audit/sequence/stage.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { parsePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { tileBytes } from '#shared/audit/tlog/tree.ts';
import { sha256, sha256Url, utf8 } from '#shared/kernel/bytes.ts';

const isBundle = (path: string): boolean => parsePath(path)?.kind === 'bundle';

const file = fc.record({
  path: fc.stringMatching(/^tile\/[a-z0-9/.]{1,20}$/),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
});

/** An entry bundle, and the tile of its hashes. */
const pair = (index: number, ...entries: readonly string[]): readonly LogFile[] => {
  const data = entries.map(utf8);
  const tile = { level: 0, index, width: data.length };
  return [bundleFile(index, data), { path: tilePath(tile), bytes: tileBytes(data.map(leafHash)) }];
};

const pairs = fc
  .uniqueArray(fc.nat({ max: 5000 }), { maxLength: 3 })
  .chain((indexes) =>
    fc.tuple(
      ...indexes.map((index) =>
        fc
          .array(fc.string(), { minLength: 1, maxLength: 4 })
          .map((entries) => pair(index, ...entries)),
      ),
    ),
  );
const files = fc
  .tuple(fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 4 }), pairs)
  .map(([some, bundles]) => [...some.filter(({ path }) => !isBundle(path)), ...bundles.flat()]);

const tree = { shard: 2, size: 300, root: sha256('a root') };
const few = pair(1, 'an entry', 'another');
const many = [...pair(0, 'more'), ...few];

describe('a staged batch', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(files, (all) => {
        const back = parseStaged(formatStaged(all));
        expect(back?.map(({ path, bytes }) => [path, [...bytes]])).toEqual(
          all.map(({ path, bytes }) => [path, [...bytes]]),
        );
      }),
    );
  });

  it('is not whole once any bit of it is another, or its end is missing', () => {
    fc.assert(
      fc.property(files, fc.nat(), fc.nat({ max: 7 }), (all, place, bit) => {
        const whole = formatStaged(all);
        const bent = Uint8Array.from(whole);
        bent[place % bent.length] = (bent[place % bent.length] ?? 0) ^ (1 << bit);
        expect(parseStaged(bent)).toBeUndefined();
        expect(parseStaged(whole.subarray(0, place % whole.length))).toBeUndefined();
      }),
    );
  });

  it('is not whole when a bundle has no tile', () => {
    expect(parseStaged(formatStaged(few.slice(0, 1)))).toBeUndefined();
  });

  it.each(['', '\n', 'no digest\n{}\n', `${sha256Url('{}\n')}\n{}\n`, `${sha256Url('[\n')}\n[\n`])(
    'is not whole when it is something else: %j',
    (text) => {
      expect(parseStaged(utf8(text))).toBeUndefined();
    },
  );

  it('stands under its shard, size and root', () => {
    expect(stagingKey(tree)).toBe(`staging/2/300-${Buffer.from(tree.root).toString('hex')}`);
  });
});

describe('staging', () => {
  it('lets the very same batch stand, and is read back', async () => {
    const { store } = memoryObjectStore();
    expect(await stage(store, tree, few)).toBe('staged');
    expect(await stage(store, tree, few)).toBe('staged');
    expect((await readStaged(store, tree)).map(({ path }) => path)).toEqual(
      few.map(({ path }) => path),
    );
  });

  it('is content with a batch to the same tree that holds more', async () => {
    const { store } = memoryObjectStore();
    await stage(store, tree, many);
    expect(await stage(store, tree, few)).toBe('staged');
  });

  it('says that it comes too late where one stands that holds less', async () => {
    const { store } = memoryObjectStore();
    await stage(store, tree, few);
    expect(await stage(store, tree, many)).toBe('other');
  });

  it('says so too where a file differs', async () => {
    const { store } = memoryObjectStore();
    await stage(store, tree, [...pair(1, 'an entry', 'a third'), ...pair(0, 'more')]);
    expect(await stage(store, tree, few)).toBe('other');
  });

  it('stops where damage stands, or nothing', async () => {
    const { store, overwrite } = memoryObjectStore();
    overwrite(stagingKey(tree), utf8('damage'));
    const stopped = { name: 'LogStopped', reason: 'staging-lost', shard: 2 };
    await expect(stage(store, tree, few)).rejects.toMatchObject(stopped);
    await expect(readStaged(store, tree)).rejects.toMatchObject(stopped);
    overwrite(stagingKey(tree), undefined);
    await expect(readStaged(store, tree)).rejects.toMatchObject(stopped);
  });
});
