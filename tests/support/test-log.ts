import type { AddCheckpoint } from '#shared/audit/add-checkpoint.ts';
import { formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { type Hash, leafHash, nodeHash } from '#shared/audit/tlog/hash.ts';
import { formatNote } from '#shared/audit/tlog/note.ts';
import { rootOfHashes } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { noteKey, type TestNoteKey } from './log-keys.ts';

/** Leaves that differ between branches from the index `forkedAt` on. */
export const leavesOf = (size: number, branch = '', forkedAt = 0): readonly string[] =>
  Array.from({ length: size }, (_, n) => (n < forkedAt ? `leaf ${n}` : `leaf ${n}${branch}`));

const hashesOf = (leaves: readonly string[]): readonly Hash[] =>
  leaves.map((leaf) => leafHash(utf8(leaf)));

const split = (count: number): number => 2 ** Math.ceil(Math.log2(count) - 1);

const subproof = (old: number, hashes: readonly Hash[], known: boolean): readonly Hash[] => {
  if (old === hashes.length) return known ? [] : [rootOfHashes(hashes)];
  const k = split(hashes.length);
  const [left, right] = [hashes.slice(0, k), hashes.slice(k)];
  return old <= k
    ? [...subproof(old, left, known), rootOfHashes(right)]
    : [...subproof(old - k, right, false), rootOfHashes(left)];
};

/** PROOF(m, D[n]) written as RFC 6962 §2.1.2 has it; empty for the empty tree. */
export const consistencyOf = (old: number, leaves: readonly string[]): readonly Hash[] =>
  old === 0 ? [] : subproof(old, hashesOf(leaves), true);

export type TestTree = {
  readonly leaves: readonly string[];
  readonly extensions?: readonly string[];
};

/** The text of a checkpoint over these leaves. */
export const textOver = (origin: string, { leaves, extensions = [] }: TestTree): string =>
  formatCheckpoint({
    origin,
    size: BigInt(leaves.length),
    root: rootOfHashes(hashesOf(leaves)),
    extensions,
  });

/** A checkpoint of these leaves, signed by each of the keys. */
export const checkpointOver = async (
  origin: string,
  tree: TestTree,
  keys: readonly TestNoteKey[] = [noteKey(origin, 'ed25519')],
): Promise<Uint8Array> => {
  const text = textOver(origin, tree);
  const signatures = await Promise.all(
    keys.map(async ({ verifier: { name, id }, sign }) => ({
      name,
      id,
      signature: await sign(utf8(text)),
    })),
  );
  return formatNote({ text, signatures });
};

/** An honest request to have these leaves witnessed after the first `old` of them. */
export const growthOver = async (
  origin: string,
  old: number,
  leaves: readonly string[],
): Promise<AddCheckpoint> => ({
  oldSize: BigInt(old),
  proof: consistencyOf(old, leaves),
  checkpoint: await checkpointOver(origin, { leaves }),
});

/** A hash of no tree. */
export const strangeHash: Hash = nodeHash(leafHash(utf8('a')), leafHash(utf8('b')));
