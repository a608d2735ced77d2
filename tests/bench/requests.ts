import { randomBytes } from 'node:crypto';
import { participantKey } from '#infra/local/keys.ts';
import {
  type Asker,
  type Question,
  type SignedRequest,
  signRequest,
} from '#shared/client/sign-request.ts';
import { asker } from './questions.ts';

/** Signs fresh requests as the counter of the benches does. */
export const requestSigner = async (
  keys: string,
  origin: string,
): Promise<(question: Question) => Promise<SignedRequest>> => {
  const who: Asker = {
    participant: asker,
    signer: await participantKey(keys, asker, 'ES256'),
    audience: `${origin}/v1/inquiries`,
    now: Date.now,
    random: (length) => randomBytes(length),
  };
  return (question) => signRequest(question, who);
};
