import fc from 'fast-check';
import { v4, v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { InquiryId, newId, timeOf } from '#shared/kernel/id.ts';
import { lastInstant } from '#shared/kernel/instant-text.ts';

const times = fc.integer({ min: 0, max: lastInstant - 1 });

describe('an inquiry id', () => {
  it('gives back the millisecond that was put into it', () => {
    fc.assert(
      fc.property(times, (msecs) => {
        expect(timeOf(InquiryId.parse(v7({ msecs })))).toBe(msecs);
      }),
    );
  });

  // RFC 9562, appendix A.6.
  it('reads the example of the standard', () => {
    expect(timeOf(InquiryId.parse('017f22e2-79b0-7cc3-98c4-dc0c0c07398f'))).toBe(1_645_557_742_000);
  });

  it.each([
    ['a UUIDv4', v4()],
    ['capitals', '017F22E2-79B0-7CC3-98C4-DC0C0C07398F'],
    ['another variant', '017f22e2-79b0-7cc3-c8c4-dc0c0c07398f'],
    ['braces', '{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}'],
    ['a line feed behind', '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n'],
    ['no hyphens', '017f22e279b07cc398c4dc0c0c07398f'],
    ['nothing', ''],
    ['of a year of five digits', 'ffffffff-ffff-7fff-bfff-ffffffffffff'],
    ['of the last millisecond of the year 9999', v7({ msecs: lastInstant })],
  ])('is not %s', (_, text) => {
    expect(InquiryId.safeParse(text).success).toBe(false);
  });

  it('is of a time that can be written, as can the next', () => {
    const id = InquiryId.parse(v7({ msecs: lastInstant - 1 }));
    expect([timeOf(id), timeOf(id) + 1].map((time) => new Date(time).toISOString())).toEqual([
      '9999-12-31T23:59:59.998Z',
      '9999-12-31T23:59:59.999Z',
    ]);
  });
});

describe('a new id', () => {
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

  it('is a UUIDv7 of the time it is made at, whatever chance brings', () => {
    fc.assert(
      fc.property(times, bytes, (time, random) => {
        const id = newId(time, () => random);
        expect(InquiryId.safeParse(id).success).toBe(true);
        expect(timeOf(id)).toBe(time);
      }),
    );
  });

  it('holds what chance brought, but for the six bits of version and variant', () => {
    expect(newId(1_645_557_742_000, () => new Uint8Array(10))).toBe(
      '017f22e2-79b0-7000-8000-000000000000',
    );
    expect(newId(1_645_557_742_000, () => new Uint8Array(10).fill(255))).toBe(
      '017f22e2-79b0-7fff-bfff-ffffffffffff',
    );
    const random = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(newId(0, () => random)).toBe('00000000-0000-7010-a030-405060708090');
  });
});
