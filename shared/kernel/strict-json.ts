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
const space = /[ \t\n\r]*/y;
const literals = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** A reader over one text; `at` is the only thing that changes. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value(0);
    this.#skip(space);
    if (this.#at !== this.#text.length) throw malformed('Text follows the JSON value.');
    return value;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  /** Takes one character if it is next, after white space. */
  #take(character: string): boolean {
    this.#skip(space);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw malformed('The text is not JSON.');
  }

  #value(depth: number): JsonValue {
    this.#skip(space);
    const next = this.#text[this.#at];
    if (next === '"') return this.#string();
    if (next === '{') return this.#object(depth + 1);
    if (next === '[') return this.#array(depth + 1);
    for (const [word, value] of literals) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#integer();
  }

  #integer(): number {
    const digits = this.#skip(number);
    if (digits === '') throw malformed('The text is not JSON.');
    if (floatTail.test(this.#text[this.#at] ?? '')) {
      throw malformed('A number is not an integer; decimals travel as strings.');
    }
    const value = Number(digits);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw malformed('A number is outside the safe integers.');
    }
    return value;
  }

  #string(): string {
    this.#at += 1;
    let value = '';
    for (;;) {
      value += this.#skip(plainString);
      const next = this.#text[this.#at];
      if (next === '"') {
        this.#at += 1;
        if (!value.isWellFormed()) throw malformed('A string holds half a surrogate pair.');
        return value;
      }
      value += next === '\\' ? this.#escape() : this.#surrogate(next);
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = letter === '' ? undefined : escapes[letter];
    if (plain === undefined) throw malformed('A string holds an unknown escape.');
    this.#at += 2;
    return plain;
  }

  #surrogate(next: string | undefined): string {
    if (next === undefined || next < ' ') {
      throw malformed('A string is open, or holds a raw control character.');
    }
    this.#at += 1;
    return next;
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    const members = new Map<string, JsonValue>();
    if (!this.#take('}')) {
      do {
        this.#skip(space);
        if (this.#text[this.#at] !== '"') throw malformed('A member has no name.');
        const name = this.#string();
        if (name === '__proto__') throw malformed('A member may not be called __proto__.');
        if (members.has(name)) throw malformed('A member stands twice in one object.');
        this.#expect(':');
        members.set(name, this.#value(depth));
      } while (this.#take(','));
      this.#expect('}');
    }
    return Object.fromEntries(members);
  }

  #array(depth: number): readonly JsonValue[] {
    this.#enter(depth);
    const items: JsonValue[] = [];
    if (!this.#take(']')) {
      do items.push(this.#value(depth));
      while (this.#take(','));
      this.#expect(']');
    }
    return items;
  }

  #enter(depth: number): void {
    if (depth > maxDepth) throw malformed(`The JSON is nested deeper than ${maxDepth}.`);
    this.#at += 1;
  }
}

/**
 * Reads JSON (RFC 8259) as I-JSON (RFC 7493) and stricter: fatal UTF-8, no byte order mark, no
 * member twice, no `__proto__`, safe integers only, well-formed strings, at most {@link maxDepth}
 * deep. Everything else is the problem `malformed`; nothing of the input is in its text.
 */
export const parseStrictJson = (json: Uint8Array | string): JsonValue =>
  new Reader(typeof json === 'string' ? json : decode(json)).document();

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value);
