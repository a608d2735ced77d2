import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { Job } from '../job-store.ts';
import {
  type Held,
  HoldSealed,
  type HoldState,
  holdPlace,
  isReleased,
  ReleaseSealed,
  releasePlace,
  stateOfHold,
} from './hold.ts';
import { openJson, type Sealing } from './sealed-json.ts';

/** A hold as those are shown it who may place one: not whom it is about, and when it is released, not why. */
export type HoldView = {
  readonly id: string;
  readonly state: 'holding' | 'released';
  readonly what: Exclude<Held, { kind: 'subject' }> | { readonly kind: Held['kind'] };
  readonly placed: ActView;
  readonly released?: ActView;
};
type ActView = {
  readonly by: string;
  readonly order: string;
  /** Absent once the release is on record. */
  readonly reason?: string;
  /** ISO 8601, UTC. */
  readonly time: string;
};

const actView = ({ by, order, t }: HoldState['placed'], reason?: string): ActView => ({
  by,
  order,
  ...(reason !== undefined && { reason }),
  time: toRfc3339(t),
});

export const viewHold = (job: Job, sealing: Pick<Sealing, 'vaultKey'>): HoldView => {
  const { id } = job;
  const standing = stateOfHold(job);
  const { kind, placed } = standing;
  if (!('sealed' in standing)) {
    const released = actView(standing.released);
    return { id, state: 'released', what: { kind }, placed: actView(placed), released };
  }
  const { sealed, released } = standing;
  const { what, reason } = openJson(HoldSealed, sealed, holdPlace(id), sealing);
  const end = released && openJson(ReleaseSealed, released.sealed, releasePlace(id), sealing);
  return {
    id,
    state: isReleased(standing) ? 'released' : 'holding',
    what: what.kind === 'subject' ? { kind } : what,
    placed: actView(placed, reason),
    ...(released !== undefined && { released: actView(released, end?.reason) }),
  };
};
