import { type Asked, type Witnessed, witnessLog } from '#shared/audit/publish/ask-witnesses.ts';
import { numericDate } from '#shared/kernel/clock.ts';
import type { Env } from '../env.ts';
import { openObjectStore } from '../objects/open-objects.ts';
import { shardsOf } from './log-env.ts';
import { loadPolicy } from './log-policy.ts';
import type { LogProcess, Work } from './scheduled.ts';
import { httpWitnessClient } from './witness-client.ts';

/** Milliseconds between looks at what is missing beside the published checkpoint. */
const pace = 2000;

/** Seconds after which a log that does not grow is cosigned again: twice within the limit at least. */
const refreshOf = ({ WITNESS_LIMIT_SECONDS: limit }: Env): number =>
  limit === 0 ? 600 : Math.max(1, Math.min(600, Math.floor(limit / 2)));

const tell = (
  { now, observe }: LogProcess,
  shard: number,
  { time, asked }: Pick<Witnessed, 'asked' | 'time'>,
): void => {
  for (const { witness, result } of asked.filter((one) => one.result !== 'cosigned')) {
    observe.metric('WitnessFailures', 1, { witness, result });
  }
  if (time === undefined) return;
  const age = Math.max(0, numericDate(now()) - time);
  observe.metric('WitnessAge', age, { shard: String(shard) });
};

/** Asks the witnesses of all shards, and leaves those alone that fail. */
export const loadWitnessing = async (given: LogProcess): Promise<Work> => {
  const { env, now, observe } = given;
  const policy = await loadPolicy(env);
  const objects = openObjectStore(env, 'OBJECTS');
  const client = httpWitnessClient(given);
  const tasks = shardsOf(env).map((shard) => {
    const ask = witnessLog({ objects, policy, client, now, refresh: refreshOf(env) }, shard);
    const last = new Map<string, Asked['result']>();
    return {
      shard,
      step: async (first: boolean) => {
        const witnessed = await ask();
        for (const { witness, result, status = 0 } of witnessed.asked) {
          // Every two seconds would be too many lines of one outage.
          if (last.get(witness) === result) continue;
          last.set(witness, result);
          observe.event('witness', { shard, witness, result, status });
        }
        if (first) tell(given, shard, witnessed);
        return { more: false };
      },
    };
  });
  return { pace, tasks };
};
