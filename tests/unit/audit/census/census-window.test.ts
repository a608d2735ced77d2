import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { census } from '#shared/audit/census/census.ts';
import { censusWindow } from '#shared/audit/census/census-window.ts';
import { saidInLeaf } from '#shared/audit/inquiry-said.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { plainLeaf } from '#tests/support/plain-leaves.ts';

const others = [recordLeafData('{"k":"late"}'), leafData('{}', '{}')];

const leaf = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...others) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        signer: fc.constantFrom('counter:1', 'counter:2', 'counter:3'),
        service: fc.constantFrom('civil-registry/identity@1', 'police/vehicle@1'),
        outcome: fc.constantFrom('FOUND', 'DENIED'),
      })
      .map(plainLeaf),
  },
);
const leaves = fc.array(leaf, { maxLength: 20 });

const windowOf = (all: readonly Uint8Array[], start: number, most?: number) => {
  const window = censusWindow(start, most);
  for (const data of all) window.take(saidInLeaf(data));
  return window;
};

describe('a window of leaves', () => {
  it('gives the census of any stretch in it, and of none outside', () => {
    fc.assert(
      fc.property(leaves, fc.nat(1000), fc.nat(25), fc.nat(25), (all, start, a, b) => {
        const window = windowOf(all, start);
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const wanted = to <= all.length ? census(all.slice(from, to)) : undefined;
        expect(window.census(start + from, start + to)).toEqual(wanted);
        expect(window.census(start - 1, start)).toBe(undefined);
      }),
    );
  });

  it('holds so many leaves and no more', () => {
    const window = censusWindow(0, 100_000);
    for (let n = 0; n < 250_000; n += 1) window.take('unread');
    expect(window.census(150_000, 250_000)).toBe(undefined);
    expect(window.census(196_608, 250_000)?.n).toBe(53_392);
    expect(window.census(0, 1)).toBe(undefined);
  });
});
