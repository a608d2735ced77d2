import * as z from 'zod';
import type { ParticipantId, ServiceRef } from '../message/claims.ts';
import { Participant } from './participant.ts';
import { RegisteredKey } from './registered-key.ts';
import { Service } from './service.ts';

export const RegistryEntry = z.discriminatedUnion('kind', [Participant, RegisteredKey, Service]);
export type RegistryEntry = z.infer<typeof RegistryEntry>;

/** Who takes part and what may be asked. Rejects with the problem `store-unavailable`. */
export type RegistryStore = {
  readonly findKey: (kid: string) => Promise<RegisteredKey | undefined>;
  readonly findParticipant: (id: ParticipantId) => Promise<Participant | undefined>;
  readonly findService: (ref: ServiceRef) => Promise<Service | undefined>;
  /** Every version of every service, ordered by its reference. */
  readonly listServices: () => Promise<readonly Service[]>;
  /** How often the registry has changed; 0 when it is empty. */
  readonly version: () => Promise<number>;
  /**
   * Writes one entry if its version is one above the version that stands (1 when nothing stands),
   * and counts the change; `stale` when it is not, and then nothing is changed. The very entry that
   * stands already (an earlier try that was kept but not acknowledged) counts as written.
   */
  readonly put: (entry: RegistryEntry) => Promise<'written' | 'stale'>;
};
