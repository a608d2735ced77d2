import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstantText, lastInstant, toRfc3339 } from '#shared/kernel/instant-text.ts';

describe('an instant', () => {
  it('is read as it is written, with four digits of a year', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastInstant }), (time) => {
        const text = toRfc3339(time);
        expect(text).toHaveLength('2027-01-15T08:00:00.000Z'.length);
        expect(InstantText.parse(text)).toBe(time);
      }),
    );
  });

  it.each([
    '9999-12-31T23:59:59.999-00:01',
    '9999-12-31T23:59:59-14:00',
    '+010000-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00+00:01',
    '0000-01-01T00:00:00Z',
    '2027-02-30T00:00:00Z',
    '2027-01-15T08:00:00',
    '1800000000000',
    '',
  ])('is not %j', (text) => {
    expect(InstantText.safeParse(text).success).toBe(false);
  });

  it('is written in UTC, and as what it is where no calendar shows it', () => {
    expect(toRfc3339(1_800_000_000_000)).toBe('2027-01-15T08:00:00.000Z');
    expect(toRfc3339(lastInstant)).toBe('9999-12-31T23:59:59.999Z');
    expect(toRfc3339(lastInstant + 1)).toBe('253402300800000 ms since 1970');
    expect(toRfc3339(2 ** 64)).toBe('18446744073709552000 ms since 1970');
  });
});
