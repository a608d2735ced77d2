import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, sha256Url, toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import {
  type Disclosure,
  joinSdJwt,
  makeDisclosure,
  maxDigests,
  openDisclosures,
  parseDisclosure,
} from '#shared/message/disclosure.ts';
import { disclosureOf, newSalt, rawDisclosure } from '#tests/support/messages.ts';

const problemOf = (run: () => unknown): Problem | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  return undefined;
};

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,63}$/);
const salt = fc.uint8Array({ minLength: 16, maxLength: 64 });
const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.maxSafeInteger().map((value) => value || 0),
  fc.boolean(),
  fc.constant(null),
);
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  leaf,
  fc.array(leaf),
  fc.dictionary(name, leaf, { noNullPrototype: true }),
);
const fact = fc.tuple(salt, name, value);
const factsOf = fc.uniqueArray(fact, { maxLength: 8, selector: ([, key]) => key });

const make = (count: number): readonly Disclosure[] =>
  Array.from({ length: count }, (_, index) => makeDisclosure(newSalt(), `f${index}`, index));

const claimsOf = (disclosures: readonly Disclosure[], clear: JsonObject = {}): JsonObject => ({
  ...clear,
  _sd: disclosures.map(({ digest }) => digest).toSorted(),
});

const textsOf = (disclosures: readonly Disclosure[]): readonly string[] =>
  disclosures.map(({ text }) => text);

