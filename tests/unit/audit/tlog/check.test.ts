import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Consistency,
  checkConsistency,
  checkInclusion,
  type Inclusion,
} from '#shared/audit/tlog/check.ts';
import { nodeHash } from '#shared/audit/tlog/hash.ts';
import { anyHash, flipBit } from './arbitraries.ts';
import { naiveTreeOf } from './naive-tree.ts';

const largest = 600;
const naive = naiveTreeOf(largest);

const inclusion = (index: number, size: number): Inclusion => ({
  leaf: naive.root(index, index + 1),
  index: BigInt(index),
  size: BigInt(size),
  root: naive.root(0, size),
  proof: naive.path(index, size),
});

const consistency = (old: number, size: number): Consistency => ({
  oldSize: BigInt(old),
  oldRoot: naive.root(0, old),
  size: BigInt(size),
  root: naive.root(0, size),
  proof: naive.proof(old, size),
});

/** A size from 2, and a number from 1 up to below it. */
const anyPlace = fc
  .integer({ min: 2, max: largest })
  .chain((size) => fc.tuple(fc.integer({ min: 1, max: size - 1 }), fc.constant(size)));

type Proof = readonly Uint8Array[];
type Change = (proof: Proof, at: number, hash: Uint8Array) => Proof;

/** What a forger, or a bad disk, may do to a proof; each is given a position and a random hash. */
const changes: readonly (readonly [string, Change])[] = [
  [
    'one bit flipped',
    (proof, at) => proof.map((one, n) => (n === at ? flipBit(one, at % 256) : one)),
  ],
  ['a hash replaced', (proof, at, hash) => proof.toSpliced(at, 1, hash)],
  ['a hash dropped', (proof, at) => proof.toSpliced(at, 1)],
  ['a hash doubled', (proof, at) => proof.flatMap((one, n) => (n === at ? [one, one] : [one]))],
  ['a hash put in', (proof, at, hash) => proof.toSpliced(at, 0, hash)],
  ['a hash put at the end', (proof, _, hash) => [...proof, hash]],
  ['a hash cut short', (proof, at) => proof.map((one, n) => (n === at ? one.subarray(1) : one))],
  [
    'a hash made longer',
    (proof, at) => proof.map((one, n) => (n === at ? Buffer.concat([one, one]) : one)),
  ],
  ['two hashes joined', (proof) => [Buffer.concat([...proof])].filter(({ length }) => length > 32)],
  ['no hash left', () => []],
];

const swapped: Change = (proof, at) => {
  const [one, two] = proof.slice(at, at + 2);
  return one === undefined || two === undefined ? [] : proof.toSpliced(at, 2, two, one);
};

describe('checkInclusion', () => {
  it('holds for every leaf of every tree up to 100', () => {
    for (let size = 1; size <= 100; size += 1) {
      for (let index = 0; index < size; index += 1) {
        expect(checkInclusion(inclusion(index, size))).toBe(true);
      }
    }
  });

  it.each([...changes, ['two hashes swapped', swapped] as const])(
    'never holds with %s',
    (_, change) => {
      fc.assert(
        fc.property(anyPlace, fc.nat(), anyHash, ([index, size], seed, hash) => {
          const claim = inclusion(index, size);
          const at = seed % claim.proof.length;
          expect(checkInclusion({ ...claim, proof: change(claim.proof, at, hash) })).toBe(false);
        }),
      );
    },
  );

  it('never holds for another leaf or root, by a bit or by its length', () => {
    fc.assert(
      fc.property(anyPlace, fc.nat({ max: 255 }), ([index, size], bit) => {
        const claim = inclusion(index, size);
        expect(checkInclusion({ ...claim, leaf: flipBit(claim.leaf, bit) })).toBe(false);
        expect(checkInclusion({ ...claim, root: flipBit(claim.root, bit) })).toBe(false);
        expect(checkInclusion({ ...claim, leaf: claim.leaf.subarray(1) })).toBe(false);
        expect(checkInclusion({ ...claim, root: claim.root.subarray(1) })).toBe(false);
      }),
    );
  });

  it('never holds at another index, nor in a tree of another size with its own root', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const claim = inclusion(index, size);
        for (let other = 0; other <= 40; other += 1) {
          const root = naive.root(0, other);
          const moved = { ...claim, index: BigInt(other) };
          expect(checkInclusion(moved)).toBe(other === index);
          expect(checkInclusion({ ...claim, size: BigInt(other), root })).toBe(other === size);
        }
      }
    }
  });

  it('holds in a tree of 2^64 leaves, with 64 hashes; a longer proof is of no tree', () => {
    const leaf = naive.root(0, 1);
    const proof = Array.from({ length: 65 }, (_, n) => naive.root(n, n + 1));
    const rootOver = (hashes: readonly Uint8Array[]) => hashes.reduce(nodeHash, leaf);
    const first = { leaf, index: 0n, size: 2n ** 64n };
    const shorter = proof.slice(0, 64);

    expect(checkInclusion({ ...first, root: rootOver(shorter), proof: shorter })).toBe(true);
    expect(checkInclusion({ ...first, size: 2n ** 65n, root: rootOver(proof), proof })).toBe(false);
  });

  it('does not hold with a hash more than its tree is high, though it comes to the root', () => {
    const leaf = naive.root(0, 1);
    const more = naive.root(1, 2);
    const root = nodeHash(more, leaf);
    expect(checkInclusion({ leaf, index: 0n, size: 1n, root, proof: [more] })).toBe(false);
  });

  it.each([
    ['an index below 0', { index: -1n }],
    ['an index of the size', { index: 5n }],
    ['an index above the size', { index: 6n }],
    ['an empty tree', { index: 0n, size: 0n }],
    ['a negative size', { index: 0n, size: -5n }],
  ])('does not hold for %s', (_, wrong) => {
    expect(checkInclusion({ ...inclusion(0, 5), ...wrong })).toBe(false);
  });

  it('of an inner node as a leaf does not hold', () => {
    // The tree of four as a tree of two, its inner nodes as leaves.
    const forged = {
      ...inclusion(0, 4),
      leaf: naive.root(0, 2),
      size: 2n,
      proof: [naive.root(2, 4)],
    };
    // The check takes leaf hashes: only hashing the data with the leaf's prefix rules this out.
    expect(checkInclusion(forged)).toBe(true);
    expect(checkInclusion({ ...forged, size: 4n })).toBe(false);
  });
});

