import * as z from 'zod';
import { type DigitsRefusal, digitsRefusal } from './digits.ts';
import { accepted, type Parsed, refused } from './parsed.ts';
import { toIdentifierInput } from './text.ts';

/** A canonical postal code (کد پستی): exactly 10 ASCII digits; there is no check digit. */
export const PostalCode = z
  .stringFormat('ir-postal-code', (text) => digitsRefusal(text, 10) === undefined, {
    error: 'must be 10 ASCII digits',
  })
  .brand<'PostalCode'>();
export type PostalCode = z.infer<typeof PostalCode>;

/** A postal code as a person types it. */
export const parsePostalCode = (input: string): Parsed<PostalCode, DigitsRefusal> => {
  const digits = toIdentifierInput(input);
  const refusal = digitsRefusal(digits, 10);
  return refusal === undefined ? accepted(PostalCode.parse(digits)) : refused(refusal);
};

/** As it is printed on letters: `12345-67890`. */
export const formatPostalCode = (code: PostalCode): string =>
  `${code.slice(0, 5)}-${code.slice(5)}`;
