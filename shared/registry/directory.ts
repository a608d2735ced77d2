import type { Clock } from '../kernel/clock.ts';
import { timedCache } from '../kernel/timed-cache.ts';
import type { ParticipantId } from '../message/claims.ts';
import type { KeyDirectory } from '../message/key.ts';
import { cachedHead } from './head.ts';
import type { Participant } from './participant.ts';
import type { RegistryStore } from './ports.ts';
import { toVerificationKey } from './registered-key.ts';
import type { Service } from './service.ts';
import { readVersions } from './service-versions.ts';
import { type ReadSnapshot, snapshotReader } from './snapshot.ts';

/** Milliseconds after which a change of the registry has reached every process (protocol.md §8). */
export const registryCacheTime = 60_000;

const unknownCacheTime = 10_000;

/** What a flood of made-up names may cost the store; a cold process under load stays below it. */
export const misses = { perSecond: 100, burst: 1000 } as const;

/** The registry as the hot path reads it: remembered for at most {@link registryCacheTime}. */
export type Directory = {
  readonly keyOf: KeyDirectory;
  /** All that decides whether a counter may ask for a service, itself or by a delegate. */
  readonly snapshot: ReadSnapshot;
  readonly services: () => Promise<readonly Service[]>;
  /** Every version of `agency/name`, without a look at the rest of the catalogue. */
  readonly versions: (name: string) => Promise<readonly Service[]>;
  readonly version: () => Promise<number>;
  readonly participant: (id: ParticipantId) => Promise<Participant | undefined>;
  /** Whether it takes part now: it is registered, not suspended, and has not left. */
  readonly isActive: (id: ParticipantId) => Promise<boolean>;
};

/** `settle` finishes a change that somebody began to apply; without it, others have to. */
export const cachedDirectory = (
  store: RegistryStore,
  now: Clock,
  settle?: () => Promise<unknown>,
): Directory => {
  const kept = {
    now,
    ttl: registryCacheTime,
    absentTtl: unknownCacheTime,
    maxAbsent: 1000,
    misses,
  };
  const keyOf = timedCache({
    ...kept,
    max: 20_000,
    load: async (kid: string) => {
      const key = await store.findKey(kid);
      return key === undefined ? undefined : toVerificationKey(key);
    },
  });
  const head = cachedHead(store, kept);
  const services = timedCache({ ...kept, max: 1, load: async (_: 'all') => store.listServices() });
  const versions = timedCache({
    ...kept,
    max: 2000,
    load: (name: string) => readVersions(store, name),
    isAbsent: (found) => found.length === 0,
  });
  const participant = timedCache({
    ...kept,
    max: 20_000,
    load: (id: ParticipantId) => store.findParticipant(id),
  });
  return {
    keyOf,
    participant,
    isActive: async (id) => (await participant(id))?.status === 'active',
    snapshot: snapshotReader(store, head, { ...kept, max: 20_000 }, settle),
    services: () => services('all'),
    versions,
    version: head.known,
  };
};
