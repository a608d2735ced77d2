import type { ProblemPointer } from '../kernel/problem.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../kernel/strict-json.ts';
import { holdsLongNumber } from './plain-text.ts';
import { keywords, longestText, mostItems } from './schema-keywords.ts';

/** Nesting of schemas that is taken; the outermost is at 1. */
export const deepest = 5;
export const mostProperties = 64;
/** Schemas in one schema, itself among them. */
export const mostNodes = 256;
/** UTF-8 bytes of a schema as JSON. */
export const largestSchema = 6000;
/** The most faults that are told at once. */
export const mostFaults = 32;

const propertyName = /^[A-Za-z][A-Za-z0-9]{0,40}$/;

/** Names that every object of the language has by itself. */
const isInherited = (name: string): boolean => name in {} || name === 'prototype';

/** A field's name enters the log whenever the field is withheld. */
const isPropertyName = (name: string): boolean =>
  propertyName.test(name) && !isInherited(name) && !holdsLongNumber(name);

/** Pairs of which the first may not be above the second. */
const bounds = [
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minimum', 'maximum'],
] as const;

const typeOf = (value: JsonValue | undefined): string =>
  typeof value === 'number' ? 'integer' : typeof value;

/** What a schema must hold, by its type, and how what it holds must go together. */
const togetherFault = (schema: JsonObject): string | undefined => {
  const { type, enum: values, const: value } = schema;
  const named = [...(isJsonArray(values) ? values : []), ...(value === undefined ? [] : [value])];
  if (type === undefined && named.length === 0) return 'must have a type, an enum or a const';
  if (type !== undefined && named.some((one) => typeOf(one) !== type)) {
    return 'must name values of its own type only';
  }
  const isNamed = named.length > 0 || schema['format'] !== undefined;
  if (type === 'string' && !isNamed && schema['maxLength'] === undefined) {
    return `must be bounded: by a maxLength of at most ${longestText}, an enum, a const or a format`;
  }
  if (type === 'array' && schema['maxItems'] === undefined) {
    return `must be bounded: by a maxItems of at most ${mostItems}`;
  }
  const crossed = bounds.find(([low, high]) => Number(schema[low]) > Number(schema[high]));
  return crossed && `must not have a ${crossed[0]} above its ${crossed[1]}`;
};

const requiredFault = (required: JsonValue | undefined, names: readonly string[]) => {
  if (!isJsonArray(required)) return 'must be an array of the names that are required';
  if (required.length > names.length) return 'must name declared properties, each once';
  const declared = required.every((name) => typeof name === 'string' && names.includes(name));
  return declared && new Set(required).size === required.length
    ? undefined
    : 'must name declared properties, each once';
};

/** Walks a schema; every fault, in its order. Nothing below {@link deepest} is looked at. */
const walk = (root: JsonValue, start: string): readonly ProblemPointer[] => {
  const found: ProblemPointer[] = [];
  let nodes = 0;

  const say = (pointer: string, detail: string | undefined): void => {
    if (detail !== undefined) found.push({ pointer, detail });
  };

  const properties = (schema: JsonObject, at: string, depth: number): void => {
    const { properties: declared, required, additionalProperties } = schema;
    if (additionalProperties === undefined) say(at, 'must have additionalProperties: false');
    if (!isJsonObject(declared)) {
      say(`${at}/properties`, 'must be an object of the properties');
      return;
    }
    const names = Object.keys(declared);
    if (names.length > mostProperties) {
      say(`${at}/properties`, `must be at most ${mostProperties}`);
      return;
    }
    say(`${at}/required`, requiredFault(required, names));
    if (!names.every(isPropertyName)) {
      say(
        `${at}/properties`,
        `must have names that fit ${propertyName.source}, without long numbers`,
      );
    }
    for (const [name, value] of Object.entries(declared)) {
      if (isPropertyName(name)) node(value, `${at}/properties/${name}`, depth + 1);
    }
  };

  const node = (schema: JsonValue | undefined, at: string, depth: number): void => {
    nodes += 1;
    if (nodes > mostNodes) return;
    if (depth > deepest) {
      say(at, `must be nested at most ${deepest} deep`);
      return;
    }
    if (!isJsonObject(schema)) {
      say(at, 'must be an object');
      return;
    }
    const { type = '' } = schema;
    const known = typeof type === 'string' ? keywords.get(type) : undefined;
    if (known === undefined) {
      say(`${at}/type`, 'must be one of: object, array, string, integer, boolean');
      return;
    }
    const names = Object.keys(schema);
    if (!names.every((name) => Object.hasOwn(known, name))) {
      say(at, `must hold no other keywords than: ${Object.keys(known).join(', ')}`);
    }
    for (const [name, check] of Object.entries(known)) {
      const value = schema[name];
      if (Object.hasOwn(schema, name) && value !== undefined) say(`${at}/${name}`, check(value));
    }
    say(at, togetherFault(schema));
    if (type === 'object') properties(schema, at, depth);
    if (type === 'array') node(schema['items'], `${at}/items`, depth + 1);
  };

  node(root, start, 1);
  if (nodes > mostNodes) say(start, `must hold at most ${mostNodes} schemas in all`);
  return found;
};

/**
 * Where a schema leaves the profile of JSON Schema 2020-12 that a service may use, as pointers below
 * `at`; empty when it fits. Every object is closed, every text and array bounded, numbers are integers,
 * a pattern takes linear time, and nothing refers to anything. A pointer names only properties that
 * have a name as the profile wants it, and a detail names the rule, so nothing else of the input shows.
 */
export const checkSchema = (json: JsonValue, at: string): readonly ProblemPointer[] => {
  if (!isJsonObject(json) || json['type'] !== 'object') {
    return [{ pointer: at, detail: 'must be the schema of an object' }];
  }
  const found = walk(json, at);
  if (found.length > 0) return found.slice(0, mostFaults);
  return Buffer.byteLength(JSON.stringify(json)) > largestSchema
    ? [{ pointer: at, detail: `must be at most ${largestSchema} bytes of JSON` }]
    : [];
};
