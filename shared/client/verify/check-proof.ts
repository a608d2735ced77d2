import { checkInclusion } from '../../audit/tlog/check.ts';
import { leafHash } from '../../audit/tlog/hash.ts';
import type { Policy } from '../../audit/tlog/policy.ts';
import { parseProofFile } from '../../audit/tlog/proof-file.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { type Check, failed, passed } from './failure.ts';
import { type OpenedCheckpoint, openByPolicy } from './open-checkpoint.ts';

export type CheckedProof = {
  readonly checks: readonly Check[];
  /** What was shown to be in the log; undefined when nothing was. */
  readonly proven:
    | {
        readonly checkpoint: NonNullable<OpenedCheckpoint['checkpoint']>;
        /** The signed checkpoint, verbatim. */
        readonly note: Uint8Array;
        readonly index: number;
        readonly hash: Uint8Array;
        /** The leaf itself; undefined when only its hash is known. */
        readonly data: Uint8Array | undefined;
      }
    | undefined;
};

/** What the proof is about: the entry, and where neither it nor the proof has that, its hash. */
export type ProofSubject = {
  readonly entry?: Uint8Array | undefined;
  readonly hash?: Uint8Array | undefined;
};

const refuse = (...checks: readonly Check[]): CheckedProof => ({ checks, proven: undefined });

/**
 * Checks a `.tlog-proof` (C2SP tlog-proof) by a policy, without a network. Everything that does not
 * fit the tree has one and the same reason.
 */
export const checkProof = (
  bytes: Uint8Array,
  policy: Policy,
  subject: ProofSubject = {},
): CheckedProof => {
  const file = parseProofFile(bytes);
  if (file === undefined) {
    return refuse(failed('proof', 'malformed', 'It is not a .tlog-proof (C2SP tlog-proof)'));
  }
  const { checks, checkpoint } = openByPolicy(file.checkpoint, policy, 'quorum');
  if (checkpoint === undefined) return refuse(...checks);
  const data = file.extra ?? subject.entry;
  const hash = data === undefined ? subject.hash : leafHash(data);
  if (hash === undefined) {
    const detail = 'It does not hold its entry: give the entry or its receipt';
    return refuse(...checks, failed('proof', 'malformed', detail));
  }
  const { index, proof, extra, checkpoint: note } = file;
  const { size, root, origin } = checkpoint;
  const { entry } = subject;
  const isSame = entry === undefined || extra === undefined || equalBytes(entry, extra);
  const holds = isSame && checkInclusion({ leaf: hash, index, size, root, proof });
  if (!holds) return refuse(...checks, failed('inclusion', 'tree', 'The proof does not hold'));
  const place = `leaf ${index} of ${size} in ${origin}`;
  return {
    checks: [...checks, passed('inclusion', place)],
    proven: { checkpoint, note, index: Number(index), hash, data },
  };
};
