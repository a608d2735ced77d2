import { checkInclusion } from '../audit/tlog/check.ts';
import { openCheckpoint, type SignedCheckpoint } from '../audit/tlog/checkpoint.ts';
import { leafHash } from '../audit/tlog/hash.ts';
import { keysOf, type Policy, satisfies } from '../audit/tlog/policy.ts';
import { parseProofFile } from '../audit/tlog/proof-file.ts';
import { toBase64Url, utf8 } from '../kernel/bytes.ts';
import type { CheckedReceipt } from './check-reply.ts';
import { type Connection, type Reading, ReadRefused, readText } from './read.ts';
import { targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** What a proof is held against. */
export type ProofCheck = {
  /** Whom the caller believes about the log; never what the exchange itself suggests. */
  readonly policy: Policy;
  /** The receipt of the inquiry: it names the log and the leaf. */
  readonly receipt: CheckedReceipt;
  /** Milliseconds to wait while the inquiry is not in the log yet; five minutes when nothing is said. */
  readonly patience?: number;
};

/** That an inquiry is in the log: whoever has the policy can check it again without a network. */
export type CheckedProof = {
  /** The `.tlog-proof` (C2SP tlog-proof), verbatim: to be kept beside the receipt. */
  readonly bytes: Uint8Array;
  readonly index: bigint;
  /** I and O of the inquiry (audit-log.md §2). */
  readonly leaf: Uint8Array;
  readonly checkpoint: SignedCheckpoint;
};

const usualPatience = 300_000;

/** Milliseconds before the next try when the exchange names none, and whatever it names. */
const usualPause = 5000;
const leastPause = 1000;

/**
 * Checks a proof: that a checkpoint which satisfies the policy covers, in the log that the receipt
 * names, the very leaf that the receipt promises. Throws {@link UntrustedReply}.
 */
export const checkProof = (
  bytes: Uint8Array,
  { policy, receipt: { claims } }: Pick<ProofCheck, 'policy' | 'receipt'>,
): CheckedProof => {
  const file = parseProofFile(bytes);
  if (file?.extra === undefined) {
    throw new UntrustedReply('shape', 'This is no proof with its entry.');
  }
  const { index, proof, extra: data } = file;
  const signed = openCheckpoint(file.checkpoint, keysOf(policy));
  if (signed === undefined || !satisfies(policy, signed)) {
    throw new UntrustedReply('checkpoint-untrusted', 'The policy does not believe the checkpoint.');
  }
  const { checkpoint } = signed;
  const leaf = leafHash(data);
  if (checkpoint.origin !== claims.log || toBase64Url(leaf) !== claims.leaf) {
    throw new UntrustedReply('proof-not-ours', 'The receipt names another log or another entry.');
  }
  if (!checkInclusion({ leaf, index, proof, size: checkpoint.size, root: checkpoint.root })) {
    throw new UntrustedReply('proof-invalid', 'The entry is not in the tree of the checkpoint.');
  }
  return { bytes, index, leaf: data, checkpoint: signed };
};

/**
 * Reads the proof of an inquiry, comes back while it is pending, and checks it. Throws
 * {@link ReadRefused} when it is still pending after the caller's patience.
 */
export const waitForProof = async (
  connection: Connection,
  reader: Reading['reader'],
  id: string,
  { patience = usualPatience, ...check }: ProofCheck,
): Promise<CheckedProof> => {
  const target = targetOf('readInquiryProof', { id });
  const reading = { target, reader, proof: 'access-token', accept: 'text/plain' } as const;
  let left = patience;
  for (;;) {
    try {
      return checkProof(utf8(await readText(connection, reading)), check);
    } catch (error) {
      if (!(error instanceof ReadRefused) || error.problem.name !== 'proof-pending') throw error;
      const pause = Math.max(leastPause, error.retryAfter ?? usualPause);
      if (pause > left) throw error;
      left -= pause;
      await connection.wait(pause);
    }
  }
};
