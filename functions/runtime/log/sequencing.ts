import { bucketLength } from '#shared/audit/address.ts';
import type { LogHead } from '#shared/audit/log-head.ts';
import type { SequencerPorts } from '#shared/audit/sequence/ports.ts';
import { sequencer } from '#shared/audit/sequence/sequencer.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoJournalStore } from '../dynamo/journal-store.ts';
import { dynamoLogHead } from '../dynamo/log-head.ts';
import { openObjects } from '../objects/open-objects.ts';
import { demand, logSettingsOf, shardsOf } from './log-env.ts';
import type { Task } from './paced.ts';
import { openPublisher } from './publishing.ts';
import type { LogProcess, Work } from './scheduled.ts';
import { openSigner } from './signing.ts';

/** Milliseconds between steps (audit-log.md §3: ticks each second). */
const pace = 1000;

/** The ports that the settings name. */
export const openSequencerPorts = ({ env, now }: LogProcess): SequencerPorts => {
  const call = dynamoClient(env);
  const { objects, staging } = openObjects(env);
  return {
    heads: dynamoLogHead(call, demand(env, 'LOG_TABLE')),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    objects,
    staging,
    signer: openSigner(env),
    publisher: openPublisher(env, objects),
    now,
  };
};

/** How large the log is, and how old the oldest thing may be that is not in it. */
const tellHead = async (
  heads: LogHead,
  shard: number,
  { now, observe }: LogProcess,
): Promise<void> => {
  const head = await heads.read(shard);
  if (head === undefined) return;
  const dimensions = { shard: String(shard) };
  const lag = Math.floor((now() - head.bucket * bucketLength) / 1000);
  observe.metric('LogSize', head.size, dimensions);
  observe.metric('SequencingLag', Math.max(0, lag), dimensions);
};

/** The sequencers of all shards; `ports` are those of the settings. */
export const sequencing = (given: LogProcess, ports: SequencerPorts): Work => {
  const { env, observe, times } = given;
  const taskOf = (shard: number): Task => {
    const step = sequencer(ports, logSettingsOf(env, shard, times));
    return {
      shard,
      step: async (first) => {
        // Before the step, so that it is told also while steps fail.
        if (first) await tellHead(ports.heads, shard, given);
        const { head, added, late, more, overtaken } = await step();
        if (added > 0 || overtaken) {
          observe.event('sequenced', { shard, size: head.size, added, late, overtaken });
        }
        if (late > 0) observe.metric('LateEntries', late, { shard: String(shard) });
        return { more };
      },
    };
  };
  return { pace, tasks: shardsOf(env).map(taskOf) };
};

export const loadSequencing = async (given: LogProcess): Promise<Work> =>
  sequencing(given, openSequencerPorts(given));
