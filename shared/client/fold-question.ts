import { Problem } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../kernel/strict-json.ts';
import { parseLegalId } from '../persian/legal-id.ts';
import { parseNationalId } from '../persian/national-id.ts';
import type { Parsed } from '../persian/parsed.ts';
import { type PlateInput, parsePlate } from '../persian/plate.ts';
import { parsePostalCode } from '../persian/postal-code.ts';
import type { Subject } from '../persian/subject.ts';
import { foldDigits, toInput } from '../persian/text.ts';

/** Whom or what is asked about, as a person types it: any digits, hyphens, direction marks. */
export type SubjectInput =
  | {
      readonly type: 'ir-national-id' | 'ir-legal-id' | 'ir-postal-code';
      readonly value: string;
    }
  | { readonly type: 'ir-plate'; readonly value: PlateInput };

const folded = <Value>(parsed: Parsed<Value, string, string>): Value => {
  if (parsed.ok) return parsed.value;
  throw new Problem('invalid-claims', 'The subject is not right; nothing was sent.', {
    errors: [{ pointer: '/subject/value', detail: `is wrong in its ${parsed.reason}` }],
  });
};

/** The canonical subject: once it is signed there is nobody left who may fold ۰ to 0. */
export const foldSubject = (subject: SubjectInput): Subject => {
  switch (subject.type) {
    case 'ir-national-id':
      return { type: subject.type, value: folded(parseNationalId(subject.value)) };
    case 'ir-legal-id':
      return { type: subject.type, value: folded(parseLegalId(subject.value)) };
    case 'ir-postal-code':
      return { type: subject.type, value: folded(parsePostalCode(subject.value)) };
    case 'ir-plate':
      return { type: subject.type, value: folded(parsePlate(subject.value)) };
  }
};

const foldValue = (value: JsonValue): JsonValue => {
  if (typeof value === 'string') return foldDigits(toInput(value));
  if (Array.isArray(value)) return value.map(foldValue);
  return isJsonObject(value) ? foldTexts(value) : value;
};

/** Every text with ASCII digits, Persian ی and ک, and no direction marks. */
export const foldTexts = (params: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, foldValue(value)]));
