import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyOnLine, complement, namedSets, overlap, setOf } from '#shared/registry/char-set.ts';
import { longestPattern, patternFault } from '#shared/registry/safe-pattern.ts';
import { backtrack, type Node, patternText, type Whole } from './backtracking.ts';

const useful = [
  '^[0-9]{10}$',
  '^\\d{10}$',
  '^IR[0-9]{24}$',
  '^[A-Z]{2}-?\\d{3,6}$',
  '^[آ-ی\\s\\u200c]+$',
  '^[^<>]{1,200}$',
  '^\\d+(\\.\\d{1,2})?$',
  '^(active|archived|closed)$',
  '^(IR|IQ)\\d+$',
  '^(\\d{10}|[A-Z]{2}\\d+)$',
  '^\\d{4}-\\d{2}-\\d{2}$',
  '^(?:[0-9a-f]{4}:){7}[0-9a-f]{4}$',
  '^([a-z]{2}-)*[0-9]$',
  '^(ab|cd|ce)+$',
  '^[+]?98\\d{10}$',
  '^.{0,80}$',
  '^a*',
  '[A-Z]{3}',
  '\\d{4}$',
  '^[^\\s@]+@\\w{1,20}$',
  '^[a-z_.-]+$',
  '^[\\]\\-\\\\]$',
  '^\\/\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\^\\$$',
  '^😀{2}$',
  '^/a"b\'$',
] as const;

/** Known to hang a matcher that backtracks, or to take the square of a text's length and more. */
const catastrophic = [
  '(a+)+$',
  '^(a+)+$',
  '(a|a)*b',
  '^(a|a)*b$',
  '^(a|ab|b)*$',
  '(.*)*x',
  '^(.*)*x',
  '^(\\w+\\s?)*$',
  '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(x+x+)+y',
  '^(a?){50}a{50}$',
  '^\\d*\\d*\\d*x$',
  '^\\d+\\d+$',
  '^\\s*\\w*\\s*.*$',
  '^.*a$',
  '^.*.*$',
  '^(a*)*$',
  '^(a*)+$',
  '^(a{1,10}){1,10}$',
  '^((ab)*)*$',
  '^(a|b|ab)*c',
  '^(a|a)(a|a)(a|a)(a|a)b',
  '^(ab?|a)c',
  '^(a|aa)+$',
  '^a?a?a?a?aaaa$',
  '^(?:a?)?b',
  '^(a|b?)c',
  '^a{2,5}a',
  '^[a-z]+[a-z0-9]*$',
  '^\\D*[^x]$',
  '^(?:\\w+-)+$',
  '\\d*x',
  '[a-z]+$',
  'a{3,}',
  '.{200}.{57}',
] as const;

const outside: ReadonlyArray<readonly [string, string]> = [
  ['nothing', ''],
  ['anchors alone', '^$'],
  ['an empty alternative', '^(a|)$'],
  ['an empty group', '^()$'],
  ['alternatives of the whole', '^a|b$'],
  ['a look ahead', '^(?=a)a$'],
  ['a negative look ahead', '^(?!a)b$'],
  ['a look behind', '(?<=a)b'],
  ['a named group', '^(?<n>a)$'],
  ['flags of its own', '^(?i:a)$'],
  ['a reference back', '^(a)\\1$'],
  ['a named reference back', '^(a)\\k<n>$'],
  ['a property of Unicode', '^\\p{L}+$'],
  ['a word boundary', '^\\ba$'],
  ['a lazy repeat', '^a+?b$'],
  ['a possessive repeat', '^a++b$'],
  ['a repeat of nothing', '^*a$'],
  ['a repeat of a repeat', '^a{2}{3}$'],
  ['^ in the middle', '^a^b$'],
  ['$ in the middle', '^a$b$'],
  ['$ in a group', '^(a$)'],
  ['an open group', '^(a'],
  ['an open class', '^[a'],
  ['a ) too many', '^a)'],
  ['an open brace', '^a{'],
  ['braces without a count', '^a{x}$'],
  ['braces without a minimum', '^a{,3}$'],
  ['a } alone', '^a}$'],
  ['a ] alone', '^a]$'],
  ['an empty class', '^[]$'],
  ['a class of everything', '^[^]$'],
  ['a range the wrong way', '^[z-a]$'],
  ['a range from a set', '^[\\d-z]$'],
  ['a range to a set', '^[a-\\d]$'],
  ['a class in a class', '^[a[b]]$'],
  ['an operation on classes', '^[a-z--b]$'],
  ['a backslash at the end', '^a\\'],
  ['an octal escape', '^\\07$'],
  ['half a surrogate pair as an escape', '^\\ud83d$'],
  ['half a surrogate pair', '^\ud83d$'],
  ['a long escape', '^\\u{61}$'],
  ['a short escape', '^\\u12$'],
  ['a count of nothing', '^a{0}$'],
  ['a count above the most', '^a{257}$'],
  ['a minimum above the most', '^a{257,}$'],
  ['a maximum above the most', '^a{1,257}$'],
  ['a maximum below its minimum', '^a{3,2}$'],
  ['more than may be read', `^${'a'.repeat(longestPattern)}$`],
];

