import type { Clock } from '../kernel/clock.ts';
import { gathered } from '../kernel/gathered.ts';
import { timedCache } from '../kernel/timed-cache.ts';
import { misses, registryCacheTime } from './directory.ts';
import { type EntryName, participantName, serviceName } from './entry.ts';
import type { Participant } from './participant.ts';
import { mostNames, type RegistryStore } from './ports.ts';
import type { Service } from './service.ts';

/** Participants and services by their names, as a page of many needs them. */
export type Names = {
  readonly participant: (id: string) => Promise<Participant | undefined>;
  readonly service: (ref: string) => Promise<Service | undefined>;
};

/** Milliseconds for which it is remembered that there is nothing under a name, and of how many. */
const unknown = { absentTtl: 10_000, maxAbsent: 1000 } as const;

/**
 * The registry for whoever shows many names at once: those that are asked for together are read
 * together, and remembered for at most {@link registryCacheTime}. Rejects with `store-unavailable`.
 */
export const cachedNames = (store: Pick<RegistryStore, 'readAll'>, now: Clock): Names => {
  const read = gathered((names: readonly EntryName[]) => store.readAll(names), mostNames);
  const kept = { ...unknown, now, ttl: registryCacheTime, misses };
  return {
    participant: timedCache({
      ...kept,
      max: 20_000,
      load: async (id: string) => {
        const entry = await read(participantName(id));
        return entry?.kind === 'participant' ? entry : undefined;
      },
    }),
    service: timedCache({
      ...kept,
      max: 2000,
      load: async (ref: string) => {
        const entry = await read(serviceName(ref));
        return entry?.kind === 'service' ? entry : undefined;
      },
    }),
  };
};
