import { describe, expect, it, type TestContext } from 'vitest';
import * as z from 'zod';
import { checkConsistency, checkInclusion } from '#shared/audit/tlog/check.ts';
import { leafHash, nodeHash } from '#shared/audit/tlog/hash.ts';
import { rootOfHashes } from '#shared/audit/tlog/tree.ts';
import { concat, sha256 } from '#shared/kernel/bytes.ts';
import { listVectors, readVectors, readVectorText } from '#tests/support/vectors.ts';

const folder = 'tlog/merkle/testdata';

/** Base64 as Go writes bytes: null stands for none. */
const Bytes = z
  .string()
  .nullable()
  .transform((text) => Buffer.from(text ?? '', 'base64'));
/** Up to 64 bits: those of 16 digits and more are quoted before JSON.parse rounds them. */
const Uint64 = z.union([z.int(), z.string()]).transform(BigInt);
const Proof = z
  .array(Bytes)
  .nullable()
  .transform((hashes) => hashes ?? []);

const Inclusion = z.strictObject({
  leafIdx: Uint64,
  treeSize: Uint64,
  root: Bytes,
  leafHash: Bytes,
  proof: Proof,
  desc: z.string(),
  wantErr: z.boolean(),
});
const Consistency = z.strictObject({
  size1: Uint64,
  size2: Uint64,
  root1: Bytes,
  root2: Bytes,
  proof: Proof,
  desc: z.string(),
  wantErr: z.boolean(),
});

const readAll = <Case>(test: TestContext, path: string, shape: z.ZodType<Case>): readonly Case[] =>
  listVectors(test, path).map((file) => {
    const text = readVectorText(test, file).replaceAll(/: (\d{16,})/g, ': "$1"');
    return shape.parse(JSON.parse(text));
  });

type Judged = { readonly desc: string; readonly holds: boolean; readonly wantErr: boolean };

const summary = (judged: readonly Judged[]) => ({
  accepted: judged.filter(({ holds }) => holds).length,
  refused: judged.filter(({ holds }) => !holds).length,
  wrong: judged.filter(({ holds, wantErr }) => holds === wantErr).map(({ desc }) => desc),
});

describe('transparency-dev/merkle', () => {
  it('inclusion: 98 vectors', (test) => {
    const judged = readAll(test, `${folder}/inclusion`, Inclusion).map((one) => ({
      ...one,
      holds: checkInclusion({
        leaf: one.leafHash,
        index: one.leafIdx,
        size: one.treeSize,
        root: one.root,
        proof: one.proof,
      }),
    }));

    expect(summary(judged)).toEqual({ accepted: 6, refused: 92, wrong: [] });
  });

  it('consistency: 98 vectors', (test) => {
    const judged = readAll(test, `${folder}/consistency`, Consistency).map((one) => ({
      ...one,
      holds: checkConsistency({
        oldSize: one.size1,
        oldRoot: one.root1,
        size: one.size2,
        root: one.root2,
        proof: one.proof,
      }),
    }));

    expect(summary(judged)).toEqual({ accepted: 6, refused: 92, wrong: [] });
  });

  it('has numbers that JSON.parse would round', (test) => {
    const indexes = readAll(test, `${folder}/inclusion`, Inclusion).map(({ leafIdx }) => leafIdx);

    expect(indexes.some((index) => index > BigInt(Number.MAX_SAFE_INTEGER))).toBe(true);
  });
});

const Hex = z.hex().transform((text) => Buffer.from(text, 'hex'));
const Reference = z.object({
  leafInputs: z.array(Hex).length(8),
  rootHashes: z.array(z.hex()).length(9),
  nodeHashes: z.array(z.array(z.hex())).length(4),
  hasher: z
    .array(
      z.discriminatedUnion('op', [
        z.object({ op: z.literal('leaf'), in: Hex, out: z.hex() }),
        z.object({ op: z.literal('node'), in: z.tuple([Hex, Hex]), out: z.hex() }),
      ]),
    )
    .length(3),
  sumdbLeaf: z.object({ text: z.string(), leafHash: z.hex() }),
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const pairsOf = (level: readonly string[]): readonly string[] =>
  level.flatMap((right, at) =>
    at % 2 === 0
      ? []
      : [hex(nodeHash(Buffer.from(level[at - 1] ?? '', 'hex'), Buffer.from(right, 'hex')))],
  );

describe('RFC 6962, the reference tree of eight leaves', () => {
  const path = 'tlog/rfc6962/reference-tree.json';

  it('has these nine roots', (test) => {
    const { leafInputs, rootHashes } = readVectors(test, path, Reference);
    const leaves = leafInputs.map(leafHash);

    expect(rootHashes.map((_, size) => hex(rootOfHashes(leaves.slice(0, size))))).toEqual(
      rootHashes,
    );
  });

  it('has these fifteen nodes', (test) => {
    const { leafInputs, nodeHashes } = readVectors(test, path, Reference);
    const bottom = leafInputs.map((data) => hex(leafHash(data)));
    const second = pairsOf(bottom);
    const third = pairsOf(second);

    expect([bottom, second, third, pairsOf(third)]).toEqual(nodeHashes);
    expect(nodeHashes.flat().length).toBe(15);
  });

  it('hashes leaves and nodes with their prefixes', (test) => {
    const { hasher } = readVectors(test, path, Reference);
    // The children of the vector's node have 4 bytes, which ours refuses: see below.
    const hashes = hasher.map((one) =>
      one.op === 'leaf' ? leafHash(one.in) : sha256(concat(Uint8Array.of(0x01), ...one.in)),
    );

    expect(hashes.map(hex)).toEqual(hasher.map(({ out }) => out));
  });

  it('a node of anything but two hashes is refused: a leaf can never be spelt as a node', (test) => {
    const { hasher } = readVectors(test, path, Reference);
    const children = hasher.flatMap((one) => (one.op === 'node' ? [one.in] : []));

    expect(children.length).toBe(1);
    for (const [left, right] of children) {
      expect(() => nodeHash(left, right)).toThrow(RangeError);
    }
  });

  it('a leaf of the Go checksum database has its hash', (test) => {
    const { text, leafHash: expected } = readVectors(test, path, Reference).sumdbLeaf;

    expect(hex(leafHash(Buffer.from(text)))).toBe(expected);
  });
});
