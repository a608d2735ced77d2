import { cosignedAt } from './tlog/cosignature.ts';
import { maxNote, type NoteSignature, parseSignature } from './tlog/note.ts';
import type { VerifierKey } from './tlog/verifier-key.ts';

/**
 * The cosignature of one witness in its answer to add-checkpoint (C2SP tlog-witness): the first line
 * under its name and key that holds for the checkpoint's `text`. Every other line is ignored.
 * Undefined when there is none, so that no answer can put anything else beside a checkpoint.
 */
export const readCosignatures = (
  answerBody: string,
  text: string,
  witnessKey: VerifierKey,
): NoteSignature | undefined => {
  if (witnessKey.type !== 'cosignature' || answerBody.length > maxNote) return undefined;
  return answerBody
    .split('\n')
    .map(parseSignature)
    .find(
      (one) =>
        one?.name === witnessKey.name &&
        one.id === witnessKey.id &&
        cosignedAt(witnessKey, text, one.signature) !== undefined,
    );
};
