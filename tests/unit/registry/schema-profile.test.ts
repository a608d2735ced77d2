import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { sampleServices as seeds } from '#infra/local/seed/services.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { ObjectSchema, violations } from '#shared/registry/json-schema.ts';
import {
  checkSchema,
  deepest,
  largestSchema,
  mostFaults,
  mostNodes,
  mostProperties,
} from '#shared/registry/schema-profile.ts';
import { sampleServices } from '#tests/support/registry.ts';

const at = '/cmd/with/input';

const Json = z.json();
const jsonOf = (value: unknown): JsonValue => Json.parse(JSON.parse(JSON.stringify(value)));

const objectOf = (properties: JsonObject, required: readonly JsonValue[] = []): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const word = { type: 'string', maxLength: 200 } as const;

/** Where a schema with one property, or one of its own, is wrong. */
const pointersOf = (schema: JsonValue): readonly string[] =>
  checkSchema(schema, at).map(({ pointer }) => pointer.slice(at.length));
const of = (schema: JsonValue): readonly string[] => pointersOf(objectOf({ one: schema }));

const nested = (depth: number): JsonObject => {
  let schema: JsonObject = { type: 'boolean' };
  for (let level = 1; level < depth; level += 1) schema = objectOf({ one: schema });
  return schema;
};

const many = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`p${place}`, { const: true }]));

describe('checkSchema accepts', () => {
  it.each(
    [...seeds, ...sampleServices].map(({ ref, input, output }) => [ref, input, output] as const),
  )('the schemas of %s', (_, input, output) => {
    expect(checkSchema(jsonOf(input), at)).toEqual([]);
    expect(checkSchema(jsonOf(output), at)).toEqual([]);
  });

  it.each<readonly [string, JsonValue]>([
    ['a text of the most characters', { type: 'string', minLength: 0, maxLength: 4000 }],
    ['a text of one form', { type: 'string', maxLength: 26, pattern: '^IR[0-9]{24}$' }],
    ['a text of a format', { type: 'string', format: 'ir-national-id' }],
    ['a date', { type: 'string', format: 'date', title: 'تاریخ', description: 'روز صدور' }],
    ['a text out of a list', { type: 'string', enum: ['alive', 'deceased'] }],
    ['a list without a type', { enum: ['alive', 1, true] }],
    ['a constant', { const: 'yes' }],
    ['a constant of a type', { type: 'integer', const: 0 }],
    ['an integer', { type: 'integer', minimum: -5, maximum: 5, multipleOf: 5 }],
    ['an open integer', { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 9 }],
    ['yes or no', { type: 'boolean' }],
    ['an array', { type: 'array', items: word, minItems: 0, maxItems: 256, uniqueItems: true }],
    ['an object', objectOf({ two: word }, ['two'])],
  ])('%s', (_, schema) => {
    expect(of(schema)).toEqual([]);
  });

  it('as much as its bounds say, and not more', () => {
    expect(pointersOf(nested(deepest))).toEqual([]);
    expect(pointersOf(nested(deepest + 1))).toEqual(['/properties/one'.repeat(deepest)]);
    expect(pointersOf(objectOf(many(mostProperties)))).toEqual([]);
    expect(pointersOf(objectOf(many(mostProperties + 1)))).toEqual(['/properties']);
    const nodes = (last: number) =>
      objectOf({
        a: objectOf(many(64)),
        b: objectOf(many(64)),
        c: objectOf(many(64)),
        d: objectOf(many(last)),
      });
    expect(pointersOf(nodes(mostNodes - 5 - 3 * 64))).toEqual([]);
    expect(pointersOf(nodes(mostNodes - 4 - 3 * 64))).toEqual(['']);
    const sized = (bytes: number): JsonObject => {
      const described = (length: number): JsonObject => ({
        type: 'boolean',
        description: 'x'.repeat(length),
      });
      const twelve = Object.fromEntries(
        Array.from('abcdefghijk').map((name) => [name, described(450)]),
      );
      const rest =
        bytes - Buffer.byteLength(JSON.stringify(objectOf({ ...twelve, l: described(0) })));
      return objectOf({ ...twelve, l: described(rest) });
    };
    expect(JSON.stringify(sized(largestSchema))).toHaveLength(largestSchema);
    expect(pointersOf(sized(largestSchema))).toEqual([]);
    expect(pointersOf(sized(largestSchema + 1))).toEqual(['']);
  });
});

