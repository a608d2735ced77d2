import * as z from 'zod';
import { LegalId } from './legal-id.ts';
import { NationalId } from './national-id.ts';
import { Plate } from './plate.ts';
import { PostalCode } from './postal-code.ts';

export const subjectTypes = [
  'ir-national-id',
  'ir-legal-id',
  'ir-postal-code',
  'ir-plate',
] as const;

/** Without the names of the members that are too many: they are input as well. */
const error = 'must be an object of type and value and nothing else';

/**
 * Whom or what an inquiry is about (protocol.md §3, the disclosure `subject`). Canonical values
 * only: a signed token travels verbatim, so nobody is left who may fold ۰ to 0. A refusal holds
 * no value; only `keys` of an `unrecognized_keys` issue hold the member names that were sent.
 */
export const Subject = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('ir-national-id'), value: NationalId }, { error }),
    z.strictObject({ type: z.literal('ir-legal-id'), value: LegalId }, { error }),
    z.strictObject({ type: z.literal('ir-postal-code'), value: PostalCode }, { error }),
    z.strictObject({ type: z.literal('ir-plate'), value: Plate }, { error }),
  ],
  { error: `must have a type of ${subjectTypes.join(', ')}` },
);
export type Subject = Readonly<z.infer<typeof Subject>>;
