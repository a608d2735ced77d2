import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, maxDepth, parseStrictJson } from '#shared/kernel/strict-json.ts';

const outcomeOf = (json: string | Uint8Array): unknown => {
  try {
    return parseStrictJson(json);
  } catch (error) {
    return error;
  }
};

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** JSON values that I-JSON and the protocol allow: no floats, no `__proto__`, well-formed strings. */
const text = fc.string({ unit: 'grapheme' }).filter((value) => value.isWellFormed());
const iJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((value) => value + 0 || 0),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(text, tie('value')), { maxLength: 5, selector: ([name]) => name })
      .map((members) => Object.fromEntries(members.filter(([name]) => name !== '__proto__'))),
  ),
})).value;

describe('parseStrictJson accepts', () => {
  it.each([
    ['null', null],
    ['true', true],
    [' false\n', false],
    ['0', 0],
    ['-1', -1],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['""', ''],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t\\u06f1"', '"\\/\b\f\n\r\t۱'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"😀"', '😀'],
    ['"\u007f\u2028"', '\u007f\u2028'],
    ['[]', []],
    ['[1,[2]]', [1, [2]]],
    ['\t{ "a" : { "a" : 1 } ,\r\n"" : [ ] }', { a: { a: 1 }, '': [] }],
    ['{"constructor":1,"toString":2}', { constructor: 1, toString: 2 }],
  ])('%j', (json, value) => {
    expect(parseStrictJson(json)).toEqual(value);
    expect(parseStrictJson(utf8(json))).toEqual(value);
  });

  it(`${maxDepth} levels`, () => {
    expect(parseStrictJson(nested(maxDepth))).toEqual(JSON.parse(nested(maxDepth)));
  });
});

describe('parseStrictJson refuses', () => {
  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['a member twice', '{"a":1,"a":1}'],
    ['a member twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a member twice in an inner object', '[{"b":{"a":1,"a":2}}]'],
    ['__proto__', '{"__proto__":1}'],
    ['__proto__ escaped', '{"\\u005f_proto__":1}'],
    ['a fraction', '1.5'],
    ['a fraction of zero', '1.0'],
    ['an exponent', '1e2'],
    ['an exponent that is infinite', '1e400'],
    ['minus zero', '-0'],
    ['2^53', '9007199254740992'],
    ['-2^53', '-9007199254740992'],
    ['a number of 400 digits', '9'.repeat(400)],
    ['a zero in front', '01'],
    ['a plus', '+1'],
    ['a minus alone', '-'],
    ['hexadecimal', '0x1'],
    ['Persian digits', '۱'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['half a surrogate pair', '"\\ud800"'],
    ['halves in the wrong order', '"\\udc00\\ud800"'],
    ['half a pair in a name', '{"\\udc00":1}'],
    ['an unknown escape', '"\\x41"'],
    ['a short escape', '"\\u41"'],
    ['an escape at the end', '"\\'],
    ['an open string', '"a'],
    ['a raw control character', '"\u001f"'],
    ['a raw line feed', '"\n"'],
    ['a comma behind the last element', '[1,]'],
    ['a comma behind the last member', '{"a":1,}'],
    ['a comma alone', '[,]'],
    ['a comment', '/**/1'],
    ['single quotes', "'a'"],
    ['a name without quotes', '{a:1}'],
    ['a name that is a number', '{1:1}'],
    ['no colon', '{"a" 1}'],
    ['no comma', '[1 2]'],
    ['an open array', '[1'],
    ['an open object', '{"a":1'],
    ['the wrong bracket', '[1}'],
    ['two values', '1 1'],
    ['a word', 'truex'],
    ['a capital', 'True'],
    ['a byte order mark', '\ufeff1'],
    ['a no-break space', '\u00a01'],
    ['a NUL behind', '1\0'],
    [`${maxDepth + 1} levels of arrays`, nested(maxDepth + 1)],
    [`${maxDepth + 1} levels of objects`, `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`],
    ['a hundred thousand levels', '['.repeat(100_000)],
  ])('%s', (_, json) => {
    expect(outcomeOf(json)).toMatchObject({ name: 'malformed', status: 400 });
    expect(outcomeOf(Buffer.from(json))).toMatchObject({ name: 'malformed' });
  });

  it('half a surrogate pair that stands in a text as it is', () => {
    expect(outcomeOf('"\ud800"')).toMatchObject({ name: 'malformed' });
  });

  it.each([
    ['the byte FF', [0x22, 0xff, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an overlong slash of three bytes', [0x22, 0xe0, 0x80, 0xaf, 0x22]],
    ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xe2, 0x82, 0x22]],
    ['a lone continuation', [0x22, 0x80, 0x22]],
    ['above U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x31]],
    ['UTF-16', [0x31, 0x00]],
  ])('%s, in bytes', (_, bytes) => {
    expect(outcomeOf(Uint8Array.from(bytes))).toMatchObject({ name: 'malformed' });
  });
});

describe('parseStrictJson', () => {
  it('reads back whatever I-JSON is written, as text and as bytes', () => {
    fc.assert(
      fc.property(iJson, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const json = JSON.stringify(value, null, space);
        expect(parseStrictJson(json)).toEqual(value);
        expect(parseStrictJson(utf8(json))).toEqual(value);
      }),
    );
  });

  it('agrees with JSON.parse on everything that it accepts, and throws Problems only', () => {
    const fragments = fc.constantFrom(
      ...'{}[]",:\\ \n0123456789-+.eEu/abf\ufeff\ud800\u0000'.split(''),
      '"a"',
      '"a":',
      'true',
      'null',
      '__proto__',
      '\\u0061',
    );
    const soup = fc.array(fragments, { maxLength: 24 }).map((parts) => parts.join(''));
    const anything = fc.oneof(soup, fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(anything, (json) => {
        const outcome = outcomeOf(json);
        const refused = outcome instanceof Problem && outcome.name === 'malformed';
        expect(outcome).toEqual(refused ? outcome : JSON.parse(json));
      }),
      { numRuns: 5000 },
    );
  });

  it('throws Problems only, on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const outcome = outcomeOf(bytes);
        const refused = outcome instanceof Problem && outcome.name === 'malformed';
        expect(outcome).toEqual(refused ? outcome : JSON.parse(Buffer.from(bytes).toString()));
      }),
      { numRuns: 2000 },
    );
  });

  it('says nothing of the input in a refusal', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('{"@":1,"@":1}', '"@\\ud800"', '["@"1]', '@', '{"@"}'),
        (json) => {
          const outcome = outcomeOf(json.replaceAll('@', 'SECRET'));
          expect(outcome).toBeInstanceOf(Problem);
          expect(JSON.stringify(outcome) + String(outcome)).not.toContain('SECRET');
        },
      ),
    );
  });
});

describe('isJsonObject', () => {
  it.each([
    [{}, true],
    [[], false],
    [null, false],
    ['a', false],
    [undefined, false],
  ])('of %j is %s', (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});
