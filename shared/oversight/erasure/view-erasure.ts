import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { Job } from '../job-store.ts';
import { type ErasureState, stateOfErasure } from './erasure-state.ts';

/** How far an erasure is; not whom it is about. */
export type ErasureView = {
  readonly id: string;
  /**
   * `held`: what is left is held. `erased`: all that was known is gone, and that is on record; a last look
   * for what came into the log late is to come. `done`: that is over, and nobody here knows any more whom
   * it was about.
   */
  readonly state: 'erasing' | 'held' | 'erased' | 'done';
  readonly by: string;
  readonly order: string;
  /** When it was ordered, and since when it is in its state: ISO 8601, UTC. */
  readonly ordered: string;
  readonly since?: string;
  /** Inquiries whose facts are gone so far. */
  readonly n: number;
};

const nameOf = (state: ErasureState): ErasureView['state'] => {
  switch (state.phase) {
    case 'erasing':
      return state.pass.over ? 'held' : 'erasing';
    case 'noting':
      return 'erasing';
    case 'erased':
    case 'done':
      return state.phase;
  }
};

export const viewErasure = (job: Job): ErasureView => {
  const state = stateOfErasure(job);
  const { by, order, asked, n } = state;
  return {
    id: job.id,
    state: nameOf(state),
    by,
    order,
    ordered: toRfc3339(asked),
    ...('time' in state && { since: toRfc3339(state.time) }),
    n,
  };
};
