import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '#shared/kernel/strict-json.ts';
import {
  AccessClaims,
  ForwardClaims,
  ReceiptClaims,
  RequestClaims,
  RequestFacts,
  ResponseClaims,
} from '#shared/message/claims.ts';
import { parseClaims } from '#shared/message/parse-claims.ts';
import { requestClaimsAt, requestFactsExample, testNow } from '#tests/support/messages.ts';

const schemas: readonly z.ZodType[] = [
  RequestClaims,
  RequestFacts,
  ResponseClaims,
  ForwardClaims,
  ReceiptClaims,
  AccessClaims,
];

const problemOf = (schema: z.ZodType, json: JsonValue): Problem | undefined => {
  try {
    parseClaims(schema, json);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  return undefined;
};

const said = (problem: Problem): string =>
  JSON.stringify([problem.message, problem.detail, problem.extras]);

/** What must never come back: it stands in every value and in every name that is sent. */
const marker = 'SECRET';
const secretText = fc.string({ maxLength: 10 }).map((text) => `${text}${marker}~/"\n`);
const secretValue: fc.Arbitrary<JsonValue> = fc.oneof(
  secretText,
  fc.array(secretText, { maxLength: 3 }),
  fc.dictionary(secretText, fc.oneof(secretText, fc.integer()), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
);

const exampleClaims = requestClaimsAt(testNow, 'counter:72110345');

/** Every place in a value, as the list of names that lead there. */
const placesIn = (value: JsonValue): readonly (readonly string[])[] =>
  isJsonObject(value)
    ? [
        [],
        ...Object.entries(value).flatMap(([name, inner]) =>
          placesIn(inner).map((place) => [name, ...place]),
        ),
      ]
    : [[]];

const replaceAt = (value: JsonValue, place: readonly string[], by: JsonValue): JsonValue => {
  const [name, ...rest] = place;
  if (name === undefined || !isJsonObject(value)) return by;
  return { ...value, [name]: replaceAt(value[name] ?? null, rest, by) };
};

describe('parseClaims', () => {
  it('never says anything of the input, wherever in a message it stands', () => {
    const cases = [
      { schema: RequestClaims, example: exampleClaims },
      { schema: RequestFacts, example: requestFactsExample },
    ].flatMap(({ schema, example }) =>
      placesIn(example).map((place) => ({ schema, example, place })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...cases), secretValue, ({ schema, example, place }, secret) => {
        const problem = problemOf(schema, replaceAt(example, place, secret));
        expect(problem === undefined ? '' : said(problem)).not.toContain(marker);
      }),
      { numRuns: 1000 },
    );
  });

  it('never says anything of a member that is too many, in any kind of message', () => {
    fc.assert(
      fc.property(fc.constantFrom(...schemas), secretText, secretValue, (schema, name, value) => {
        const problem = problemOf(schema, {
          ...exampleClaims,
          [name]: value,
          inq: { [name]: value },
        });
        expect(problem).toMatchObject({ name: 'invalid-claims', status: 422 });
        expect(problem === undefined ? marker : said(problem)).not.toContain(marker);
      }),
    );
  });

  it.each<[string, JsonObject, string, string]>([
    ['a missing claim', {}, '/iss', 'must be string'],
    ['a wrong type', { ...exampleClaims, iat: 'x' }, '/iat', 'must be number'],
    ['a number too small', { ...exampleClaims, iat: -1 }, '/iat', 'must be at least 0'],
    ['a text too long', { ...exampleClaims, aud: 'a'.repeat(513) }, '/aud', 'must be at most 512'],
    ['one claim more', { ...exampleClaims, x: 1 }, '', 'holds a member that is not part'],
    ['a wrong form', { ...exampleClaims, jti: '?' }, '/jti', 'does not have the form'],
    ['a wrong form inside', { ...exampleClaims, inq: { id: 'x' } }, '/inq/id', 'does not have'],
    ['a word outside the list', { ...exampleClaims, _sd_alg: 'md5' }, '/_sd_alg', 'sha-256'],
  ])('points to %s', (_, json, pointer, detail) => {
    const errors = problemOf(RequestClaims, json)?.extras.errors ?? [];
    const there = errors.filter((error) => error.pointer === pointer).map((error) => error.detail);

    expect(there.join('; ')).toContain(detail);
  });

  it('points to a wrong name of a parameter by its object, never by the name', () => {
    const facts = { ...requestFactsExample, params: { 'no/t~ good': 1 } };

    expect(problemOf(RequestFacts, facts)?.extras.errors).toEqual([
      { pointer: '/params', detail: 'does not have the form that the protocol gives it' },
    ]);
  });

  it('escapes a name in a pointer (RFC 6901)', () => {
    const schema = z.strictObject({ 'a/b~c': z.string() });

    expect(problemOf(schema, {})?.extras.errors?.[0]?.pointer).toBe('/a~1b~0c');
  });

  it('gives back what fits', () => {
    expect(parseClaims(RequestClaims, exampleClaims)).toEqual(exampleClaims);
    expect(parseClaims(RequestFacts, requestFactsExample)).toEqual(requestFactsExample);
  });
});
