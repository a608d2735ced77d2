import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNationalId, NationalId, parseNationalId } from '#shared/persian/national-id.ts';
import { digits, replaceAt, typed } from './typed.ts';

const published = [
  '0499370899',
  '0790419904',
  '1583250689',
  '0684159414',
  '0067749828',
  '0013542419',
  '0084575948',
  '0963695398',
  '4400276201',
  '2540201288',
  '7400076205',
  '7340416501',
] as const;

/** Σ d[i]·(10−i) without a multiplication: the running sums, summed, and the sum once more. */
const weightedSum = (nine: readonly number[]): number => {
  let running = 0;
  let total = 0;
  for (const d of nine) {
    running += d;
    total += running;
  }
  return total + running;
};

const checkDigitOfRemainder = '01987654321';

const remainderOf = (id: string): number => weightedSum(Array.from(id.slice(0, 9), Number)) % 11;

/** Valid ids, made by another road than the one under test. */
const nationalId = digits(9)
  .map((nine) => nine.join('') + checkDigitOfRemainder.charAt(weightedSum(nine) % 11))
  .filter((id) => new Set(id).size > 1);

describe('parseNationalId', () => {
  it.each(published)('accepts the published id %s', (id) => {
    expect(parseNationalId(id)).toEqual({ ok: true, value: id });
  });

  it.each(['1234567890', '0684159415', '0499370890', '0010007700'])(
    'refuses the check digit of %s',
    (id) => {
      expect(parseNationalId(id)).toEqual({ ok: false, reason: 'checksum' });
    },
  );

  it.each(Array.from('023456789', (d) => d.repeat(10)))(
    'refuses %s, which the formula passes',
    (id) => {
      expect(parseNationalId(id)).toEqual({ ok: false, reason: 'all-equal' });
    },
  );

  it('accepts 1111111111, with a warning', () => {
    expect(parseNationalId('1111111111')).toEqual({
      ok: true,
      value: '1111111111',
      warning: 'all-equal',
    });
  });

  it.each([
    ['', 'length'],
    ['499370899', 'length'],
    ['00499370899', 'length'],
    ['049937089x', 'characters'],
    ['+0499370899', 'characters'],
    ['０４９９３７０８９９', 'characters'],
  ])('refuses %j: %s', (input, reason) => {
    expect(parseNationalId(input)).toEqual({ ok: false, reason });
  });

  it('accepts every valid id, and as a string of exactly 10 ASCII digits', () => {
    fc.assert(
      fc.property(nationalId, (id) => {
        expect(parseNationalId(id)).toEqual({ ok: true, value: id });
        expect(id).toMatch(/^[0-9]{10}$/);
      }),
    );
  });

  it('accepts exactly one check digit for any nine digits', () => {
    fc.assert(
      fc.property(digits(9), (nine) => {
        const accepted = Array.from('0123456789').filter((last) => {
          const result = parseNationalId(nine.join('') + last);
          return result.ok || result.reason === 'all-equal';
        });
        expect(accepted).toEqual([checkDigitOfRemainder.charAt(weightedSum(nine) % 11)]);
      }),
    );
  });

  it('reads the same id from three digit sets and through any noise', () => {
    fc.assert(
      fc.property(
        nationalId.chain((id) => fc.tuple(fc.constant(id), typed(id))),
        ([id, input]) => {
          expect(parseNationalId(input)).toEqual({ ok: true, value: id });
        },
      ),
    );
  });
});

describe("the national id's checksum", () => {
  const wrongDigit = fc
    .record({ id: nationalId, index: fc.nat({ max: 9 }), other: fc.integer({ min: 1, max: 9 }) })
    .map(({ id, index, other }) => {
      const digit = String((Number(id[index]) + other) % 10);
      return { id, index, changed: replaceAt(id, index, digit) };
    });

  it('refuses every wrong digit, unless the id ends in 1 and r moves between 1 and 10', () => {
    fc.assert(
      fc.property(wrongDigit, ({ id, index, changed }) => {
        const slips =
          index < 9 && id.endsWith('1') && remainderOf(id) + remainderOf(changed) === 11;
        expect(parseNationalId(changed).ok).toBe(slips);
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses two different neighbours in exchanged places, with the same exception', () => {
    fc.assert(
      fc.property(nationalId, fc.nat({ max: 7 }), (id, index) => {
        const pair = id.slice(index, index + 2);
        fc.pre(pair[0] !== pair[1]);
        const changed = id.slice(0, index) + pair.charAt(1) + pair.charAt(0) + id.slice(index + 2);
        const slips = id.endsWith('1') && remainderOf(id) + remainderOf(changed) === 11;
        expect(parseNationalId(changed).ok).toBe(slips);
      }),
      { numRuns: 2000 },
    );
  });

  it('does let this one through: 7340416501 is valid, and so is 5340416501', () => {
    expect(parseNationalId('7340416501').ok).toBe(true);
    expect(parseNationalId('5340416501').ok).toBe(true);
  });
});

describe('NationalId', () => {
  it('is canonical text only: the parser folds, the schema never does', () => {
    expect(NationalId.safeParse('0499370899').success).toBe(true);
    expect(NationalId.safeParse('۰۴۹۹۳۷۰۸۹۹').success).toBe(false);
    expect(NationalId.safeParse('049-937089-9').success).toBe(false);
    expect(NationalId.safeParse('0499370899\n').success).toBe(false);
    expect(NationalId.safeParse(499370899).success).toBe(false);
  });

  it('says nothing of the value it refuses', () => {
    expect(NationalId.safeParse('0499370898').error?.message).not.toContain('0499370898');
  });
});

describe('formatNationalId', () => {
  it('groups for the eye', () => {
    expect(formatNationalId(NationalId.parse('0499370899'))).toBe('049-937089-9');
  });

  it('is undone by parseNationalId', () => {
    fc.assert(
      fc.property(nationalId, (id) => {
        expect(parseNationalId(formatNationalId(NationalId.parse(id)))).toEqual({
          ok: true,
          value: id,
        });
      }),
    );
  });
});
