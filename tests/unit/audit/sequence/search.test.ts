import { describe, expect, it } from 'vitest';
import { bucketOf } from '#shared/audit/address.ts';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { bucketOfId, leafName, leafStamp, logSearch } from '#shared/audit/sequence/search.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { buildLog } from '#tests/support/log-builder.ts';
import { makeRecord } from '#tests/support/log-world/journal-rows.ts';
import { makeLogWorld } from '#tests/support/log-world.ts';

const { layout, noise, clock } = makeLogWorld();
const at = (seconds: number) => makeRecord(layout, noise, { t: clock.now() + seconds * 1000 });
const leafOf = ({ record }: { readonly record: string }) => recordLeafData(record);
const config = recordLeafData('{"k":"config","v":1}');

const late = (made: ReturnType<typeof at>): readonly Uint8Array[] => [
  leafOf(made),
  recordLeafData(canonicalJson({ k: 'late', id: made.address.id, v: 1 })),
];

/** So many records, three a second. */
const ordered = (count: number) => Array.from({ length: count }, (_, n) => at(Math.floor(n / 3)));

const searchOver = async (leaves: readonly Uint8Array[], size = leaves.length) => {
  const { files } = await buildLog(leaves);
  let reads = 0;
  const search = logSearch(
    {
      get: async (path) => {
        reads += 1;
        return files.get(path);
      },
    },
    size,
  );
  return { ...search, files, reads: () => reads };
};

const idOf = ({ address }: { readonly address: { readonly id: string } }) => address.id;

describe('searching a log', () => {
  it('finds every entry, across its bundles', async () => {
    const made = ordered(700);
    const { find } = await searchOver([config, ...made.map(leafOf)]);
    for (const [n, one] of made.entries()) expect(await find(idOf(one))).toBe(n + 1);
  });

  it('finds none that is not there, before, between and after', async () => {
    const { find } = await searchOver(ordered(600).map(leafOf));
    for (const seconds of [-3600, -1, 0, 100, 199, 200, 3600]) {
      expect(await find(idOf(at(seconds)))).toBeUndefined();
    }
  });

  it('finds none in a log without entries', async () => {
    expect(await (await searchOver([])).find(idOf(at(0)))).toBeUndefined();
    expect(await (await searchOver([config])).find(idOf(at(0)))).toBeUndefined();
  });

  it('names all of a bucket, which may lie in several bundles', async () => {
    const made = Array.from({ length: 600 }, () => at(1));
    const others = [at(-20), ...made, at(30)];
    const { namesOfBucket } = await searchOver(others.map(leafOf));
    const names = await namesOfBucket(bucketOf(clock.now()));
    expect([...names].toSorted()).toEqual(made.map((one) => leafName('key', idOf(one))).toSorted());
    expect(await namesOfBucket(bucketOf(clock.now()) + 1)).toEqual(new Set());
  });

  it('tells the bundle that reaches a bucket, and the last bucket of all, but for late entries', async () => {
    const made = ordered(700);
    const first = bucketOf(clock.now());
    const { bundleOf, lastBucket } = await searchOver([...made.map(leafOf), ...late(at(-900))]);
    // 700 entries, three a second: thirty in each bucket.
    expect(await bundleOf(first - 100)).toBe(0);
    expect(await bundleOf(first + 8)).toBe(0);
    expect(await bundleOf(first + 9)).toBe(1);
    expect(await bundleOf(first + 23)).toBe(2);
    expect(await bundleOf(first + 24)).toBe(3);
    expect(await lastBucket()).toBe(first + 23);
    expect(await (await searchOver([])).lastBucket()).toBeUndefined();
    expect(await (await searchOver([config])).lastBucket()).toBeUndefined();
  });

  it('does not find late entries, not even where the notice stands in the next bundle', async () => {
    const made = ordered(255);
    const straggler = at(-500);
    const after = ordered(40).map((_, n) => at(86 + n));
    const { find, namesOfBucket } = await searchOver([
      ...made.map(leafOf),
      ...late(straggler),
      ...after.map(leafOf),
    ]);
    expect(await find(idOf(straggler))).toBeUndefined();
    expect(await namesOfBucket(bucketOfId(idOf(straggler)))).toEqual(new Set());
    for (const [n, one] of made.entries()) expect(await find(idOf(one))).toBe(n);
    for (const [n, one] of after.entries()) expect(await find(idOf(one))).toBe(257 + n);
  });

  it('finds entries around bundles that hold late ones only', async () => {
    const before = ordered(100);
    const stragglers = Array.from({ length: 400 }, (_, n) => late(at(-1000 - n))).flat();
    const after = ordered(30).map((_, n) => at(40 + n));
    const { find } = await searchOver([...before.map(leafOf), ...stragglers, ...after.map(leafOf)]);
    for (const [n, one] of before.entries()) expect(await find(idOf(one))).toBe(n);
    for (const [n, one] of after.entries()) expect(await find(idOf(one))).toBe(900 + n);
  });

  it('looks at the first leaves only, and at the full bundle where the partial one is gone', async () => {
    const made = ordered(512);
    const { find } = await searchOver(made.map(leafOf), 300);
    expect(await find(idOf(made[299] ?? at(0)))).toBe(299);
    expect(await find(idOf(made[300] ?? at(0)))).toBeUndefined();
  });

  it('reads few bundles of many', async () => {
    const made = Array.from({ length: 256 * 40 }, (_, n) => at(n));
    const { find, reads } = await searchOver(made.map(leafOf));
    expect(await find(idOf(made[5000] ?? at(0)))).toBe(5000);
    expect(reads()).toBeLessThan(20);
  });

  it('says which leaf is which', () => {
    expect(leafStamp(config)).toEqual({ kind: 'config', id: '' });
    const one = at(0);
    expect(leafStamp(leafOf(one))).toEqual({ kind: 'key', id: idOf(one) });
    expect(leafName('i', 'x')).not.toBe(leafName('key', 'x'));
  });

  it('fails for a bundle that is missing or holds what is no leaf', async () => {
    const { files, find } = await searchOver([...ordered(5).map(leafOf), utf8('no leaf\n')]);
    await expect(find(idOf(at(0)))).rejects.toMatchObject({ name: 'LogFileMissing' });
    files.clear();
    await expect(find(idOf(at(0)))).rejects.toMatchObject({ name: 'LogFileMissing' });
  });
});
