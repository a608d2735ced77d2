/** A value that JSON.parse made. */
type Parsed =
  | string
  | number
  | boolean
  | null
  | readonly Parsed[]
  | { readonly [name: string]: Parsed };

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

/**
 * How many strings a text holds that has no escapes; undefined where a number has a fraction or an
 * exponent. The text must be JSON.
 */
const stringsIn = (text: string): number | undefined => {
  let strings = 0;
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    for (; at < end; at += 1) {
      const unit = text.charCodeAt(at);
      const isTail = unit === 0x2e || unit === 0x65 || unit === 0x45;
      if (isTail && isDigit(text.charCodeAt(at - 1))) return undefined;
    }
    if (quote === -1) break;
    const close = text.indexOf('"', quote + 1);
    if (close === -1) return undefined;
    strings += 1;
    at = close + 1;
  }
  return strings;
};

/** How many strings a value holds, names too; NaN where it holds what a message may not. */
const stringsOf = (value: unknown, deepest: number): number => {
  if (typeof value === 'string') return 1;
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? 0 : Number.NaN;
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (deepest === 0) return Number.NaN;
  const names = Array.isArray(value) ? [] : Object.keys(value);
  if (names.includes('__proto__')) return Number.NaN;
  let strings = names.length;
  const inner: readonly unknown[] = Object.values(value);
  for (const one of inner) strings += stringsOf(one, deepest - 1);
  return strings;
};

/** Whether a value holds as many strings as it was written with, and nothing that it may not. */
const isWhole = (value: unknown, strings: number | undefined, maxDepth: number): value is Parsed =>
  stringsOf(value, maxDepth) === strings;

/**
 * What JSON.parse reads in a text, if that is for sure what a strict reader reads: undefined where a
 * member may stand twice (the value then holds fewer strings than the text), for `__proto__`, floats,
 * unsafe integers, deep nesting, ill-formed strings, all texts with escapes, and what is not JSON.
 */
export const parseNative = (
  text: string,
  maxDepth: number,
): { readonly value: Parsed } | undefined => {
  if (text.includes('\\') || !text.isWellFormed()) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isWhole(value, stringsIn(text), maxDepth) ? { value } : undefined;
  } catch {
    return undefined;
  }
};
