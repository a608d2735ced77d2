import { utf8 } from '../kernel/bytes.ts';
import { Problem } from '../kernel/problem.ts';
import { advanceTree } from './advance-tree.ts';
import type { LatestTree } from './latest-tree.ts';
import type { NoteSigner } from './note-signer.ts';
import type { CheckpointSigner } from './sequence/ports.ts';
import { formatCheckpoint } from './tlog/checkpoint.ts';
import { toSafe } from './tlog/decimal.ts';
import { formatNote } from './tlog/note.ts';
import { verifyEd25519 } from './tlog/verifier-key.ts';

/** The key of each log, and the last tree that was signed with it. */
export type LogSigning = {
  /** The signer of a shard, named by the origin of its log. */
  readonly signerOf: (shard: number) => Promise<NoteSigner>;
  readonly latest: LatestTree;
};

/**
 * The log's signer (audit-log.md §3, step 6): trusts nobody's word that a tree grows from the last it
 * signed, has it on record before it signs, and lets no signature out that does not hold.
 */
export const checkpointSigner =
  ({ signerOf, latest }: LogSigning): CheckpointSigner =>
  async ({ shard, oldSize, size, root, proof }) => {
    const signer = await signerOf(shard);
    const { name: origin, id } = signer.verifier;
    const tree = { origin, size: BigInt(size), root };
    const advance = await advanceTree(latest, { ...tree, oldSize: BigInt(oldSize), proof });
    if (advance.kind === 'conflict') {
      const known = toSafe(advance.size);
      return known === undefined ? { kind: 'refused' } : { kind: 'conflict', size: known };
    }
    if (advance.kind !== 'advanced') return { kind: 'refused' };
    const text = formatCheckpoint({ ...tree, extensions: [] });
    const signature = await signer.sign(utf8(text));
    if (!verifyEd25519(signer.verifier, utf8(text), signature)) {
      throw new Problem('signer-unavailable', 'The signature made here does not hold.');
    }
    const signatures = [{ name: origin, id, signature }];
    return { kind: 'signed', checkpoint: formatNote({ text, signatures }) };
  };
