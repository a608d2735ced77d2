import type { Clock } from '../kernel/clock.ts';
import { timedCache } from '../kernel/timed-cache.ts';
import type { ParticipantId, ServiceRef } from '../message/claims.ts';
import type { KeyDirectory } from '../message/key.ts';
import type { Participant } from './participant.ts';
import type { RegistryStore } from './ports.ts';
import { toVerificationKey } from './registered-key.ts';
import type { Service } from './service.ts';

/** Milliseconds after which a change of the registry has reached every process (protocol.md §8). */
export const registryCacheTime = 60_000;

const unknownCacheTime = 10_000;

/** What a flood of made-up names may cost the store; a cold process under load stays below it. */
export const misses = { perSecond: 100, burst: 1000 } as const;

/** The registry as the hot path reads it: remembered for at most {@link registryCacheTime}. */
export type Directory = {
  readonly keyOf: KeyDirectory;
  readonly participant: (id: ParticipantId) => Promise<Participant | undefined>;
  readonly service: (ref: ServiceRef) => Promise<Service | undefined>;
  readonly services: () => Promise<readonly Service[]>;
  readonly version: () => Promise<number>;
};

export const cachedDirectory = (store: RegistryStore, now: Clock): Directory => {
  const kept = { now, ttl: registryCacheTime, absentTtl: unknownCacheTime, maxAbsent: 1000 };
  const keyOf = timedCache({
    ...kept,
    misses,
    max: 20_000,
    load: async (kid: string) => {
      const key = await store.findKey(kid);
      return key === undefined ? undefined : toVerificationKey(key);
    },
  });
  const participant = timedCache({ ...kept, misses, max: 20_000, load: store.findParticipant });
  const service = timedCache({ ...kept, misses, max: 2000, load: store.findService });
  const whole = { ...kept, misses, max: 1 };
  const services = timedCache({ ...whole, load: async (_: 'all') => store.listServices() });
  const version = timedCache({ ...whole, load: async (_: 'now') => store.version() });
  return {
    keyOf,
    participant,
    service,
    services: async () => (await services('all')) ?? [],
    version: async () => (await version('now')) ?? 0,
  };
};
