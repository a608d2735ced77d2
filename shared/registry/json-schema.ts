import { format as knownFormats, type Schema, Validator } from '@cfworker/json-schema';
import * as z from 'zod';
import type { ProblemPointer } from '../kernel/problem.ts';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import { formats } from '../persian/formats.ts';

Object.assign(knownFormats, formats);

/** A JSON Schema (2020-12) of an object, as a service declares it. */
export const ObjectSchema = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.record(z.string(), z.json())),
  required: z.array(z.string()),
  additionalProperties: z.literal(false),
});
export type ObjectSchema = z.infer<typeof ObjectSchema>;

const compiled = new WeakMap<ObjectSchema, Validator>();

const compile = (schema: ObjectSchema): Validator => {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  // The validator writes its own members into whatever it compiles.
  const plain: Schema = structuredClone(schema);
  const validator = new Validator(plain, '2020-12', false);
  compiled.set(schema, validator);
  return validator;
};

/** The names a schema declares: what an answer may hold, what a grant may allow. */
export const namesOf = (schema: ObjectSchema): readonly string[] => Object.keys(schema.properties);

/**
 * Where a value breaks its schema, as pointers below `at`; empty when it fits. A pointer names only
 * members that the schema declares, and a detail names the rule, so nothing of the value shows.
 */
export const violations = (
  schema: ObjectSchema,
  value: JsonObject | { readonly [name: string]: JsonValue },
  at: string,
): readonly ProblemPointer[] => {
  const { valid, errors } = compile(schema).validate(value);
  if (valid) return [];
  const declared = new Set(namesOf(schema));
  const found = new Map<string, ProblemPointer>();
  for (const { instanceLocation, keyword } of errors) {
    const [, member] = instanceLocation.split('/');
    if (keyword === 'properties') continue;
    const known = member !== undefined && declared.has(member);
    const pointer = known ? `${at}/${member}` : at;
    found.set(`${pointer} ${keyword}`, { pointer, detail: `breaks the schema's ${keyword}` });
  }
  return [...found.values()];
};
