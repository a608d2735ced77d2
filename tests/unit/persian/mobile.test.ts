import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMobile, Mobile, parseMobile } from '#shared/persian/mobile.ts';
import { digits, typed } from './typed.ts';

const nine = digits(9).map((nineDigits) => nineDigits.join(''));

describe('parseMobile', () => {
  it('reads 09…, +989… and 00989… as one E.164 number, in any digits and through any noise', () => {
    const inputs = fc
      .tuple(nine, fc.constantFrom('09', '+989', '00989'))
      .chain(([rest, prefix]) => fc.tuple(fc.constant(rest), typed(prefix + rest)));
    fc.assert(
      fc.property(inputs, ([rest, input]) => {
        expect(parseMobile(input)).toEqual({ ok: true, value: `+989${rest}` });
      }),
    );
  });

  it.each([
    ['', 'prefix'],
    ['9123456789', 'prefix'],
    ['989123456789', 'prefix'],
    ['02122334455', 'prefix'],
    ['+982122334455', 'prefix'],
    ['+449123456789', 'prefix'],
    ['+9809123456789', 'prefix'],
    ['0912345678', 'length'],
    ['091234567890', 'length'],
    ['+98912345678', 'length'],
    ['0912345678x', 'characters'],
    ['09+123456789', 'characters'],
  ])('refuses %j: %s', (input, reason) => {
    expect(parseMobile(input)).toEqual({ ok: false, reason });
  });
});

describe('Mobile', () => {
  it('is E.164 only', () => {
    expect(Mobile.safeParse('+989123456789').success).toBe(true);
    expect(Mobile.safeParse('09123456789').success).toBe(false);
    expect(Mobile.safeParse('+98912345678').success).toBe(false);
    expect(Mobile.safeParse('+98۹123456789').success).toBe(false);
  });
});

describe('formatMobile', () => {
  it('writes the number as it is dialled inside the country', () => {
    expect(formatMobile(Mobile.parse('+989123456789'))).toBe('09123456789');
  });

  it('is undone by parseMobile', () => {
    fc.assert(
      fc.property(nine, (rest) => {
        const mobile = Mobile.parse(`+989${rest}`);
        expect(parseMobile(formatMobile(mobile))).toEqual({ ok: true, value: mobile });
      }),
    );
  });
});
