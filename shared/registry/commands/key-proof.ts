import { Problem } from '../../kernel/problem.ts';
import type { VerificationKey } from '../../message/key.ts';
import { receiveKeyProof } from '../../message/receive.ts';
import type { AdmittedKey } from '../admit-key.ts';
import type { Sender } from './command.ts';
import { invalid } from './refusals.ts';

/** A key and what the command says about it. */
type NewKey = AdmittedKey & Pick<VerificationKey, 'owner' | 'role'>;

const place = '/proof';

const readCommandId = async (
  proof: string,
  key: NewKey,
  { now, audience }: Sender,
): Promise<string> => {
  // It counts for this one message, whenever the key is to begin.
  const asked: VerificationKey = { ...key, status: 'active', notBefore: now, notAfter: now + 1 };
  const keyOf = async (kid: string): Promise<VerificationKey | undefined> =>
    kid === asked.kid ? asked : undefined;
  try {
    const { claims } = await receiveKeyProof(proof, { audience, keyOf, now: () => now });
    return claims.cmd_id;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw invalid(place, error.detail);
  }
};

/**
 * Checks that whoever sends the command holds the new key: the proof is signed by it, names its owner
 * and the address of commands, and is made for this very command. Throws the problem `invalid-claims`.
 */
export const checkKeyProof = async (proof: string, key: NewKey, by: Sender): Promise<void> => {
  if ((await readCommandId(proof, key, by)) !== by.command) {
    throw invalid(place, 'must be made for this command: its cmd_id is the id of the command');
  }
};
