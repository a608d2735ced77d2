import fc from 'fast-check';
import { v4, v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';

describe('an inquiry id', () => {
  it('gives back the millisecond that was put into it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (msecs) => {
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
  ])('is not %s', (_, text) => {
    expect(InquiryId.safeParse(text).success).toBe(false);
  });
});
