import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { namesOf, ObjectSchema, violations } from '#shared/registry/json-schema.ts';

const schema = ObjectSchema.parse({
  type: 'object',
  properties: {
    birthDate: { type: 'string', format: 'ir-birth-date' },
    nationalId: { type: 'string', format: 'ir-national-id' },
    mobile: { type: 'string', format: 'ir-mobile' },
    postalCode: { type: 'string', format: 'ir-postal-code' },
    legalId: { type: 'string', format: 'ir-legal-id' },
    months: { type: 'integer', minimum: 0, maximum: 600 },
    status: { enum: ['alive', 'deceased'] },
    address: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 10 } },
      additionalProperties: false,
    },
    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, uniqueItems: true },
  },
  required: ['birthDate'],
  additionalProperties: false,
});

const fits = { birthDate: '1985-03-21' } as const;

describe('violations', () => {
  it('finds none in a value that fits', () => {
    const whole = {
      ...fits,
      nationalId: '0499370899',
      mobile: '+989121234567',
      postalCode: '1193653471',
      legalId: '10380284790',
      months: 12,
      status: 'alive',
      address: { city: 'Shiraz' },
      tags: ['a', 'b'],
    };
    expect(violations(schema, whole, '')).toEqual([]);
  });

  it.each([
    ['a missing member', {}, ''],
    ['a birth date that is none', { birthDate: '1985-02-30' }, '/birthDate'],
    [
      'a national id with another check digit',
      { ...fits, nationalId: '0499370890' },
      '/nationalId',
    ],
    ['a mobile that is not E.164', { ...fits, mobile: '09121234567' }, '/mobile'],
    ['a postal code in other digits', { ...fits, postalCode: '۱۱۹۳۶۵۳۴۷۱' }, '/postalCode'],
    ['a legal id that is none', { ...fits, legalId: '11111111111' }, '/legalId'],
    ['a number beyond its bounds', { ...fits, months: 601 }, '/months'],
    ['a word outside a list', { ...fits, status: 'unknown' }, '/status'],
    ['a member inside a member', { ...fits, address: { city: 'x'.repeat(11) } }, '/address'],
    ['an item of a list', { ...fits, tags: ['a', 'B'] }, '/tags'],
  ])('points at %s', (_, value, pointer) => {
    const found = violations(schema, value, '/params');
    expect(found.length).toBeGreaterThan(0);
    expect(found.map((one) => one.pointer)).toContain(`/params${pointer}`);
  });

  it.each([
    'more',
    'constructor',
    'toString',
    '__proto__',
    'hasOwnProperty',
    'valueOf',
    'a/b',
    '~',
  ])('refuses the member %s, which the schema does not declare, without naming it', (name) => {
    const value = Object.fromEntries([
      ['birthDate', '1985-03-21'],
      [name, 'x'],
    ]);
    const found = violations(schema, value, '/params');
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ pointer }) => pointer))).toEqual(new Set(['/params']));
  });

  it.each(['constructor', 'toString', 'valueOf'])(
    'misses a required member called %s although every object inherits one',
    (name) => {
      const inherited = ObjectSchema.parse({
        type: 'object',
        properties: { [name]: { type: 'string' } },
        required: [name],
        additionalProperties: false,
      });
      expect(violations(inherited, {}, '').length).toBeGreaterThan(0);
    },
  );

  it('never shows any part of a value, nor a name that the schema does not declare', () => {
    const secret = fc.stringMatching(/^secret[a-zA-Z0-9/~#%]{1,20}$/);
    const value = fc.oneof(
      secret,
      fc.integer({ min: 700_000_000 }),
      fc.array(secret, { maxLength: 3 }),
      fc.dictionary(secret, secret, { maxKeys: 2, noNullPrototype: true }),
    );
    const object = fc.dictionary(fc.oneof(secret, fc.constantFrom(...namesOf(schema))), value, {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(object, (sent: JsonObject) => {
        const said = JSON.stringify(violations(schema, sent, '/params'));
        expect(said).not.toMatch(/secret|[0-9]{9}/);
        for (const { pointer } of violations(schema, sent, '/params')) {
          expect(['/params', ...namesOf(schema).map((name) => `/params/${name}`)]).toContain(
            pointer,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('says one thing once', () => {
    const found = violations(schema, { ...fits, tags: ['A', 'B', 'C'] }, '');
    const said = found.map(({ pointer, detail }) => `${pointer} ${detail}`);
    expect(new Set(said).size).toBe(said.length);
  });
});

describe('ObjectSchema', () => {
  it.each([
    ['is not about an object', { type: 'array' }],
    ['declares nothing', { properties: undefined }],
    ['does not say what is required', { required: undefined }],
    ['lets other members through', { additionalProperties: true }],
    ['does not close itself', { additionalProperties: undefined }],
  ])('refuses a schema that %s', (_, change) => {
    const closed = { type: 'object', properties: {}, required: [], additionalProperties: false };
    expect(ObjectSchema.safeParse(closed).success).toBe(true);
    expect(ObjectSchema.safeParse({ ...closed, ...change }).success).toBe(false);
  });
});
