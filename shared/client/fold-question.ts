import { Problem } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../kernel/strict-json.ts';
import type { Subject } from '../persian/subject.ts';
import { parseSubject, type SubjectInput } from '../persian/subject-input.ts';
import { foldDigits, toInput } from '../persian/text.ts';

/** The canonical subject: once it is signed there is nobody left who may fold ۰ to 0. */
export const foldSubject = (subject: SubjectInput): Subject => {
  const parsed = parseSubject(subject);
  if (parsed.ok) return parsed.value;
  throw new Problem('invalid-claims', 'The subject is not right; nothing was sent.', {
    errors: [{ pointer: '/subject/value', detail: `is wrong in its ${parsed.reason}` }],
  });
};

const foldValue = (value: JsonValue): JsonValue => {
  if (typeof value === 'string') return foldDigits(toInput(value));
  if (Array.isArray(value)) return value.map(foldValue);
  return isJsonObject(value) ? foldTexts(value) : value;
};

/** Every text with ASCII digits, Persian ی and ک, and no direction marks. */
export const foldTexts = (params: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, foldValue(value)]));