describe('checkSchema refuses', () => {
  it.each<readonly [string, JsonValue, readonly string[]]>([
    ['null', null, ['']],
    ['a text', 'object', ['']],
    ['an array', [], ['']],
    ['true, that everything fits', true, ['']],
    ['nothing said', {}, ['']],
    ['a schema of no object', word, ['']],
    ['two types', { ...objectOf({}), type: ['object', 'null'] }, ['']],
    [
      'no properties',
      { type: 'object', required: [], additionalProperties: false },
      ['/properties'],
    ],
    ['properties that are a list', { ...objectOf({}), properties: [] }, ['/properties']],
    [
      'nothing about what is required',
      { type: 'object', properties: {}, additionalProperties: false },
      ['/required'],
    ],
    ['a required name that is not declared', objectOf({ one: word }, ['two']), ['/required']],
    ['a required name twice', objectOf({ one: word, two: word }, ['one', 'one']), ['/required']],
    ['more required than declared', objectOf({ one: word }, ['one', 'one']), ['/required']],
    ['a required number', objectOf({ one: word }, [1]), ['/required']],
    ['a required name that is inherited', objectOf({ one: word }, ['toString']), ['/required']],
    ['other members', { ...objectOf({}), additionalProperties: true }, ['/additionalProperties']],
    [
      'other members of a form',
      { ...objectOf({}), additionalProperties: word },
      ['/additionalProperties'],
    ],
    ['an object that is open', { type: 'object', properties: {}, required: [] }, ['']],
  ])('%s', (_, schema, pointers) => {
    expect(pointersOf(schema)).toEqual(pointers);
  });

  it.each<readonly [string, JsonValue, string]>([
    ['true', true, ''],
    ['a schema that says nothing', {}, ''],
    ['a title alone', { title: 'x' }, ''],
    ['a number with decimals', { type: 'number' }, '/type'],
    ['null', { type: 'null' }, '/type'],
    ['a type of its own', { type: 'constructor' }, '/type'],
    ['a type that is empty', { type: '', const: 1 }, ''],
    ['types', { type: ['string', 'integer'], maxLength: 5 }, '/type'],
    ['a text without a bound', { type: 'string' }, ''],
    ['a text bounded by its form alone', { type: 'string', pattern: '^a{1,5}$' }, ''],
    ['a text bounded from below', { type: 'string', minLength: 1 }, ''],
    ['a text above the most', { type: 'string', maxLength: 4001 }, '/maxLength'],
    ['a length that is a text', { type: 'string', maxLength: '5' }, '/maxLength'],
    ['a length below nothing', { type: 'string', maxLength: -1 }, '/maxLength'],
    ['a length of a half', { type: 'string', maxLength: 1.5 }, '/maxLength'],
    ['lengths the wrong way', { type: 'string', minLength: 3, maxLength: 2 }, ''],
    ['a format of others', { type: 'string', format: 'email', maxLength: 9 }, '/format'],
    ['a format that is inherited', { type: 'string', format: 'toString' }, '/format'],
    ['a pattern that hangs', { type: 'string', maxLength: 9, pattern: '(a+)+$' }, '/pattern'],
    ['a pattern that is no text', { type: 'string', maxLength: 9, pattern: 1 }, '/pattern'],
    ['an array without a bound', { type: 'array', items: word }, ''],
    ['an array above the most', { type: 'array', items: word, maxItems: 257 }, '/maxItems'],
    ['an array of anything', { type: 'array', maxItems: 2 }, '/items'],
    [
      'an array of texts without a bound',
      { type: 'array', items: { type: 'string' }, maxItems: 2 },
      '/items',
    ],
    ['an array with places', { type: 'array', items: [word], maxItems: 2 }, '/items'],
    ['counts the wrong way', { type: 'array', items: word, minItems: 3, maxItems: 2 }, ''],
    [
      'uniqueItems that is a text',
      { type: 'array', items: word, maxItems: 2, uniqueItems: 'yes' },
      '/uniqueItems',
    ],
    ['a bound of a fraction', { type: 'integer', minimum: 0.5 }, '/minimum'],
    ['a bound beyond the safe integers', { type: 'integer', maximum: 2 ** 53 }, '/maximum'],
    ['a multiple of nothing', { type: 'integer', multipleOf: 0 }, '/multipleOf'],
    ['bounds the wrong way', { type: 'integer', minimum: 3, maximum: 2 }, ''],
    [
      'a bound in the way of draft 4',
      { type: 'integer', minimum: 3, exclusiveMinimum: true },
      '/exclusiveMinimum',
    ],
    ['a list of nothing', { enum: [] }, '/enum'],
    ['a list that is none', { enum: 'alive' }, '/enum'],
    ['a list above the most', { enum: Array.from({ length: 257 }, (_, place) => place) }, '/enum'],
    ['a list with a value twice', { enum: ['a', 'a'] }, '/enum'],
    ['a list of objects', { enum: [{ a: 1 }] }, '/enum'],
    ['a list with null', { enum: [null] }, '/enum'],
    ['a list with a fraction', { enum: [0.5] }, '/enum'],
    ['a list with a long text', { enum: ['x'.repeat(4001)] }, '/enum'],
    ['a list with a number like a person', { enum: ['0499370899'] }, '/enum'],
    ['a list of another type', { type: 'string', enum: ['a', 1] }, ''],
    ['a constant of another type', { type: 'integer', const: 'a' }, ''],
    ['a constant that is an array', { const: [] }, '/const'],
    ['a title that is no text', { type: 'boolean', title: 1 }, '/title'],
    ['a long title', { type: 'boolean', title: 'x'.repeat(501) }, '/title'],
    ['a title with a number like a person', { type: 'boolean', title: 'کد ۰۴۹۹۳۷۰۸۹۹' }, '/title'],
    ['a description that is no text', { type: 'boolean', description: {} }, '/description'],
    ['an open object inside', { type: 'object', properties: {}, required: [] }, ''],
  ])('a property with %s', (_, schema, pointer) => {
    expect(of(schema)).toContain(`/properties/one${pointer}`);
  });

  it.each([
    '$ref',
    '$dynamicRef',
    '$recursiveRef',
    '$id',
    'id',
    '$schema',
    '$defs',
    'definitions',
    '$anchor',
    '$dynamicAnchor',
    '$vocabulary',
    '$comment',
    'allOf',
    'anyOf',
    'oneOf',
    'not',
    'if',
    'then',
    'else',
    'patternProperties',
    'propertyNames',
    'minProperties',
    'dependentRequired',
    'dependentSchemas',
    'unevaluatedProperties',
    'unevaluatedItems',
    'prefixItems',
    'contains',
    'default',
    'examples',
    'contentEncoding',
    'contentSchema',
    'nullable',
    'x-note',
    '__absolute_uri__',
    '__absolute_ref__',
    '__proto__',
    'constructor',
    'toString',
  ])('the keyword %s, anywhere', (keyword) => {
    for (const value of ['#', 'https://example.com/schema', {}, [], true, null]) {
      const surplus = Object.fromEntries([[keyword, value]]);
      const including = (schema: JsonObject): JsonObject =>
        Object.fromEntries([...Object.entries(schema), ...Object.entries(surplus)]);
      expect(pointersOf(including(objectOf({})))).toContain('');
      expect(of(including(word))).toContain('/properties/one');
      expect(of(including({ const: 1 }))).toContain('/properties/one');
      expect(of({ type: 'array', maxItems: 1, items: including(word) })).toContain(
        '/properties/one/items',
      );
    }
  });

  it('a keyword of another type', () => {
    expect(of({ type: 'boolean', maxLength: 1 })).toEqual(['/properties/one']);
    expect(of({ type: 'integer', pattern: '^a$' })).toEqual(['/properties/one']);
    expect(of({ enum: ['a'], format: 'date' })).toEqual(['/properties/one']);
    expect(of({ type: 'array', items: word, maxItems: 1, enum: [1] })).toContain('/properties/one');
  });

  it.each([
    '',
    'a b',
    'a-b',
    'a_b',
    'a/b',
    '~',
    '1a',
    'نام',
    '$ref',
    '__proto__',
    'constructor',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'prototype',
    'a'.repeat(42),
    'n0499370899',
  ])('a property called %j, without naming it', (name) => {
    const schema = objectOf(Object.fromEntries([[name, word]]));
    expect(pointersOf(schema)).toEqual(['/properties']);
    const [fault] = checkSchema(schema, at);
    expect(fault?.detail).not.toContain(name.length < 3 ? name.repeat(3) || 'a b' : name);
  });

  it('what is very deep or very large, soon', () => {
    let deep: JsonObject = word;
    for (let level = 0; level < 50_000; level += 1) deep = objectOf({ one: deep });
    expect(pointersOf(deep)).toEqual(['/properties/one'.repeat(deepest)]);
    let list: JsonValue = [];
    for (let level = 0; level < 50_000; level += 1) list = [list];
    expect(of({ const: list })).toEqual(['/properties/one/const']);
    expect(of({ enum: [list] })).toEqual(['/properties/one/enum']);
    expect(pointersOf(objectOf({ one: word }, [list]))).toEqual(['/required']);
    expect(pointersOf({ ...objectOf({}), note: list })).toEqual(['']);
    expect(pointersOf(objectOf(many(100_000)))).toEqual(['/properties']);
    const wide = objectOf(
      Object.fromEntries(Object.keys(many(64)).map((name) => [name, objectOf(many(64))])),
    );
    expect(pointersOf(wide)).toEqual(['']);
    const wrong = Object.fromEntries(
      Object.keys(many(64)).map((name) => [name, { type: 'number' }]),
    );
    expect(pointersOf(objectOf(wrong))).toHaveLength(mostFaults);
  });
});

