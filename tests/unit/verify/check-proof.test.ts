import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { formatProofFile, parseProofFile } from '#shared/audit/tlog/proof-file.ts';
import { checkProof } from '#shared/client/verify/check-proof.ts';
import { proofOf, signCheckpoint, testSigners } from '#tests/support/log-builder.ts';
import { failuresOf, firstLeaves, inquiriesAt, logOf, policy } from './sample-log.ts';

const leaves = [...firstLeaves, ...(await inquiriesAt([0, 1000, 2000])).map(({ data }) => data)];
const built = await logOf(leaves);
const index = 5;
const entry = leaves[index] ?? new Uint8Array();
const proof = await proofOf(leaves, index, built);
const file = parseProofFile(proof);
if (file === undefined) throw new Error('no proof');

const bent = (change: Partial<typeof file>): Uint8Array => formatProofFile({ ...file, ...change });

const failuresIn = (bytes: Uint8Array, subject = {}) =>
  failuresOf(checkProof(bytes, policy, subject));

describe('checkProof', () => {
  it('shows every leaf of a log to be in it', async () => {
    for (const [n, data] of leaves.entries()) {
      const { proven } = checkProof(await proofOf(leaves, n, built), policy);
      expect(proven).toMatchObject({ index: n, data });
    }
  });

  it('takes the entry, or its hash, from elsewhere when the proof does not hold it', () => {
    const bare = bent({ extra: undefined });
    expect(failuresIn(bare)).toEqual(['malformed']);
    expect(failuresIn(bare, { entry })).toEqual([]);
    expect(failuresIn(bare, { hash: leafHash(entry) })).toEqual([]);
    expect(failuresIn(bare, { entry: leaves[4] })).toEqual(['tree']);
    expect(failuresIn(proof, { entry })).toEqual([]);
    expect(failuresIn(proof, { entry: leaves[4] })).toEqual(['tree']);
  });

  it('gives one and the same reason for everything that does not fit the tree', () => {
    const bad = [
      bent({ index: file.index + 1n }),
      bent({ index: 7n }),
      bent({ index: 2n ** 64n - 1n }),
      bent({ extra: leaves[4] }),
      bent({ proof: file.proof.slice(1) }),
      bent({ proof: [...file.proof, leafHash(entry)] }),
      bent({ proof: file.proof.toReversed() }),
    ];
    const details = bad.map((bytes) => checkProof(bytes, policy).checks.at(-1));
    expect(new Set(details.map((check) => JSON.stringify(check))).size).toBe(1);
    expect(details[0]).toMatchObject({ result: 'failed', failure: 'tree' });
  });

  it('refuses a checkpoint of another log, without quorum, or of another tree', async () => {
    const { root } = built;
    const tree = { size: BigInt(leaves.length), root };
    const signers = testSigners();
    const alone = await signCheckpoint(tree, { signers: { ...signers, witnesses: [] } });
    expect(failuresIn(bent({ checkpoint: alone }))).toEqual(['unsigned']);
    const foreign = testSigners('other.example/log/0');
    expect(
      failuresIn(bent({ checkpoint: await signCheckpoint(tree, { signers: foreign }) })),
    ).toEqual(['unsigned']);
    const other = await signCheckpoint({ size: 7n, root: leafHash(entry) });
    expect(failuresIn(bent({ checkpoint: other }))).toEqual(['tree']);
    const larger = await signCheckpoint({ size: 2n ** 60n, root });
    expect(failuresIn(bent({ checkpoint: larger }))).toEqual(['malformed']);
  });

  it('refuses every single byte that is changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: proof.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (position, mask) => {
          const flipped = proof.map((byte, n) => (n === position ? byte ^ mask : byte));
          expect(failuresIn(flipped)).not.toEqual([]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
