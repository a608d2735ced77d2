import type * as z from 'zod';
import { BirthDate } from './date.ts';
import { LegalId } from './legal-id.ts';
import { Mobile } from './mobile.ts';
import { NationalId } from './national-id.ts';
import { PostalCode } from './postal-code.ts';

export type FormatName =
  | 'ir-national-id'
  | 'ir-legal-id'
  | 'ir-postal-code'
  | 'ir-mobile'
  | 'ir-birth-date';

const accepts =
  (schema: z.ZodType) =>
  (text: string): boolean =>
    schema.safeParse(text).success;

/**
 * The `format` names (JSON Schema 2020-12, validation §7.2.3) that a service's schemas may use
 * beyond the standard ones. Each accepts canonical text only.
 */
export const formats: Readonly<Record<FormatName, (text: string) => boolean>> = {
  'ir-national-id': accepts(NationalId),
  'ir-legal-id': accepts(LegalId),
  'ir-postal-code': accepts(PostalCode),
  'ir-mobile': accepts(Mobile),
  'ir-birth-date': accepts(BirthDate),
};
