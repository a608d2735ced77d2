import * as z from 'zod';
import { type DigitsRefusal, digitsRefusal } from './digits.ts';
import { accepted, type Parsed, refused } from './parsed.ts';
import { toIdentifierInput } from './text.ts';

export type LegalIdRefusal = DigitsRefusal | 'no-serial' | 'checksum';

const weights = [29, 27, 23, 19, 17] as const;

/**
 * c = d[9] + 2, S = Σ (d[i] + c)·w[i mod 5] for i 0..9, r = S mod 11; the check digit is r, and 0
 * for r = 10. So r = 0 and r = 10 share the check digit 0, and only among ids that end in 0 can one
 * wrong digit slip through.
 */
const checkDigit = (digits: string): number => {
  const shift = Number(digits[9]) + 2;
  const sum = weights.reduce(
    (s, weight, i) => s + weight * (Number(digits[i]) + Number(digits[i + 5]) + 2 * shift),
    0,
  );
  return (sum % 11) % 10;
};

const refusalOf = (text: string): LegalIdRefusal | undefined => {
  const refusal = digitsRefusal(text, 11);
  if (refusal !== undefined) return refusal;
  if (text.slice(3, 9) === '000000') return 'no-serial';
  return checkDigit(text) === Number(text[10]) ? undefined : 'checksum';
};

/** A canonical legal id (شناسه ملی) of a company or body: exactly 11 ASCII digits. */
export const LegalId = z
  .stringFormat('ir-legal-id', (text) => refusalOf(text) === undefined, {
    error: 'must be 11 ASCII digits, the last a right check digit',
  })
  .brand<'LegalId'>();
export type LegalId = z.infer<typeof LegalId>;

/** A legal id as a person types it. */
export const parseLegalId = (input: string): Parsed<LegalId, LegalIdRefusal> => {
  const digits = toIdentifierInput(input);
  const refusal = refusalOf(digits);
  return refusal === undefined ? accepted(LegalId.parse(digits)) : refused(refusal);
};
