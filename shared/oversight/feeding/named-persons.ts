import { isJsonArray, isJsonObject, type JsonValue } from '../../kernel/strict-json.ts';
import type { Subject } from '../../persian/subject.ts';
import { parseSubject } from '../../persian/subject-input.ts';
import type { ObjectSchema } from '../../registry/json-schema.ts';
import { taggedSubject } from '../tags.ts';

/** Persons of one inquiry that are found again: so many rows of the subject index it may cost. */
export const mostNamed = 64;

/** What of a text is looked at: a number as somebody may type it. */
const longest = 64;

type Typed = { readonly type: 'ir-legal-id' | 'ir-national-id'; readonly value: string };

const typedAs = (format: JsonValue | undefined, value: string): readonly Typed[] =>
  format === 'ir-national-id' || format === 'ir-legal-id' ? [{ type: format, value }] : [];

/** The texts that a schema says are numbers of persons, however deep, whether or not the rest fits it. */
function* numbersIn(
  schema: JsonValue | undefined,
  value: JsonValue,
): Generator<Typed, void, undefined> {
  if (!isJsonObject(schema)) return;
  const { format, items, properties } = schema;
  if (typeof value === 'string') {
    yield* typedAs(format, value);
  } else if (isJsonArray(value)) {
    for (const item of value) yield* numbersIn(items, item);
  } else if (isJsonObject(value) && isJsonObject(properties)) {
    for (const [name, inner] of Object.entries(value)) {
      if (Object.hasOwn(properties, name)) yield* numbersIn(properties[name], inner);
    }
  }
}

/**
 * The persons, legal ones too, that the params of an inquiry name by the input schema of its service:
 * the first {@link mostNamed}, each once. What a value looks like says nothing: a postal code has ten
 * digits as well.
 */
export const namedPersons = (
  { properties }: Pick<ObjectSchema, 'properties'>,
  params: JsonValue,
): readonly Subject[] => {
  const found = new Map<string, Subject>();
  for (const { type, value } of numbersIn({ properties }, params)) {
    const parsed = value.length > longest ? undefined : parseSubject({ type, value });
    if (parsed?.ok !== true) continue;
    found.set(`${type} ${taggedSubject(parsed.value).value}`, parsed.value);
    if (found.size === mostNamed) break;
  }
  return [...found.values()];
};
