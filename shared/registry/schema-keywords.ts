import { isJsonArray, type JsonValue } from '../kernel/strict-json.ts';
import { formats } from '../persian/formats.ts';
import { holdsLongNumber } from './plain-text.ts';
import { patternFault } from './safe-pattern.ts';

/** What would be right; undefined when it is. */
export type Check = (value: JsonValue) => string | undefined;

/** The most characters of a text that a service takes or gives. */
export const longestText = 4000;
/** The most items of an array, and values of an enum. */
export const mostItems = 256;
const longestAnnotation = 500;

const allowedFormats: readonly string[] = ['date', ...Object.keys(formats)];

const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be an integer from ${least} to ${most}`;

const anyWhole = whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

const annotation: Check = (value) => {
  if (typeof value !== 'string' || value.length > longestAnnotation) {
    return `must be a text of at most ${longestAnnotation} characters`;
  }
  return holdsLongNumber(value) ? 'must not hold a number of nine digits or more' : undefined;
};

/** A value that can be compared by itself: it enters the log with the schema. */
const plain: Check = (value) => {
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return undefined;
  if (typeof value !== 'string' || value.length > longestText) {
    return `must be a boolean, an integer or a text of at most ${longestText} characters`;
  }
  return holdsLongNumber(value) ? 'must not hold a number of nine digits or more' : undefined;
};

const choice: Check = (value) => {
  if (!isJsonArray(value) || value.length === 0 || value.length > mostItems) {
    return `must be an array of 1 to ${mostItems} values`;
  }
  if (new Set(value).size !== value.length) return 'must not name a value twice';
  return value.map(plain).find((fault) => fault !== undefined);
};

const format: Check = (value) =>
  typeof value === 'string' && allowedFormats.includes(value)
    ? undefined
    : `must be one of: ${allowedFormats.join(', ')}`;

const pattern: Check = (value) => {
  const fault = typeof value === 'string' ? patternFault(value) : 'is no text';
  return fault === undefined
    ? undefined
    : `must be a pattern of the linear subset; this one ${fault}`;
};

const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be a boolean');

/** Looked at together with what stands beside it. */
const elsewhere: Check = () => undefined;

const ofAll = { title: annotation, description: annotation, enum: choice, const: plain };

/** The keywords that a schema may use, by its `type`; '' when it names none. */
export const keywords: ReadonlyMap<string, Readonly<Record<string, Check>>> = new Map(
  Object.entries({
    '': ofAll,
    boolean: { type: elsewhere, ...ofAll },
    integer: {
      type: elsewhere,
      ...ofAll,
      minimum: anyWhole,
      maximum: anyWhole,
      exclusiveMinimum: anyWhole,
      exclusiveMaximum: anyWhole,
      multipleOf: whole(1, Number.MAX_SAFE_INTEGER),
    },
    string: {
      type: elsewhere,
      ...ofAll,
      minLength: whole(0, longestText),
      maxLength: whole(0, longestText),
      pattern,
      format,
    },
    array: {
      type: elsewhere,
      title: annotation,
      description: annotation,
      items: elsewhere,
      minItems: whole(0, mostItems),
      maxItems: whole(0, mostItems),
      uniqueItems: flag,
    },
    object: {
      type: elsewhere,
      title: annotation,
      description: annotation,
      properties: elsewhere,
      required: elsewhere,
      additionalProperties: (value) => (value === false ? undefined : 'must be false'),
    },
  }),
);
