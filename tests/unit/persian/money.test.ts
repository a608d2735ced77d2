import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRials, parseRials, Rials } from '#shared/persian/money.ts';
import { typedNumber } from './typed.ts';

const amount = fc.maxSafeNat();

describe('Rials', () => {
  it.each([0, 1, 1_250_000, Number.MAX_SAFE_INTEGER])('accepts %d', (rials) => {
    expect(Rials.parse(rials)).toBe(rials);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '100', 100n])(
    'refuses %s',
    (value) => {
      expect(Rials.safeParse(value).success).toBe(false);
    },
  );
});

describe('parseRials', () => {
  it.each([
    ['1250000', 1_250_000],
    ['۱٬۲۵۰٬۰۰۰', 1_250_000],
    ['1,250,000', 1_250_000],
    ['١،٢٥٠،٠٠٠', 1_250_000],
    ['۱۲۵۰ ریال', 1250],
    ['۱۲۵۰ ريال', 1250],
    ['0', 0],
  ])('reads %j', (input, rials) => {
    expect(parseRials(input)).toEqual({ ok: true, value: rials });
  });

  it.each([
    ['', 'form'],
    ['ریال', 'form'],
    ['1,5', 'form'],
    ['1250,000', 'form'],
    ['1.250', 'form'],
    ['12٫5', 'form'],
    ['-5', 'form'],
    ['1e3', 'form'],
    ['۱۲۵ تومان', 'form'],
    ['9007199254740992', 'range'],
    ['9'.repeat(400), 'range'],
  ])('refuses %j: %s', (input, reason) => {
    expect(parseRials(input)).toEqual({ ok: false, reason });
  });

  it('reads the same amount from three digit sets and through unseen noise', () => {
    fc.assert(
      fc.property(
        amount.chain((rials) => fc.tuple(fc.constant(rials), typedNumber(String(rials)))),
        ([rials, input]) => {
          expect(parseRials(input)).toEqual({ ok: true, value: rials });
        },
      ),
    );
  });
});

describe('formatRials', () => {
  it('writes Persian digits, separators and the unit last, with no direction marks', () => {
    expect(formatRials(Rials.parse(1_250_000))).toBe('۱٬۲۵۰٬۰۰۰\u00A0ریال');
  });

  it('is undone by parseRials', () => {
    fc.assert(
      fc.property(amount, (rials) => {
        expect(parseRials(formatRials(Rials.parse(rials)))).toEqual({ ok: true, value: rials });
      }),
    );
  });
});
