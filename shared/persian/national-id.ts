import * as z from 'zod';
import { type DigitsRefusal, digitsRefusal } from './digits.ts';
import { accepted, type Parsed, refused } from './parsed.ts';
import { toIdentifierInput } from './text.ts';

export type NationalIdRefusal = DigitsRefusal | 'all-equal' | 'checksum';
export type NationalIdWarning = 'all-equal';

/** Ten equal digits, and yet reported to be somebody's. */
const oddButReal = '1111111111';

/**
 * S = Σ d[i]·(10−i) for i 0..8 and r = S mod 11; the check digit is r if r < 2, else 11−r.
 *
 * So r = 1 and r = 10 share the check digit 1, and that is the whole of what slips through: among
 * ids that end in 1, a wrong digit that moves r from one to the other. Every other wrong digit, and
 * every wrong check digit, is caught.
 */
const checkDigit = (digits: string): number => {
  const sum = Array.from(digits.slice(0, 9), Number).reduce(
    (s, digit, i) => s + digit * (10 - i),
    0,
  );
  const remainder = sum % 11;
  return remainder < 2 ? remainder : 11 - remainder;
};

const refusalOf = (text: string): NationalIdRefusal | undefined => {
  const refusal = digitsRefusal(text, 10);
  if (refusal !== undefined) return refusal;
  if (/^(.)\1{9}$/.test(text) && text !== oddButReal) return 'all-equal';
  return checkDigit(text) === Number(text[9]) ? undefined : 'checksum';
};

/** A canonical national id (کد ملی): exactly 10 ASCII digits whose last is the check digit. */
export const NationalId = z
  .stringFormat('ir-national-id', (text) => refusalOf(text) === undefined, {
    error: 'must be 10 ASCII digits, the last a right check digit',
  })
  .brand<'NationalId'>();
export type NationalId = z.infer<typeof NationalId>;

/**
 * A national id as a person types it. Leading zeros must be there: to pad eight or nine digits
 * would turn a lost digit into another person's id. No prefix is refused: no list is complete.
 */
export const parseNationalId = (
  input: string,
): Parsed<NationalId, NationalIdRefusal, NationalIdWarning> => {
  const digits = toIdentifierInput(input);
  const refusal = refusalOf(digits);
  if (refusal !== undefined) return refused(refusal);
  const result = accepted(NationalId.parse(digits));
  return digits === oddButReal ? { ...result, warning: 'all-equal' } : result;
};

/** As it is read aloud and checked by eye: `049-937089-9`. */
export const formatNationalId = (id: NationalId): string =>
  `${id.slice(0, 3)}-${id.slice(3, 9)}-${id.slice(9)}`;
