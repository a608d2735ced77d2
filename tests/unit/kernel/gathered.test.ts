import { describe, expect, it } from 'vitest';
import { gathered } from '#shared/kernel/gathered.ts';

/** Loads the length of texts, and tells what it was asked. */
const lengths = (most: number) => {
  const calls: (readonly string[])[] = [];
  const load = gathered(async (texts: readonly string[]) => {
    calls.push(texts);
    return texts.map(({ length }) => length);
  }, most);
  return { load, calls };
};

describe('gathered', () => {
  it('loads what is asked for together by one call, and gives everybody its own', async () => {
    const { load, calls } = lengths(10);
    const behind = Promise.resolve().then(() => load('three'));
    expect(await Promise.all([load('a'), load('bb'), load('a'), behind])).toEqual([1, 2, 1, 5]);
    expect(calls).toEqual([['a', 'bb', 'a', 'three']]);
  });

  it('asks for no more at once than it may, and remembers nothing', async () => {
    const { load, calls } = lengths(2);
    expect(await Promise.all(['a', 'b', 'c'].map(load))).toEqual([1, 1, 1]);
    expect(await load('a')).toBe(1);
    expect(calls).toEqual([['a', 'b'], ['c'], ['a']]);
  });

  it('tells everybody who asked together that it failed, and nobody later', async () => {
    let broken = true;
    const load = gathered(async (keys: readonly string[]) => {
      if (broken) throw new RangeError('broken');
      return keys;
    }, 10);
    const both = await Promise.allSettled([load('a'), load('b')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await load('a')).toBe('a');
  });
});