describe('patternFault', () => {
  it.each(useful)('accepts %s', (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
    expect(() => new RegExp(pattern, 'u')).not.toThrow();
  });

  it.each(catastrophic)('refuses %s', (pattern) => {
    expect(patternFault(pattern)).toMatch(/^(has|repeats|makes|begins) /);
  });

  it.each(outside)('refuses %s', (_, pattern) => {
    expect(patternFault(pattern)).toBeDefined();
  });

  it('accepts the longest pattern and the largest counts, and nothing beyond', () => {
    const most = `^${'a'.repeat(longestPattern - 2)}$`;
    expect(patternFault(most)).toBeUndefined();
    expect(patternFault(`${most.slice(0, -1)}a$`)).toMatch(/longer/);
    expect(patternFault('^a{256}b{0,256}c{256,}$')).toBeUndefined();
    expect(patternFault('.{200}.{56}')).toBeUndefined();
  });

  it('says what is wrong without a part of the pattern', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (tail) => {
        const fault = patternFault(`^secret(?=${tail}`);
        expect(fault).toBeDefined();
        expect(fault).not.toContain('secret');
      }),
    );
  });

  it('takes nothing that does not compile, whatever it is given', () => {
    const unit = fc.constantFrom(...'^$\\.*+?()[]{}|/-,:=!<>dwsu0123abآ \u200c'.split(''));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (pattern) => {
        const fault = patternFault(pattern);
        expect(fault).not.toBe('does not compile with the flag u');
        expect(() => fault ?? new RegExp(pattern, 'u').test('a')).not.toThrow();
      }),
      { numRuns: 5000 },
    );
  });
});

const characters = ['a', 'b', 'c', '[ab]', '[^a]', '\\d', '\\w', '.'] as const;

const { whole } = fc.letrec<{ node: Node; whole: Whole }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ kind: fc.constant('character' as const), text: fc.constantFrom(...characters) }),
    fc.record({
      kind: fc.constantFrom('sequence' as const, 'choice' as const),
      parts: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
    }),
    fc
      .tuple(
        tie('node'),
        fc.constantFrom([0, 1], [0, Infinity], [1, Infinity], [2, 2], [1, 3], [2, Infinity]),
      )
      .map(([part, [least = 1, most = 1]]): Node => ({ kind: 'repeat', part, least, most })),
  ),
  whole: fc.record({ node: tie('node'), fromStart: fc.boolean(), toEnd: fc.boolean() }),
}));

const repeats = (node: Node): boolean =>
  node.kind === 'repeat' || (node.kind !== 'character' && node.parts.some(repeats));

/** Steps for each character of a text and each step of the pattern. */
const steepest = 3;

const pumped = (word: string, tail: string): string =>
  `${word.repeat(Math.ceil(5000 / word.length))}${tail}`;

describe('an accepted pattern', () => {
  it('takes steps in proportion to 5,000 characters, and what backtracking finds is what we find', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        whole,
        fc.stringMatching(/^[abc1]{1,3}$/),
        fc.constantFrom('', 'a', 'b', '1', '!', '\n'),
        (pattern, word, tail) => {
          const text = patternText(pattern);
          if (patternFault(text) !== undefined) return;
          if (repeats(pattern.node)) accepted += 1;
          const long = pumped(word, tail);
          const { size } = backtrack(pattern, '', 1000);
          const most = steepest * size * (long.length + 1);
          const run = backtrack(pattern, long, most);
          expect(run.steps).toBeLessThanOrEqual(most);
          const said = new RegExp(text, 'u');
          expect(run.matches).toBe(said.test(long));
          expect(backtrack(pattern, word, most).matches).toBe(said.test(word));
        },
      ),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });

  const a: Node = { kind: 'character', text: 'a' };
  const star = (part: Node): Node => ({ kind: 'repeat', part, least: 0, most: Infinity });
  const plus = (part: Node): Node => ({ kind: 'repeat', part, least: 1, most: Infinity });
  const row = (...parts: Node[]): Node => ({ kind: 'sequence', parts });

  it.each([
    ['(a+)+$', { node: plus(plus(a)), fromStart: true, toEnd: true }],
    ['(a|a)*$', { node: star({ kind: 'choice', parts: [a, a] }), fromStart: true, toEnd: true }],
    ['a*a*a*$', { node: row(star(a), star(a), star(a)), fromStart: true, toEnd: true }],
    ['a+$ anywhere', { node: plus(a), fromStart: false, toEnd: true }],
  ])('is none of those that the same count catches: %s', (_, pattern) => {
    const long = pumped('a', '!');
    const { size } = backtrack(pattern, '', 1000);
    const most = steepest * size * (long.length + 1);
    expect(backtrack(pattern, long, most).steps).toBeGreaterThan(most);
    expect(patternFault(patternText(pattern))).toBeDefined();
  });
});

describe('the named sets', () => {
  it.each([
    ...[...namedSets].map(([name, set]) => [`\\${name}`, set] as const),
    ['.', anyOnLine] as const,
  ])('%s holds what the language says', (source, set) => {
    const said = new RegExp(`^${source}$`, 'u');
    const points = Array.from({ length: 0x1_1000 }, (_, point) => point);
    const differing = points.filter(
      (point) => overlap(setOf([point, point]), set) !== said.test(String.fromCodePoint(point)),
    );
    expect(differing).toEqual([]);
    expect(complement(complement(set))).toEqual(set);
  });
});