describe('a disclosure', () => {
  it('is read back as it was made', () => {
    fc.assert(
      fc.property(fact, ([bytes, key, content]) => {
        const made = makeDisclosure(bytes, key, content);
        expect(parseDisclosure(made.text)).toEqual(made);
        expect(made.digest).toBe(sha256Url(made.text));
      }),
    );
  });

  // RFC 9901 §4.2.1: one disclosure in three spellings of its JSON.
  it.each([
    'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0',
    'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd',
    'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNXHUwMGY2Yml1cyJd',
  ])('of the standard is read: %s', (text) => {
    expect(parseDisclosure(text)).toMatchObject({ name: 'family_name', value: 'Möbius' });
  });

  // RFC 9901 §4.2.3.
  it('of the standard has the digest of the standard', () => {
    const text = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0';

    expect(parseDisclosure(text).digest).toBe('X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0');
  });

  it.each([
    ['21 characters', 'A'.repeat(21), false],
    ['22 characters', 'A'.repeat(22), true],
    ['86 characters', 'A'.repeat(86), true],
    ['87 characters', 'A'.repeat(87), false],
  ])('with a salt of %s is accepted: %s', (_, text, accepted) => {
    const problem = problemOf(() => parseDisclosure(disclosureOf([text, 'a', 1])));

    expect(problem?.name).toBe(accepted ? undefined : 'disclosure-invalid');
  });

  it.each([
    ['64 characters', 'a'.repeat(64), true],
    ['65 characters', 'a'.repeat(65), false],
    ['_sd', '_sd', false],
    ['...', '...', false],
    ['__proto__', '__proto__', false],
    ['constructor', 'constructor', true],
  ])('named with %s is accepted: %s', (_, key, accepted) => {
    const problem = problemOf(() => parseDisclosure(disclosureOf(['A'.repeat(22), key, 1])));

    expect(problem?.name).toBe(accepted ? undefined : 'disclosure-invalid');
  });

  it('never is anything else than read or a problem, and says nothing of the input', () => {
    const text = fc.oneof(
      fc.string().map(rawDisclosure),
      fc.json().map((json) => rawDisclosure(json)),
      fc
        .array(fc.jsonValue(), { maxLength: 4 })
        .map((json) => toBase64Url(utf8(JSON.stringify(json)))),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (input) => {
        const problem = problemOf(() => parseDisclosure(input));
        expect(['malformed', 'disclosure-invalid', undefined]).toContain(problem?.name);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('opening', () => {
  it('gives back every fact, in the order in which they travel, and withholding any is fine', () => {
    fc.assert(
      fc.property(factsOf, fc.infiniteStream(fc.boolean()), (all, coins) => {
        const made = all.map((each) => makeDisclosure(...each));
        const claims = claimsOf(made);
        const kept = made.filter(() => coins.next().value === true);
        expect(openDisclosures(claims, textsOf(made), true)).toEqual(made);
        expect(openDisclosures(claims, textsOf(kept), false)).toEqual(kept);
        const withheld = problemOf(() => openDisclosures(claims, textsOf(kept), true));
        expect(withheld?.name).toBe(kept.length === made.length ? undefined : 'disclosure-invalid');
      }),
    );
  });

  it(`takes ${maxDigests} digests and not one more`, () => {
    const [last, ...most] = make(maxDigests + 1);
    const all = last === undefined ? most : [last, ...most];

    expect(openDisclosures(claimsOf(most), textsOf(most), true).length).toBe(maxDigests);
    expect(problemOf(() => openDisclosures(claimsOf(all), [], false))?.name).toBe(
      'disclosure-invalid',
    );
    expect(problemOf(() => openDisclosures(claimsOf(most), textsOf(all), false))?.name).toBe(
      'disclosure-invalid',
    );
  });

  it('takes a message without any digest', () => {
    expect(openDisclosures({}, [], true)).toEqual([]);
    expect(openDisclosures({ _sd: [] }, [], true)).toEqual([]);
    expect(openDisclosures({ _sd_alg: 'sha-256' }, [], true)).toEqual([]);
  });

  it.each([
    ['_sd null', { _sd: null }],
    ['_sd a string', { _sd: 'A'.repeat(43) }],
    ['_sd an object', { _sd: {} }],
    ['_sd_alg another', { _sd_alg: 'sha-512' }],
    ['_sd_alg null', { _sd_alg: null }],
    ['a number among the digests', { _sd: [1] }],
    ['a digest twice', { _sd: ['A'.repeat(43), 'A'.repeat(43)] }],
    ['digests in falling order', { _sd: [`B${'A'.repeat(42)}`, 'A'.repeat(43)] }],
    ['a digest in another spelling', { _sd: [`${'A'.repeat(42)}B`] }],
    ['... at the top', { '...': 'A'.repeat(43) }],
    ['_sd inside', { inq: { _sd: [] } }],
    ['_sd inside an array', { list: [[{ _sd: [] }]] }],
    ['... inside', { list: [{ '...': 'A'.repeat(43) }] }],
  ])('refuses %s', (_, claims) => {
    expect(problemOf(() => openDisclosures(claims, [], false))?.name).toBe('disclosure-invalid');
  });

  it('refuses a name that stands in the clear, or twice', () => {
    const [one, two] = [makeDisclosure(newSalt(), 'iss', 1), makeDisclosure(newSalt(), 'iss', 2)];
    const open = (clear: JsonObject, ...made: readonly Disclosure[]): Problem | undefined =>
      problemOf(() => openDisclosures(claimsOf(made, clear), textsOf(made), true));

    expect(open({}, one)?.name).toBeUndefined();
    expect(open({ iss: 'x' }, one)?.name).toBe('disclosure-invalid');
    expect(open({}, one, two)?.name).toBe('disclosure-invalid');
  });
});

describe('joinSdJwt', () => {
  it('puts a ~ behind the JWS and behind every disclosure', () => {
    const made = make(2);

    expect(joinSdJwt('a.b.c', [])).toBe('a.b.c~');
    expect(joinSdJwt('a.b.c', made)).toBe(`a.b.c~${made[0]?.text}~${made[1]?.text}~`);
  });

  it('keeps the salt out of the digest’s reach: 128 bits of it at least', () => {
    const bytes = fromBase64Url(make(1)[0]?.text ?? '');

    expect(Buffer.from(bytes ?? []).toString()).toMatch(/^\["[A-Za-z0-9_-]{22}",/);
  });
});
