import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LegalId, parseLegalId } from '#shared/persian/legal-id.ts';
import { digits, replaceAt, typed } from './typed.ts';

/** The weights mod 11, one for each digit: what is left of the formula when it is expanded. */
const residues = [7, 5, 1, 8, 6, 7, 5, 1, 8, 6] as const;

/** Σ w·d + 230·(d[9] + 2) mod 11, as 230 is the sum of the weights and 230 mod 11 = 10. */
const remainderOf = (ten: readonly number[]): number =>
  (residues.reduce((sum, w, i) => sum + w * (ten[i] ?? 0), 0) + 10 * ((ten[9] ?? 0) + 2)) % 11;

const checkDigitOfRemainder = '01234567890';

const digitsOf = (id: string): readonly number[] => Array.from(id.slice(0, 10), Number);

/** Valid ids, made by another road than the one under test. */
const legalId = digits(10)
  .filter((ten) => ten.slice(3, 9).some((d) => d !== 0))
  .map((ten) => ten.join('') + checkDigitOfRemainder.charAt(remainderOf(ten)));

describe('parseLegalId', () => {
  it.each(['10380284790', '14003778990', '10530283970', '10320894878'])(
    'accepts the published id %s',
    (id) => {
      expect(parseLegalId(id)).toEqual({ ok: true, value: id });
    },
  );

  it.each([
    ['10380285692', 'checksum'],
    ['10380284792', 'checksum'],
    ['11111111111', 'checksum'],
    ['09748208301', 'checksum'],
    ['', 'length'],
    ['1038028479', 'length'],
    ['103802847900', 'length'],
    ['1038028479X', 'characters'],
  ])('refuses %j: %s', (input, reason) => {
    expect(parseLegalId(input)).toEqual({ ok: false, reason });
  });

  it('refuses six zeros from the fourth digit on, whatever the check digit', () => {
    fc.assert(
      fc.property(digits(3), digits(2), (head, tail) => {
        const input = `${head.join('')}000000${tail.join('')}`;
        expect(parseLegalId(input)).toEqual({ ok: false, reason: 'no-serial' });
      }),
    );
  });

  it('accepts every valid id', () => {
    fc.assert(
      fc.property(legalId, (id) => {
        expect(parseLegalId(id)).toEqual({ ok: true, value: id });
      }),
    );
  });

  it('reads the same id from three digit sets and through any noise', () => {
    fc.assert(
      fc.property(
        legalId.chain((id) => fc.tuple(fc.constant(id), typed(id))),
        ([id, input]) => {
          expect(parseLegalId(input)).toEqual({ ok: true, value: id });
        },
      ),
    );
  });
});

describe("the legal id's checksum", () => {
  it('refuses every wrong digit, unless the id ends in 0 and r moves between 0 and 10', () => {
    const changes = fc.record({
      id: legalId,
      index: fc.nat({ max: 10 }),
      more: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(changes, ({ id, index, more }) => {
        const changed = replaceAt(id, index, String((Number(id[index]) + more) % 10));
        fc.pre(changed.slice(3, 9) !== '000000');
        const [r, s] = [remainderOf(digitsOf(id)), remainderOf(digitsOf(changed))];
        const slips = index < 10 && id.endsWith('0') && r !== s && r + s === 10;
        expect(parseLegalId(changed).ok).toBe(slips);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('LegalId', () => {
  it('is canonical text only, and says nothing of the value it refuses', () => {
    expect(LegalId.safeParse('10380284790').success).toBe(true);
    expect(LegalId.safeParse('۱۰۳۸۰۲۸۴۷۹۰').success).toBe(false);
    expect(LegalId.safeParse(10_380_284_790).success).toBe(false);
    expect(LegalId.safeParse('10380284792').error?.message).not.toContain('10380284792');
  });
});