describe('checkConsistency', () => {
  it('holds between all trees up to 60', () => {
    for (let size = 1; size <= 60; size += 1) {
      for (let old = 1; old <= size; old += 1) {
        expect(checkConsistency(consistency(old, size))).toBe(true);
      }
    }
  });

  it.each([...changes, ['two hashes swapped', swapped] as const])(
    'never holds with %s',
    (_, change) => {
      fc.assert(
        fc.property(anyPlace, fc.nat(), anyHash, ([old, size], seed, hash) => {
          const claim = consistency(old, size);
          const at = seed % claim.proof.length;
          expect(checkConsistency({ ...claim, proof: change(claim.proof, at, hash) })).toBe(false);
        }),
      );
    },
  );

  it('never holds for another root of either tree', () => {
    fc.assert(
      fc.property(anyPlace, fc.nat({ max: 255 }), ([old, size], bit) => {
        const claim = consistency(old, size);
        expect(checkConsistency({ ...claim, oldRoot: flipBit(claim.oldRoot, bit) })).toBe(false);
        expect(checkConsistency({ ...claim, root: flipBit(claim.root, bit) })).toBe(false);
        expect(checkConsistency({ ...claim, oldRoot: claim.oldRoot.subarray(1) })).toBe(false);
        expect(checkConsistency({ ...claim, root: claim.root.subarray(1) })).toBe(false);
        expect(checkConsistency({ ...claim, oldRoot: claim.root, root: claim.oldRoot })).toBe(
          false,
        );
      }),
    );
  });

  it('never holds for another old size, nor for another size with its own root', () => {
    for (let size = 1; size <= 32; size += 1) {
      for (let old = 1; old <= size; old += 1) {
        const claim = consistency(old, size);
        for (let other = 0; other <= 32; other += 1) {
          const root = naive.root(0, other);
          const own = { ...claim, oldSize: BigInt(other), oldRoot: root };
          expect(checkConsistency({ ...claim, oldSize: BigInt(other) })).toBe(other === old);
          expect(checkConsistency(own)).toBe(other === old);
          expect(checkConsistency({ ...claim, size: BigInt(other), root })).toBe(other === size);
        }
      }
    }
  });

  it.each([
    ['from the empty tree', { oldSize: 0n, proof: [] }],
    ['from the empty tree to itself', { oldSize: 0n, size: 0n, proof: [] }],
    ['from a negative size', { oldSize: -1n }],
    ['to a smaller tree', { oldSize: 6n }],
    ['to the same tree with a proof', { oldSize: 5n, oldRoot: naive.root(0, 5) }],
    ['to the same size with another root', { oldSize: 5n, proof: [] }],
    ['to a larger tree without a proof', { proof: [] }],
  ])('never holds %s', (_, wrong) => {
    expect(checkConsistency({ ...consistency(3, 5), ...wrong })).toBe(false);
  });

  it('does not hold with a hash more than its tree is high, though it comes to both roots', () => {
    const { proof, oldRoot, root, ...sizes } = consistency(3, 4);
    const more = naive.root(9, 10);
    const lifted = { oldRoot: nodeHash(more, oldRoot), root: nodeHash(more, root) };
    expect(checkConsistency({ ...sizes, ...lifted, proof: [...proof, more] })).toBe(false);
  });

  it('holds to the same tree without a proof', () => {
    expect(checkConsistency({ ...consistency(5, 5), proof: [] })).toBe(true);
  });

  it('does not hold for a fork: the same size with one leaf changed', () => {
    fc.assert(
      fc.property(anyPlace, anyHash, ([old, size], fork) => {
        expect(checkConsistency({ ...consistency(old, size), oldRoot: fork })).toBe(false);
      }),
    );
  });
});
