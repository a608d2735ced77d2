import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import {
  formatStaged,
  parseStaged,
  readStaged,
  stage,
  stagingKey,
} from '#shared/audit/sequence/stage.ts';
import { sha256, sha256Url, utf8 } from '#shared/kernel/bytes.ts';

const file = fc.record({
  path: fc.stringMatching(/^tile\/[a-z0-9/.]{1,20}$/),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
});
const files = fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 6 });

const tree = { shard: 2, size: 300, root: sha256('a root') };
const made = (path: string, text: string) => ({ path, bytes: utf8(text) });
const few = [made('tile/entries/001.p/44', 'entries'), made('tile/0/001.p/44', 'hashes')];
const many = [made('tile/entries/000', 'more'), ...few];

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
    await stage(store, tree, [made('tile/0/001.p/44', 'others'), ...many.slice(0, 2)]);
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
