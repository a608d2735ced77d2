/** Reproducible choices: the same seed makes the same people on every machine. */
export type Chance = {
  /** A whole number from 0 to `below` − 1. */
  readonly upTo: (below: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** So many decimal digits. */
  readonly digits: (length: number) => string;
};

/** FNV-1a, 32 bits. */
const hash = (text: string): number =>
  Array.from(text).reduce(
    (state, character) => Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193),
    0x811c9dc5,
  );

/** The generator Mulberry32 (T. Ettinger, public domain): even enough for made-up people. */
export const chanceFrom = (seed: string): Chance => {
  let state = hash(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const upTo = (below: number): number => Math.floor(next() * below);
  const pick = <Item>(items: readonly Item[]): Item => {
    const [item] = items.slice(upTo(items.length));
    if (item === undefined) throw new RangeError('There is nothing to pick from.');
    return item;
  };
  return {
    upTo,
    pick,
    digits: (length) => Array.from({ length }, () => upTo(10)).join(''),
  };
};
