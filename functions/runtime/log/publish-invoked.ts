import { objectPublisher } from '#shared/audit/publish/publish-checkpoint.ts';
import { LogStopped } from '#shared/audit/sequence/log-stopped.ts';
import { openCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { openObjectStore } from '../objects/open-objects.ts';
import { type InvokedHandler, invoked } from './invoked.ts';
import { loadLogKeys } from './log-keys.ts';
import { type LogProcess, type ScheduledHandler, scheduled, thisProcess } from './scheduled.ts';
import { PublishEvent } from './wire.ts';
import { loadWitnessing } from './witnessing.ts';

/** Publishes what it is handed by an event, when the log's own key signed it. */
const loadPublishing = async ({ env }: LogProcess): Promise<InvokedHandler> => {
  const keys = await loadLogKeys(env);
  const publisher = objectPublisher(openObjectStore(env, 'OBJECTS'));
  return async (event) => {
    const { shard, checkpoint } = PublishEvent.parse(event).publish;
    const log = keys.slice(shard, shard + 1);
    if (openCheckpoint(checkpoint, { log, witnesses: [] }) === undefined) {
      throw new TypeError('The key of the log did not sign what is to be published.');
    }
    try {
      await publisher.publish(shard, checkpoint);
      return {};
    } catch (error) {
      if (error instanceof LogStopped) return { stopped: error.reason };
      throw error;
    }
  };
};

/** The handler of publish-log: publishes when it is invoked, asks witnesses when it is scheduled. */
export const publishOrWitness = (start: () => LogProcess = thisProcess): ScheduledHandler => {
  const publish = invoked(loadPublishing, start);
  const witness = scheduled(loadWitnessing, start);
  return (event, context) =>
    typeof event === 'object' && event !== null && 'publish' in event
      ? publish(event)
      : witness(event, context);
};
