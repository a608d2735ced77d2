import { plateLetters } from './plate.ts';
import type { Subject } from './subject.ts';

const digits = (count: number) => ({ type: 'string', pattern: `^[0-9]{${count}}$` }) as const;

/**
 * What the `value` of each type of subject looks like, as JSON Schema 2020-12. A `format` is one of
 * formats.ts: a number of the right form may still have a wrong check digit.
 */
export const subjectSchemas = {
  'ir-national-id': { ...digits(10), format: 'ir-national-id' },
  'ir-legal-id': { ...digits(11), format: 'ir-legal-id' },
  'ir-postal-code': { ...digits(10), format: 'ir-postal-code' },
  'ir-plate': {
    type: 'object',
    properties: {
      two: digits(2),
      letter: { enum: plateLetters },
      three: digits(3),
      region: digits(2),
    },
    required: ['two', 'letter', 'three', 'region'],
    additionalProperties: false,
  },
} as const satisfies Readonly<Record<Subject['type'], object>>;