const anySchema = fc.letrec<{ schema: JsonValue }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.record(
      {
        type: fc.constantFrom('string', 'integer', 'boolean', 'number'),
        maxLength: fc.integer({ min: -1, max: 4100 }),
        format: fc.constantFrom('date', 'ir-mobile', 'email'),
        minimum: fc.integer(),
        enum: fc.array(fc.oneof(fc.constantFrom('a', 'b'), fc.integer()), { maxLength: 3 }),
        title: fc.string({ maxLength: 5 }),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({
      type: fc.constant('array'),
      items: tie('schema'),
      maxItems: fc.integer({ min: 0, max: 260 }),
    }),
    fc
      .dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tie('schema'), {
        maxKeys: 4,
        noNullPrototype: true,
      })
      .map((properties): JsonValue => objectOf(properties, Object.keys(properties).slice(0, 1))),
    fc.constantFrom<JsonValue>(
      { type: 'string', maxLength: 9 },
      { type: 'boolean' },
      { type: 'integer' },
    ),
  ),
})).schema;

describe('a schema that fits', () => {
  it('is one that the registry stores, and that judges values without a surprise', () => {
    let fitting = 0;
    fc.assert(
      fc.property(anySchema, fc.jsonValue({ maxDepth: 3 }), (one, value) => {
        const schema = objectOf({ one });
        if (checkSchema(schema, at).length > 0) return;
        fitting += 1;
        const parsed = ObjectSchema.parse(schema);
        expect(parsed).toEqual(schema);
        const sent = { one: jsonOf(value) };
        for (const { pointer } of violations(parsed, sent, ''))
          expect(['', '/one']).toContain(pointer);
      }),
      { numRuns: 2000 },
    );
    expect(fitting).toBeGreaterThan(200);
  });

  it('bounds what a value can be: no text of it is longer than the most', () => {
    const texts = (value: JsonValue): number => {
      if (typeof value === 'string') return value.length;
      return typeof value === 'object' && value !== null
        ? Math.max(0, ...Object.values(value).map(texts))
        : 0;
    };
    const value = fc.constantFrom<JsonValue>('x'.repeat(4001), ['x'.repeat(4001)], {
      a: 'x'.repeat(4001),
    });
    fc.assert(
      fc.property(anySchema, value, (one, sent) => {
        const schema = objectOf({ one });
        if (checkSchema(schema, at).length > 0) return;
        expect(texts(sent)).toBe(4001);
        expect(violations(ObjectSchema.parse(schema), { one: sent }, '')).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('is not changed by looking at it, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anySchema, (any, one) => {
        for (const json of [any, one, objectOf({ one })]) {
          const value = jsonOf(json);
          const before = JSON.stringify(value);
          for (const { pointer } of checkSchema(value, at))
            expect(pointer.startsWith(at)).toBe(true);
          expect(JSON.stringify(value)).toBe(before);
        }
      }),
    );
  });

  it('shows nothing of what is wrong but the names of properties that are right', () => {
    const secret = fc.stringMatching(/^secret[-_$0-9]{1,12}$/);
    const hostile = fc.dictionary(
      fc.oneof(secret, fc.constantFrom('type', 'enum', 'const', 'pattern', 'title', 'required')),
      fc.oneof(secret, fc.array(secret, { maxLength: 2 }), fc.integer({ min: 700_000_000 })),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(hostile, secret, (schema, name) => {
        const sent = objectOf({ one: schema, [name]: word }, [name]);
        const said = JSON.stringify(checkSchema(sent, at));
        expect(said).not.toMatch(/secret|[0-9]{9}/);
      }),
    );
  });
});
