import { equalBytes } from '../../kernel/bytes.ts';
import { type Hash, hashSize, nodeHash } from './hash.ts';

/** No proof in a tree of less than 2^64 leaves is longer. */
const maxProof = 64;

const isProof = (proof: readonly Hash[]): boolean =>
  proof.length <= maxProof && proof.every(({ length }) => length === hashSize);

/** A claim that a leaf is in a tree. */
export type Inclusion = {
  readonly leaf: Hash;
  readonly index: bigint;
  readonly size: bigint;
  readonly root: Hash;
  readonly proof: readonly Hash[];
};

/**
 * Whether the proof shows the leaf hash at `index` of the tree (RFC 9162 §2.1.3.2). A proof does not
 * tell trees of other sizes apart: that this root is of this size is what the checkpoint signs.
 */
export const checkInclusion = ({ leaf, index, size, root, proof }: Inclusion): boolean => {
  if (index < 0n || index >= size || leaf.length !== hashSize || !isProof(proof)) return false;
  let [fn, sn] = [index, size - 1n];
  let computed = leaf;
  for (const sibling of proof) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      computed = nodeHash(sibling, computed);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      computed = nodeHash(computed, sibling);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(computed, root);
};

/** A claim that one tree is a prefix of another. */
export type Consistency = {
  readonly oldSize: bigint;
  readonly oldRoot: Hash;
  readonly size: bigint;
  readonly root: Hash;
  readonly proof: readonly Hash[];
};

/**
 * Whether the proof shows the old tree to be a prefix of the other (RFC 9162 §2.1.4.2). The empty
 * tree is no statement, so an old size of 0 is never proven here.
 */
export const checkConsistency = (claim: Consistency): boolean => {
  const { oldSize, oldRoot, size, root, proof } = claim;
  if (oldSize <= 0n || oldSize > size || !isProof(proof)) return false;
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  const isPowerOfTwo = (oldSize & (oldSize - 1n)) === 0n;
  const path = isPowerOfTwo ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined || first.length !== hashSize || rest.length === 0) return false;
  let [fn, sn] = [oldSize - 1n, size - 1n];
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let [fr, sr] = [first, first];
  for (const one of rest) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(one, fr);
      sr = nodeHash(one, sr);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      sr = nodeHash(sr, one);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(fr, oldRoot) && equalBytes(sr, root);
};
