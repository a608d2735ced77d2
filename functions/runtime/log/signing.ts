import type { CheckpointSigner } from '#shared/audit/sequence/ports.ts';
import { checkpointSigner } from '#shared/audit/sign-checkpoint.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoLatestTree } from '../dynamo/latest-tree.ts';
import type { Env } from '../env.ts';
import { type LambdaCall, lambdaClient } from '../lambda-call.ts';
import { loadOnce } from '../load-once.ts';
import { demand, shardsOf } from './log-env.ts';
import { openLogSigner } from './log-keys.ts';
import { formatSignEvent, SignReply } from './wire.ts';

/** The signer in this very process: it alone holds the keys. */
export const localSigner = (env: Env): CheckpointSigner => {
  const signers = shardsOf(env).map((shard) => loadOnce(() => openLogSigner(env, shard)));
  const latest = dynamoLatestTree(dynamoClient(env), demand(env, 'SIGNER_TABLE'));
  demand(env, 'LOG_KEYS');
  return checkpointSigner({
    latest,
    signerOf: async (shard) => {
      const open = signers[shard];
      if (open === undefined) throw new RangeError('There is no log of this shard.');
      return open();
    },
  });
};

/** The signer as a function of its own. */
export const lambdaSigner =
  (call: LambdaCall, functionName: string): CheckpointSigner =>
  async (request) => {
    const answer = await call(functionName, formatSignEvent(request));
    const { data, error } = SignReply.safeParse(answer);
    if (data !== undefined) return data;
    const said = 'The signer did not answer as it should.';
    throw new Problem('signer-unavailable', said, { retryAfter: 2 }, { cause: error });
  };

/** The signer that the settings name: SIGNER_FUNCTION, else this process. */
export const openSigner = (env: Env): CheckpointSigner =>
  env.SIGNER_FUNCTION === undefined
    ? localSigner(env)
    : lambdaSigner(lambdaClient(env, 'signer-unavailable'), env.SIGNER_FUNCTION);
