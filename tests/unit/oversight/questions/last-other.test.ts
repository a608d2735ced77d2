import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastOther } from '#shared/oversight/questions/last-other.ts';

type One = { readonly t: number; readonly kind: string };

const isAlike = (a: One, b: One): boolean => a.kind === b.kind;

const ones = fc.array(fc.record({ t: fc.nat(9), kind: fc.constantFrom('a', 'b', 'c') }), {
  maxLength: 12,
});

describe('the last of something else', () => {
  it('is the one that looking at all of them finds', () => {
    fc.assert(
      fc.property(ones, ones, (some, asked) => {
        const find = lastOther(some, isAlike);
        for (const one of asked) {
          const last = some
            .filter(({ t, kind }) => t <= one.t && kind !== one.kind)
            .reduce<One | undefined>((a, b) => (b.t < (a?.t ?? 0) ? a : b), undefined);
          expect(find(one)).toBe(last);
        }
      }),
    );
  });

  it('is found by halves, also among many that are alike', () => {
    const many = 4096;
    let looks = 0;
    const some = Array.from({ length: many }, (_, n) => ({ t: n, kind: n === 0 ? 'b' : 'a' }));
    const find = lastOther(some, (a, b) => {
      looks += 1;
      return isAlike(a, b);
    });
    for (const { t } of some) expect(find({ t: t + 1, kind: 'a' })?.t).toBe(0);
    expect(looks).toBeLessThan(3 * many);
  });
});
