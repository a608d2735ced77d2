import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNative } from '#shared/kernel/native-json.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { maxDepth, readJsonText } from '#shared/kernel/strict-json.ts';

const space = fc.constantFrom('', '', '', ' ', '\n\t', '\r ');
const string = fc.constantFrom(
  '""',
  '"a"',
  '"b"',
  '"e1.5"',
  '"۱😀"',
  '"\\u0061"',
  '"\ud800"',
  '"1',
);
const name = fc.constantFrom(
  '"a"',
  '"b"',
  '"c"',
  '"1"',
  '"0"',
  '"__proto__"',
  '"constructor"',
  '"۱"',
);
const number = fc.constantFrom('0', '-1', '17', '-0', '1.0', '1e2', '2E-1', '100', '01', '-');
const huge = fc.constantFrom('9007199254740991', '9007199254740992', '-9007199254740993', '1e400');
const word = fc.constantFrom('true', 'false', 'null', 'nul', '\ufeff');

/** Texts that are JSON more often than not, with all that a message may not hold. */
const text = fc.letrec<Record<'value' | 'array' | 'object', string>>((tie) => ({
  value: fc
    .tuple(
      space,
      fc.oneof({ maxDepth: 4 }, string, number, word, huge, tie('array'), tie('object')),
      space,
    )
    .map((parts) => parts.join('')),
  array: fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((members) => `{${members.map((member) => member.join(':')).join(',')}}`),
})).value;

const strictly = (json: string): unknown => {
  try {
    return { value: readJsonText(json) };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

describe('parseNative', () => {
  it('reads nothing that the strict reader does not, and nothing otherwise', () => {
    fc.assert(
      fc.property(text, (json) => {
        const native = parseNative(json, maxDepth);
        if (native === undefined) return;
        const strict = strictly(json);
        expect(native).toEqual(strict);
        expect(JSON.stringify(native)).toBe(JSON.stringify(strict));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads what messages are made of', () => {
    const messages = [
      '{"k":"i","t":1800000003850,"v":1}',
      '{ "a" : [ 1, -2, true, false, null, "1.5", "e", "۱" ] ,\n"b" : { } }',
      '[[],{},"",0]',
      '{"1":1,"0":[{"a":1},{"a":1}]}',
      '"a"',
      '-9007199254740991',
      `${'['.repeat(maxDepth)}1${']'.repeat(maxDepth)}`,
    ];
    for (const json of messages) {
      const value: unknown = JSON.parse(json);
      expect(parseNative(json, maxDepth)).toEqual({ value });
    }
  });

  it.each([
    ['a member twice', '{"a":1,"a":1}'],
    ['a member twice whose first value holds members', '{"a":{"b":1},"a":1}'],
    ['a member twice, far inside', '[{"b":{"a":"","c":[{"a":1,"a":2}]}}]'],
    ['__proto__', '{"__proto__":{"a":1}}'],
    ['__proto__ of no object', '{"__proto__":1}'],
    ['a fraction', '[1.0]'],
    ['an exponent', '1e2'],
    ['a capital exponent', '{"a":1E2}'],
    ['minus zero', '-0'],
    ['2^53', '[9007199254740992]'],
    ['half a surrogate pair', '"\ud800"'],
    ['an escape', '"\\u0061"'],
    ['a byte order mark', '\ufeff1'],
    ['what is no JSON', '[1,]'],
    ['nothing', ''],
    ['too many levels', `${'['.repeat(maxDepth + 1)}${']'.repeat(maxDepth + 1)}`],
    ['too many levels of objects', `${'{"a":'.repeat(maxDepth + 1)}1${'}'.repeat(maxDepth + 1)}`],
    ['a hundred thousand levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('leaves %s to the strict reader', (_, json) => {
    expect(parseNative(json, maxDepth)).toBeUndefined();
  });
});
