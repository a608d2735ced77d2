import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showDate, showDateTime } from '#shared/persian/show-date.ts';
import { stripInvisible } from '#shared/persian/text.ts';

describe('showDate and showDateTime', () => {
  it('begin with the weekday and end with the year or the time', () => {
    const instant = Date.parse('2025-11-21T20:00:00Z');
    expect(showDate(instant)).toBe('جمعه ۳۰ آبان ۱۴۰۴');
    expect(showDateTime(instant)).toBe('جمعه ۳۰ آبان ۱۴۰۴، ساعت ۲۳:۳۰');
  });

  it('show the day of Tehran, which begins before the day of UTC', () => {
    expect(showDateTime(Date.parse('2025-11-21T20:30:00Z'))).toBe('شنبه ۱ آذر ۱۴۰۴، ساعت ۰۰:۰۰');
  });

  it('know the summer time that ended in 1401, so the offset is nowhere a constant', () => {
    expect(showDateTime(Date.parse('2021-07-01T00:00:00Z'))).toContain('ساعت ۰۴:۳۰');
    expect(showDateTime(Date.parse('2025-07-01T00:00:00Z'))).toContain('ساعت ۰۳:۳۰');
  });

  it('hold no invisible marks and no digits but Persian ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (instant) => {
        const shown = showDateTime(instant);
        expect(stripInvisible(shown)).toBe(shown);
        expect(shown).toMatch(
          /^[\p{L}\u200C]+ [۰-۹]{1,2} \p{L}+ [۰-۹]{4}، ساعت [۰-۹]{2}:[۰-۹]{2}$/u,
        );
      }),
    );
  });
});
