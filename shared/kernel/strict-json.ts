import { parseNative } from './native-json.ts';
import { Problem } from './problem.ts';

/** What a message may hold: no floats, so that every reader sees the same number. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export type JsonObject = { readonly [name: string]: JsonValue };

/** Nesting of arrays and objects that is still read. */
export const maxDepth = 16;

const malformed = (detail: string): Problem => new Problem('malformed', detail);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const decode = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Problem('malformed', 'The JSON is not well-formed UTF-8.', {}, { cause });
  }
};

const number = /-?(?:0|[1-9][0-9]*)/y;
const floatTail = /[.eE]/;
const plainString = /[^"\\\u0000-\u001f\ud800-\udfff]*/y;
/** What a string may not hold, or must be looked at for. */
const special = /[\\\u0000-\u001f\ud800-\udfff]/;
const literals = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;
const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Reads one JSON text, character by character: what {@link parseStrictJson} accepts, and why it refuses
 * the rest. `at` is the only thing that changes.
 */
export const readJsonText = (text: string): JsonValue => {
  let at = 0;

  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };

  /** Space, tab, line feed and carriage return (RFC 8259 §2); most messages hold none. */
  const skipSpace = (): void => {
    let unit = text.charCodeAt(at);
    while (unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d) {
      at += 1;
      unit = text.charCodeAt(at);
    }
  };

  /** Takes one character if it is next, after white space. */
  const take = (character: string): boolean => {
    skipSpace();
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };

  const expect = (character: string): void => {
    if (!take(character)) throw malformed('The text is not JSON.');
  };

  const enter = (depth: number): void => {
    if (depth > maxDepth) throw malformed(`The JSON is nested deeper than ${maxDepth}.`);
    at += 1;
  };

  const integer = (): number => {
    const digits = skip(number);
    if (digits === '') throw malformed('The text is not JSON.');
    if (floatTail.test(text[at] ?? '')) {
      throw malformed('A number is not an integer; decimals travel as strings.');
    }
    const value = Number(digits);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw malformed('A number is outside the safe integers.');
    }
    return value;
  };

  const escape = (): string => {
    const letter = text[at + 1] ?? '';
    const hex = text.slice(at + 2, at + 6);
    if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
      at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = escapes.get(letter);
    if (plain === undefined) throw malformed('A string holds an unknown escape.');
    at += 2;
    return plain;
  };

  /** Half a surrogate pair, taken as it is: whether the whole is well-formed shows at its end. */
  const surrogate = (): string => {
    const unit = text[at];
    if (unit === undefined || unit < ' ') {
      throw malformed('A string is open, or holds a raw control character.');
    }
    at += 1;
    return unit;
  };

  const string = (): string => {
    at += 1;
    const end = text.indexOf('"', at);
    const whole = end === -1 ? '\\' : text.slice(at, end);
    if (!special.test(whole)) {
      at = end + 1;
      return whole;
    }
    let value = '';
    for (;;) {
      value += skip(plainString);
      if (text[at] === '"') {
        at += 1;
        if (!value.isWellFormed()) throw malformed('A string holds half a surrogate pair.');
        return value;
      }
      value += text[at] === '\\' ? escape() : surrogate();
    }
  };

  const object = (depth: number): JsonObject => {
    enter(depth);
    const members = new Map<string, JsonValue>();
    if (take('}')) return {};
    do {
      skipSpace();
      if (text[at] !== '"') throw malformed('A member has no name.');
      const name = string();
      if (name === '__proto__') throw malformed('A member may not be called __proto__.');
      if (members.has(name)) throw malformed('A member stands twice in one object.');
      expect(':');
      members.set(name, value(depth));
    } while (take(','));
    expect('}');
    return Object.fromEntries(members);
  };

  const array = (depth: number): readonly JsonValue[] => {
    enter(depth);
    if (take(']')) return [];
    const items: JsonValue[] = [];
    do items.push(value(depth));
    while (take(','));
    expect(']');
    return items;
  };

  const value = (depth: number): JsonValue => {
    skipSpace();
    const next = text[at];
    if (next === '"') return string();
    if (next === '{') return object(depth + 1);
    if (next === '[') return array(depth + 1);
    for (const [word, meaning] of literals) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    return integer();
  };

  const document = value(0);
  skipSpace();
  if (at !== text.length) throw malformed('Text follows the JSON value.');
  return document;
};

/**
 * Reads JSON (RFC 8259) as I-JSON (RFC 7493) and stricter: fatal UTF-8, no byte order mark, no
 * member twice, no `__proto__`, safe integers only, well-formed strings, at most {@link maxDepth}
 * deep. Everything else is the problem `malformed`; nothing of the input is in its text.
 */
export const parseStrictJson = (json: Uint8Array | string): JsonValue => {
  const text = typeof json === 'string' ? json : decode(json);
  const native = parseNative(text, maxDepth);
  return native === undefined ? readJsonText(text) : native.value;
};

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value);
