import { type Hash, nodeHash } from './hash.ts';
import { rootWithin, type TileId, tileWidth, widthIn } from './tree.ts';

/** Hands over the bytes of tiles, in the order asked for; rejects when one cannot be had. */
export type ReadTiles = (tiles: readonly TileId[]) => Promise<readonly Uint8Array[]>;

/** The leaves from `from` up to and without `to`. */
type Span = { readonly from: number; readonly to: number };

/** A perfect subtree: 2^height leaves, the `index`-th of its height. */
type Subtree = { readonly height: number; readonly index: number };

const heightOfTile = 8;

/** The largest power of two below `count` (RFC 6962 §2.1: k < n ≤ 2k). */
const splitOf = (count: number): number => {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
};

/** PATH(m, D[n]) of RFC 6962 §2.1.1, as the spans whose roots it consists of. */
const inclusionSpans = (index: number, { from, to }: Span): readonly Span[] => {
  if (to - from <= 1) return [];
  const middle = from + splitOf(to - from);
  return index < middle
    ? [...inclusionSpans(index, { from, to: middle }), { from: middle, to }]
    : [...inclusionSpans(index, { from: middle, to }), { from, to: middle }];
};

/** SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2. */
const consistencySpans = (old: number, { from, to }: Span, known: boolean): readonly Span[] => {
  if (old === to) return known ? [] : [{ from, to }];
  const middle = from + splitOf(to - from);
  return old <= middle
    ? [...consistencySpans(old, { from, to: middle }, known), { from: middle, to }]
    : [...consistencySpans(old, { from: middle, to }, false), { from, to: middle }];
};

/** The perfect subtrees that a span falls into, the largest first. */
const subtreesOf = ({ from, to }: Span): readonly Subtree[] => {
  const subtrees: Subtree[] = [];
  let position = from;
  while (position < to) {
    let height = 0;
    while (position % 2 ** (height + 1) === 0 && position + 2 ** (height + 1) <= to) height += 1;
    subtrees.push({ height, index: position / 2 ** height });
    position += 2 ** height;
  }
  return subtrees;
};

type Place = { readonly tile: TileId; readonly position: number; readonly width: number };

const placeOf = ({ height, index }: Subtree, size: number): Place => {
  const level = Math.floor(height / heightOfTile);
  const width = 2 ** (height % heightOfTile);
  const first = index * width;
  const tileIndex = Math.floor(first / tileWidth);
  const tile = { level, index: tileIndex, width: widthIn(size, level, tileIndex) };
  return { tile, position: first % tileWidth, width };
};

const keyOf = ({ level, index }: TileId): string => `${level}/${index}`;

/** The roots of spans, by one read of all the tiles they need. */
const rootsOf = async (
  spans: readonly Span[],
  size: number,
  read: ReadTiles,
): Promise<readonly Hash[]> => {
  const places = spans.map((span) => subtreesOf(span).map((subtree) => placeOf(subtree, size)));
  const tiles = [...new Map(places.flat().map(({ tile }) => [keyOf(tile), tile])).values()];
  const bytes = await read(tiles);
  const byKey = new Map(tiles.map((tile, n) => [keyOf(tile), bytes[n] ?? new Uint8Array()]));
  return places.map((parts) => {
    const roots = parts.map(({ tile, position, width }) =>
      rootWithin(byKey.get(keyOf(tile)) ?? new Uint8Array(), position, width),
    );
    return roots.reduceRight((right, left) => nodeHash(left, right));
  });
};

const checkSizes = (small: number, large: number): void => {
  if (!Number.isSafeInteger(large) || !Number.isSafeInteger(small) || small < 0 || small > large) {
    throw new RangeError('There is no such proof.');
  }
};

/**
 * The audit path of the leaf at `index` in the tree of the first `size` leaves (RFC 6962 §2.1.1),
 * from its sibling to the root's child. Throws a RangeError for a leaf that is not in the tree.
 */
export const proveInclusion = async (
  index: number,
  size: number,
  read: ReadTiles,
): Promise<readonly Hash[]> => {
  checkSizes(index, size - 1);
  return rootsOf(inclusionSpans(index, { from: 0, to: size }), size, read);
};

/**
 * The proof that the tree of the first `old` leaves is a prefix of the tree of the first `size`
 * (RFC 6962 §2.1.2); empty for `old` 0 and for equal sizes.
 */
export const proveConsistency = async (
  old: number,
  size: number,
  read: ReadTiles,
): Promise<readonly Hash[]> => {
  checkSizes(old, size);
  if (old === 0) return [];
  return rootsOf(consistencySpans(old, { from: 0, to: size }, true), size, read);
};
