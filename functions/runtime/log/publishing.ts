import type { ObjectStore } from '#shared/audit/ports.ts';
import { objectPublisher } from '#shared/audit/publish/publish-checkpoint.ts';
import { LogStopped } from '#shared/audit/sequence/log-stopped.ts';
import type { Publisher } from '#shared/audit/sequence/ports.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { Env } from '../env.ts';
import { type LambdaCall, lambdaClient } from '../lambda-call.ts';
import { formatPublishEvent, PublishReply } from './wire.ts';

/** The publisher as a function of its own; what is published is read from the objects. */
export const lambdaPublisher = (
  call: LambdaCall,
  functionName: string,
  objects: Pick<ObjectStore, 'get' | 'replace'>,
): Publisher => ({
  published: objectPublisher(objects).published,
  publish: async (shard, checkpoint) => {
    const answer = await call(functionName, formatPublishEvent(shard, checkpoint));
    const { data, error } = PublishReply.safeParse(answer);
    if (data === undefined) {
      const said = 'The publisher did not answer as it should.';
      throw new Problem('store-unavailable', said, { retryAfter: 2 }, { cause: error });
    }
    if (data.stopped !== undefined) throw new LogStopped(data.stopped, shard);
  },
});

/** The publisher that the settings name: PUBLISHER_FUNCTION, else this process. */
export const openPublisher = (
  env: Env,
  objects: Pick<ObjectStore, 'get' | 'replace'>,
): Publisher =>
  env.PUBLISHER_FUNCTION === undefined
    ? objectPublisher(objects)
    : lambdaPublisher(lambdaClient(env, 'store-unavailable'), env.PUBLISHER_FUNCTION, objects);
