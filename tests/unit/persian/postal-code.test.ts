import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPostalCode, PostalCode, parsePostalCode } from '#shared/persian/postal-code.ts';
import { digits, typed } from './typed.ts';

const postalCode = digits(10).map((ten) => ten.join(''));

describe('parsePostalCode', () => {
  it('accepts any ten digits, in three digit sets and through any noise', () => {
    fc.assert(
      fc.property(
        postalCode.chain((code) => fc.tuple(fc.constant(code), typed(code))),
        ([code, input]) => {
          expect(parsePostalCode(input)).toEqual({ ok: true, value: code });
        },
      ),
    );
  });

  it.each([
    ['', 'length'],
    ['123456789', 'length'],
    ['12345678901', 'length'],
    ['12345/67890', 'characters'],
  ])('refuses %j: %s', (input, reason) => {
    expect(parsePostalCode(input)).toEqual({ ok: false, reason });
  });
});

describe('PostalCode', () => {
  it('is canonical text only', () => {
    expect(PostalCode.safeParse('1234567890').success).toBe(true);
    expect(PostalCode.safeParse('12345-67890').success).toBe(false);
    expect(PostalCode.safeParse('۱۲۳۴۵۶۷۸۹۰').success).toBe(false);
  });
});

describe('formatPostalCode', () => {
  it('groups by five', () => {
    expect(formatPostalCode(PostalCode.parse('1234567890'))).toBe('12345-67890');
  });

  it('is undone by parsePostalCode', () => {
    fc.assert(
      fc.property(postalCode, (code) => {
        const formatted = formatPostalCode(PostalCode.parse(code));
        expect(parsePostalCode(formatted)).toEqual({ ok: true, value: code });
      }),
    );
  });
});
