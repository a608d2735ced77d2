import { setTimeout as wait } from 'node:timers/promises';
import type { ExchangeClient } from '#shared/client/exchange-client.ts';
import type { CheckedProof, ProofCheck } from '#shared/client/inquiry-proof.ts';
import { ReadRefused } from '#shared/client/read.ts';

/** Milliseconds from one look to the next, for somebody who sits before it. */
const pause = 1000;

const isPending = (error: unknown): boolean =>
  error instanceof ReadRefused && error.problem.name === 'proof-pending';

/**
 * The proof of an inquiry as soon as there is one, checked. The exchange says when to come back,
 * by what is usual; on one machine it costs nobody anything to look each second.
 * Resolves to `pending` when it is still not in the log after so many looks, one a second.
 */
export const awaitProof = async (
  client: Pick<ExchangeClient, 'proof'>,
  id: string,
  check: Omit<ProofCheck, 'patience'>,
  looks: number,
): Promise<CheckedProof | 'pending'> => {
  for (let look = 0; look < looks; look += 1) {
    try {
      return await client.proof(id, { ...check, patience: 0 });
    } catch (error) {
      if (!isPending(error)) throw error;
      await wait(pause);
    }
  }
  return 'pending';
};
