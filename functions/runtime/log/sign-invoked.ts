import type { InvokedHandler } from './invoked.ts';
import type { LogProcess } from './scheduled.ts';
import { localSigner } from './signing.ts';
import { formatSignReply, SignEvent } from './wire.ts';

/** Signs what it is asked to by an event, as the log's signer may. */
export const loadSigning = async ({ env, observe }: LogProcess): Promise<InvokedHandler> => {
  const sign = localSigner(env);
  return async (event) => {
    const request = SignEvent.parse(event);
    const answer = await sign(request);
    if (answer.kind === 'refused') {
      observe.event('signer-refused', { shard: request.shard, size: request.size });
      observe.metric('SignerRefused', 1);
    }
    return formatSignReply(answer);
  };
};
