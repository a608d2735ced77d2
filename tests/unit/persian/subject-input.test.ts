import { describe, expect, it } from 'vitest';
import { parseSubject, TypedSubject } from '#shared/persian/subject-input.ts';

describe('a subject as it is typed', () => {
  it.each([
    [{ type: 'ir-national-id', value: ' ۰۴۹۹-۳۷۰۸۹۹ ' }, '0499370899'],
    [{ type: 'ir-national-id', value: '٠٤٩٩٣٧٠٨٩٩' }, '0499370899'],
    [{ type: 'ir-legal-id', value: '۱۰۳۸۰۲۸۴۷۹۰' }, '10380284790'],
    [{ type: 'ir-postal-code', value: '۱۴۱۵۵-۶۴۵۷۸' }, '1415564578'],
  ] as const)('%o is one number, whatever its digits', (input, value) => {
    expect(TypedSubject.parse(input)).toEqual({ type: input.type, value });
  });

  it('a plate is its four parts', () => {
    const value = { two: '۱۲', letter: 'ا', three: '۳۴۵', region: '۱۱' };
    expect(parseSubject({ type: 'ir-plate', value })).toEqual({
      ok: true,
      value: {
        type: 'ir-plate',
        value: { two: '12', letter: 'الف', three: '345', region: '11' },
      },
    });
  });

  it.each([
    { type: 'ir-national-id', value: '0499370890' },
    { type: 'ir-legal-id', value: '11111111111' },
    { type: 'ir-postal-code', value: '12' },
    { type: 'ir-plate', value: { two: '1', letter: 'ب', three: '345', region: '11' } },
    { type: 'ir-plate', value: '12ب34511' },
    { type: 'passport', value: 'A1234567' },
    { type: 'ir-national-id', value: '0499370899', name: 'x' },
    { type: 'ir-national-id', value: '0'.repeat(65) },
    { value: '0499370899' },
    'x',
  ])('%o is none, and the refusal holds nothing of it', (input) => {
    const parsed = TypedSubject.safeParse(input);
    expect(parsed.success).toBe(false);
    const said = JSON.stringify(parsed.error?.issues.map(({ message, path }) => [message, path]));
    expect(said).not.toMatch(/0499|1111|A1234|12ب/);
  });
});
