import { type Clock, numericDate } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { maxRequest, parseAddCheckpoint } from './add-checkpoint.ts';
import { type Advance, advanceTree } from './advance-tree.ts';
import type { LatestTree } from './latest-tree.ts';
import type { NoteSigner } from './note-signer.ts';
import { openCheckpoint, parseCheckpoint } from './tlog/checkpoint.ts';
import { cosignatureMessage, cosignedAt, formatCosignature } from './tlog/cosignature.ts';
import { formatSignature } from './tlog/note.ts';
import type { VerifierKey } from './tlog/verifier-key.ts';
import { answerSize, answerText, refusals, type WitnessAnswer } from './witness-answer.ts';

/** Who witnesses what, and where it remembers it. */
export type Witness = {
  /** The keys it trusts, each for the log of its own name; of type `ed25519`. */
  readonly logs: readonly VerifierKey[];
  readonly latest: LatestTree;
  /** Of type `cosignature`. */
  readonly signer: NoteSigner;
  readonly now: Clock;
};

/** The most bytes of a checkpoint's text: with its time before it, what AWS KMS signs in one piece. */
const maxText = 4000;

const checkKeys = ({ logs, signer }: Witness): void => {
  if (logs.some(({ type }) => type !== 'ed25519')) {
    throw new TypeError('A log is watched by its own key, of type 0x01.');
  }
  if (signer.verifier.type !== 'cosignature') {
    throw new TypeError('A witness signs with a key of type 0x04.');
  }
};

/**
 * Whose checkpoint it says that it is; undefined when its text is none. What stands below the text is
 * not looked at: a signature line that is not right is one that does not hold.
 */
const claimedOrigin = (checkpoint: Uint8Array): string | undefined => {
  const whole = Buffer.from(checkpoint).toString('utf8');
  const text = whole.slice(0, whole.lastIndexOf('\n\n') + 1);
  return parseCheckpoint(text)?.origin;
};

/** The one line of a cosignature; rejects with `signer-unavailable`, also when it does not hold. */
const cosign = async (signer: NoteSigner, text: string, time: number): Promise<string> => {
  const { name, id } = signer.verifier;
  const signature = formatCosignature(time, await signer.sign(cosignatureMessage(text, time)));
  if (cosignedAt(signer.verifier, text, signature) === undefined) {
    throw new Problem('signer-unavailable', 'The signature made here does not hold.');
  }
  return formatSignature({ name, id, signature });
};

const refusalOf = (advance: Exclude<Advance, { readonly kind: 'advanced' }>): WitnessAnswer => {
  switch (advance.kind) {
    case 'conflict':
    case 'fork':
      return answerSize(advance.size);
    case 'invalid-proof':
      return refusals.unproven;
  }
};

/** What fails and may pass is a 503; anything else that is thrown is a bug. */
const unlessUnavailable = async (work: () => Promise<WitnessAnswer>): Promise<WitnessAnswer> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) return { ...refusals.unavailable, cause: error };
    throw error;
  }
};

/**
 * Answers add-checkpoint (C2SP tlog-witness): cosigns a checkpoint of a known log that grows from the
 * tree on record, and has it on record before. The first tree of a log is taken as it is.
 *
 * A cosignature says that, at its time, no larger tree had been seen. So its time is the one at which
 * the request came: by the time it is signed, another may have put a larger tree on record.
 */
export const addCheckpoint = (witness: Witness) => {
  checkKeys(witness);
  const { logs, latest, signer, now } = witness;
  return async (body: Uint8Array): Promise<WitnessAnswer> => {
    const time = numericDate(now());
    if (body.length > maxRequest) return refusals.tooLarge;
    const request = parseAddCheckpoint(body);
    const claimed = request === undefined ? undefined : claimedOrigin(request.checkpoint);
    if (request === undefined || claimed === undefined) return refusals.malformed;
    const log = logs.filter(({ name }) => name === claimed);
    if (log.length === 0) return refusals.unknownLog;
    const opened = openCheckpoint(request.checkpoint, { log, witnesses: [] });
    if (opened === undefined) return refusals.unsigned;
    const { origin, size, root } = opened.checkpoint;
    const { text } = opened.note;
    const { oldSize, proof } = request;
    const judge = async (): Promise<WitnessAnswer> => {
      if (oldSize > size) return refusals.shrinking;
      if (Buffer.byteLength(text) > maxText) return refusals.tooLarge;
      const advance = await advanceTree(latest, { origin, oldSize, size, root, proof });
      if (advance.kind !== 'advanced') return refusalOf(advance);
      return answerText(await cosign(signer, text, time));
    };
    return { ...(await unlessUnavailable(judge)), about: { origin, size } };
  };
};
