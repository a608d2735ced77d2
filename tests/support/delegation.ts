/** A software house that asks for a counter, and what lets it. */

import { Delegation } from '#shared/registry/delegation.ts';
import type { Participant } from '#shared/registry/participant.ts';
import { testNow } from './messages.ts';
import { agencyOf } from './registry.ts';

const year = 365 * 86_400_000;

export const house = 'vendor:rayan';

export const houseOf = (change: Parameters<typeof agencyOf>[1] = {}): Participant =>
  agencyOf(house, change);

/** What the counter lets the house ask: everything, from a year ago for two years. */
export const delegationOf = (change: Partial<Delegation> = {}): Delegation =>
  Delegation.parse({
    kind: 'delegation',
    counter: 'counter:72110345',
    delegate: house,
    status: 'active',
    services: [],
    from: testNow - year,
    until: testNow + year,
    version: 1,
    ...change,
  });
