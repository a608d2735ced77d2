import type { Job } from '../job-store.ts';
import {
  type Held,
  HoldSealed,
  type HoldState,
  holdPlace,
  openHold,
  ReleaseSealed,
  releasePlace,
  stateOfHold,
} from './hold.ts';
import { openJson, type Sealing } from './sealed-json.ts';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** A hold as those are shown it who may place one: not whom it is about. */
export type HoldView = {
  readonly id: string;
  readonly state: 'holding' | 'released';
  readonly what: Exclude<Held, { kind: 'subject' }> | { readonly kind: 'subject' };
  readonly placed: ActView;
  readonly released?: ActView;
};
type ActView = {
  readonly by: string;
  readonly order: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly time: string;
};

const actView = ({ by, order, t }: HoldState['placed'], reason: string): ActView => ({
  by,
  order,
  reason,
  time: iso(t),
});

export const viewHold = (job: Job, sealing: Pick<Sealing, 'vaultKey'>): HoldView => {
  const { id } = job;
  const { sealed, placed, released } = stateOfHold(job);
  const { what, reason } = openJson(HoldSealed, sealed, holdPlace(id), sealing);
  const end =
    released === undefined
      ? undefined
      : openJson(ReleaseSealed, released.sealed, releasePlace(id), sealing);
  return {
    id,
    state: openHold(job, sealing).holds ? 'holding' : 'released',
    what: what.kind === 'subject' ? { kind: 'subject' } : what,
    placed: actView(placed, reason),
    ...(released !== undefined && { released: actView(released, end?.reason ?? '') }),
  };
};
