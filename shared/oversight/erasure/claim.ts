import * as z from 'zod';
import type { Job } from '../job-store.ts';
import { type Hold, holdEvents } from './hold.ts';

/**
 * That a worker is about to erase what a state names. `events` says which holds it had seen before:
 * {@link holdEvents} of them. `at` is when, in milliseconds since 1970.
 */
export const Claim = z.strictObject({ events: z.int().min(0), at: z.int() });
export type Claim = Readonly<z.infer<typeof Claim>>;

/** Milliseconds from a claim on for which its worker erases; then it stops, and whoever goes on renews the claim. */
export const claimTime = 60_000;

/**
 * Milliseconds after which a claim that did not see a hold is taken from its worker: as long again, so
 * that it has stopped though two clocks differ by nearly a minute, and what it sent last has arrived.
 */
export const claimLease = 2 * claimTime;

const Claiming = z.looseObject({ claim: z.looseObject({ events: z.int() }).exactOptional() });

/**
 * Whether a hold that stands among these is seen by every erasure from now on. A worker puts its claim,
 * reads the holds, and erases only where they are those of its claim; a hold is put, and then the claims
 * are read: so one of the two sees the other.
 */
export const isSeen = (holds: readonly Hold[], jobs: readonly Job[]): boolean => {
  const events = holdEvents(holds);
  return jobs.every(({ state }) => {
    const { claim } = Claiming.parse(state);
    return claim === undefined || claim.events >= events;
  });
};
