import * as z from 'zod';
import { parseLegalId } from './legal-id.ts';
import { parseNationalId } from './national-id.ts';
import { accepted, type Parsed } from './parsed.ts';
import { type PlateInput, parsePlate } from './plate.ts';
import { parsePostalCode } from './postal-code.ts';
import type { Subject } from './subject.ts';

/** Whom or what is meant, as a person types it: any digits, hyphens, direction marks. */
export type SubjectInput =
  | {
      readonly type: 'ir-national-id' | 'ir-legal-id' | 'ir-postal-code';
      readonly value: string;
    }
  | { readonly type: 'ir-plate'; readonly value: PlateInput };

/** The canonical subject of what was typed. */
export const parseSubject = (subject: SubjectInput): Parsed<Subject, string> => {
  switch (subject.type) {
    case 'ir-national-id': {
      const parsed = parseNationalId(subject.value);
      return parsed.ok ? accepted({ type: subject.type, value: parsed.value }) : parsed;
    }
    case 'ir-legal-id': {
      const parsed = parseLegalId(subject.value);
      return parsed.ok ? accepted({ type: subject.type, value: parsed.value }) : parsed;
    }
    case 'ir-postal-code': {
      const parsed = parsePostalCode(subject.value);
      return parsed.ok ? accepted({ type: subject.type, value: parsed.value }) : parsed;
    }
    case 'ir-plate': {
      const parsed = parsePlate(subject.value);
      return parsed.ok ? accepted({ type: subject.type, value: parsed.value }) : parsed;
    }
  }
};

const typed = z.string().max(64);

/** A subject in a question that is posted, made canonical; a refusal holds nothing of the value. */
export const TypedSubject = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.enum(['ir-national-id', 'ir-legal-id', 'ir-postal-code']),
      value: typed,
    }),
    z.strictObject({
      type: z.literal('ir-plate'),
      value: z.strictObject({ two: typed, letter: typed, three: typed, region: typed }),
    }),
  ])
  .transform((input, context): Subject => {
    const parsed = parseSubject(input);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', path: ['value'], message: 'is not one of its type' });
    return z.NEVER;
  });
