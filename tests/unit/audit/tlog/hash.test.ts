import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRoot, leafHash, nodeHash, perfectRoot } from '#shared/audit/tlog/hash.ts';
import { anyHash, hex } from './arbitraries.ts';
import { leafAt, naiveTreeOf } from './naive-tree.ts';

const sha256 = (...parts: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex');

describe('leafHash', () => {
  it('is SHA-256 of a zero byte and the data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(hex(leafHash(data))).toBe(sha256(Uint8Array.of(0), data));
      }),
    );
  });

  it.each([0, 1, 65_534, 65_535, 65_536, 65_537, 200_000])('of %i bytes, too', (length) => {
    const data = new Uint8Array(length).fill(0xa5);
    expect(hex(leafHash(data))).toBe(sha256(Uint8Array.of(0), data));
  });

  it('holds nothing of a longer leaf that was hashed before', () => {
    const before = hex(leafHash(Uint8Array.of(1, 2)));
    leafHash(new Uint8Array(1000).fill(0xff));
    expect(hex(leafHash(Uint8Array.of(1, 2)))).toBe(before);
  });

  it('gives a hash of its own each time, which later ones do not change', () => {
    const first = leafHash(Uint8Array.of(1));
    const text = hex(first);
    leafHash(Uint8Array.of(2));
    expect(hex(first)).toBe(text);
  });
});

describe('nodeHash', () => {
  it('is SHA-256 of a one byte and both children', () => {
    fc.assert(
      fc.property(anyHash, anyHash, (left, right) => {
        expect(hex(nodeHash(left, right))).toBe(sha256(Uint8Array.of(1), left, right));
      }),
    );
  });

  it.each([
    [31, 32],
    [32, 31],
    [33, 32],
    [32, 33],
    [0, 32],
    [64, 0],
  ])('refuses children of %i and %i bytes: a leaf must not be spelt as a node', (left, right) => {
    expect(() => nodeHash(new Uint8Array(left), new Uint8Array(right))).toThrow(RangeError);
  });

  it('is not the hash of a leaf that holds both children', () => {
    const child = new Uint8Array(32);
    expect(hex(nodeHash(child, child))).not.toBe(hex(leafHash(Buffer.concat([child, child]))));
  });
});

describe('perfectRoot', () => {
  it.each([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])(
    'of %i hashes is their Merkle tree hash',
    (n) => {
      const hashes = Array.from({ length: n }, (_, index) => leafHash(leafAt(index)));
      expect(hex(perfectRoot(Buffer.concat(hashes)))).toBe(hex(naiveTreeOf(n).root(0, n)));
    },
  );

  it('leaves the hashes as they were', () => {
    const hashes = Buffer.concat(Array.from({ length: 4 }, (_, index) => leafHash(leafAt(index))));
    const before = hex(hashes);
    perfectRoot(hashes);
    expect(hex(hashes)).toBe(before);
  });

  it.each([0, 31, 33, 48, 96, 100, 7 * 32])(
    'refuses %i bytes: not a power of two of hashes',
    (length) => {
      expect(() => perfectRoot(new Uint8Array(length))).toThrow(RangeError);
    },
  );
});

describe('emptyRoot', () => {
  it('is SHA-256 of nothing', () => {
    expect(hex(emptyRoot)).toBe(sha256());
  });
});
