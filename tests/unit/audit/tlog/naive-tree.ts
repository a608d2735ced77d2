import { createHash } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** A tree as RFC 6962 §2.1 defines it, word for word and without tiles: what ours is judged by. */
export type NaiveTree = {
  /** MTH(D[from:to]). */
  readonly root: (from: number, to: number) => Uint8Array;
  /** PATH(index, D[size]). */
  readonly path: (index: number, size: number) => readonly Uint8Array[];
  /** PROOF(old, D[size]). */
  readonly proof: (old: number, size: number) => readonly Uint8Array[];
};

/** The data of the leaf at an index, different for each. */
export const leafAt = (index: number): Uint8Array => Buffer.from(`leaf ${index}`);

export const naiveTree = (data: readonly Uint8Array[]): NaiveTree => {
  const known = new Map<string, Uint8Array>();

  const split = (count: number): number => {
    let k = 1;
    while (k * 2 < count) k *= 2;
    return k;
  };

  const compute = (from: number, to: number): Uint8Array => {
    if (to === from) return sha256();
    const [leaf] = data.slice(from, from + 1);
    if (leaf === undefined) throw new RangeError('no such leaf');
    if (to - from === 1) return sha256(Uint8Array.of(0), leaf);
    const middle = from + split(to - from);
    return sha256(Uint8Array.of(1), root(from, middle), root(middle, to));
  };

  const root = (from: number, to: number): Uint8Array => {
    const standing = known.get(`${from}-${to}`);
    if (standing !== undefined) return standing;
    const made = compute(from, to);
    known.set(`${from}-${to}`, made);
    return made;
  };

  const path = (m: number, from: number, to: number): readonly Uint8Array[] => {
    if (to - from === 1) return [];
    const k = split(to - from);
    return m < k
      ? [...path(m, from, from + k), root(from + k, to)]
      : [...path(m - k, from + k, to), root(from, from + k)];
  };

  const subproof = (m: number, from: number, to: number, b: boolean): readonly Uint8Array[] => {
    if (m === to - from) return b ? [] : [root(from, to)];
    const k = split(to - from);
    return m <= k
      ? [...subproof(m, from, from + k, b), root(from + k, to)]
      : [...subproof(m - k, from + k, to, false), root(from, from + k)];
  };

  return {
    root,
    path: (index, size) => path(index, 0, size),
    proof: (old, size) => subproof(old, 0, size, true),
  };
};

export const naiveTreeOf = (size: number): NaiveTree =>
  naiveTree(Array.from({ length: size }, (_, index) => leafAt(index)));

/** A tile by its definition (C2SP tlog-tiles, Merkle Tree): `width` hashes of spans of 256^level. */
export const naiveTile = (
  { root }: NaiveTree,
  {
    level,
    index,
    width,
  }: { readonly level: number; readonly index: number; readonly width: number },
): Uint8Array => {
  const span = 256 ** level;
  return Buffer.concat(
    Array.from({ length: width }, (_, i) =>
      root((index * 256 + i) * span, (index * 256 + i + 1) * span),
    ),
  );
};
