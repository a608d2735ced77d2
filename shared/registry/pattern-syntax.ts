import { anyOnLine, type CharSet, complement, namedSets, setOf, union } from './char-set.ts';

/** One character of a set, or a group of alternatives. */
export type Piece =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'group'; readonly branches: readonly Sequence[] };

/** A piece, so many times; `most` may be Infinity. */
export type Item = { readonly piece: Piece; readonly least: number; readonly most: number };

export type Sequence = readonly Item[];

export type Pattern = { readonly anchored: boolean; readonly items: Sequence };

/** Why a pattern is refused. Its text is safe to show and never holds a part of the pattern. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault';
}

/** The most that a count in braces says. */
export const mostRepeats = 256;

const syntax = new Set('^$\\.*+?()[]{}|/');
const unescaped = new Set('^$*+?)]{}|');

const codePoint = (character: string): number => character.codePointAt(0) ?? 0;

const single = (character: string): CharSet => {
  const point = codePoint(character);
  return setOf([point, point]);
};

const marks: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['?', [0, 1]],
  ['*', [0, Number.POSITIVE_INFINITY]],
  ['+', [1, Number.POSITIVE_INFINITY]],
]);

/** Reads a pattern of the subset (ECMA-262 §22.2.1, the flag `u`); `at` is the only thing that changes. */
const read = (text: string): Pattern => {
  const characters = Array.from(text);
  let at = 0;

  const take = (character: string): boolean => {
    if (characters[at] !== character) return false;
    at += 1;
    return true;
  };

  const next = (): string => {
    const character = characters[at];
    if (character === undefined) throw new PatternFault('ends too early');
    at += 1;
    return character;
  };

  /** What follows a backslash: a set, or the one character that is meant. */
  const escaped = (inClass: boolean): CharSet | string => {
    const character = next();
    const named = namedSets.get(character);
    if (named !== undefined) return named;
    if (syntax.has(character) || (inClass && character === '-')) return character;
    const hex = characters.slice(at, at + 4).join('');
    if (character === 'u' && /^(?!d[89a-f])[0-9a-f]{4}$/i.test(hex)) {
      at += 4;
      return String.fromCodePoint(Number.parseInt(hex, 16));
    }
    throw new PatternFault('holds an escape other than \\d \\w \\s, their negations and \\uXXXX');
  };

  /** One member of a class, in which `-` stands for itself only at either end. */
  const member = (isFirst: boolean): CharSet | string => {
    const character = next();
    if (character === '\\') return escaped(true);
    if (character === '[' || (character === '-' && !isFirst && characters[at] !== ']')) {
      throw new PatternFault('holds a [ or - inside a class that is not escaped');
    }
    return character;
  };

  const range = (from: CharSet | string): CharSet => {
    if (characters[at] !== '-' || characters[at + 1] === ']') {
      return typeof from === 'string' ? single(from) : from;
    }
    at += 1;
    const to = member(true);
    if (typeof from !== 'string' || typeof to !== 'string' || codePoint(from) > codePoint(to)) {
      throw new PatternFault('holds a range that is none');
    }
    return setOf([codePoint(from), codePoint(to)]);
  };

  const characterClass = (): CharSet => {
    const negated = take('^');
    const sets: CharSet[] = [];
    while (!take(']')) sets.push(range(member(sets.length === 0)));
    if (sets.length === 0) throw new PatternFault('holds an empty class');
    return negated ? complement(union(...sets)) : union(...sets);
  };

  const group = (): Piece => {
    if (take('?') && !take(':')) {
      throw new PatternFault('holds a group that looks around or has a name');
    }
    const branches = [sequence()];
    while (take('|')) branches.push(sequence());
    if (!take(')')) throw new PatternFault('holds a group that is open');
    return { kind: 'group', branches };
  };

  const piece = (): Piece => {
    const character = next();
    if (character === '(') return group();
    if (character === '[') return { kind: 'set', set: characterClass() };
    if (character === '.') return { kind: 'set', set: anyOnLine };
    if (unescaped.has(character)) {
      throw new PatternFault('holds a character of the syntax where none may stand');
    }
    const one = character === '\\' ? escaped(false) : character;
    return { kind: 'set', set: typeof one === 'string' ? single(one) : one };
  };

  const counts = (): readonly [number, number] => {
    const braces = /^\{(\d{1,3})(,(\d{1,3})?)?\}/.exec(characters.slice(at, at + 9).join(''));
    if (braces === null) throw new PatternFault('holds a { that begins no count');
    at += braces[0].length;
    const [, low, comma, high] = braces;
    const least = Number(low);
    const most = comma === undefined ? least : Number(high ?? Number.POSITIVE_INFINITY);
    const largest = most === Number.POSITIVE_INFINITY ? least : most;
    if (most < Math.max(least, 1) || largest > mostRepeats) {
      throw new PatternFault(`holds a count that is not from 1 to ${mostRepeats}`);
    }
    return [least, most];
  };

  const item = (): Item => {
    const repeated = piece();
    const mark = marks.get(characters[at] ?? '');
    if (mark !== undefined) at += 1;
    const [least, most] = mark ?? (characters[at] === '{' ? counts() : [1, 1]);
    return { piece: repeated, least, most };
  };

  const endsHere = (): boolean => {
    const character = characters[at];
    if (character === '$') return at === characters.length - 1;
    return character === undefined || character === '|' || character === ')';
  };

  const sequence = (): Sequence => {
    const items: Item[] = [];
    while (!endsHere()) items.push(item());
    if (items.length === 0) throw new PatternFault('holds nothing, or an empty alternative');
    return items;
  };

  const anchored = take('^');
  const items = sequence();
  take('$');
  if (at !== characters.length) {
    throw new PatternFault('holds alternatives outside of a group, or a ) too many');
  }
  return { anchored, items };
};

/** Throws a {@link PatternFault} for what is not of the subset. */
export const parsePattern = (text: string): Pattern => read(text);
