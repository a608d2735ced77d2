import { type Faults, faultPlan } from '../../kernel/fault-plan.ts';
import { timeOf } from '../../kernel/id.ts';
import {
  type Dispute,
  type DisputeMark,
  type DisputeStore,
  dayOf,
  sameMark,
} from './dispute-store.ts';

/** Disputes in memory, and how to break their store. */
export type MemoryDisputeStore = {
  readonly store: DisputeStore;
  readonly faults: Faults<keyof DisputeStore>;
  /** What stands, seen past every fault and counted as no call. */
  readonly dump: () => {
    readonly marks: readonly DisputeMark[];
    readonly listed: readonly Dispute[];
  };
};

const keyOf = (inquiry: string, named: true | undefined): string =>
  named === undefined ? inquiry : `${inquiry} named`;

export const memoryDisputeStore = (): MemoryDisputeStore => {
  const marks = new Map<string, DisputeMark>();
  const listed = new Map<string, Dispute>();
  const { faults, run } = faultPlan<keyof DisputeStore>();
  return {
    faults,
    dump: () => ({ marks: [...marks.values()], listed: [...listed.values()] }),
    store: {
      findAll: (inquiries) =>
        run('findAll', () =>
          inquiries.flatMap((inquiry) =>
            [undefined, true as const].flatMap((named) => marks.get(keyOf(inquiry, named)) ?? []),
          ),
        ),
      compareAndSwap: (expected, next) =>
        run('compareAndSwap', () => {
          const standing = marks.get(keyOf(next.inquiry, next.named));
          if (sameMark(standing, next)) return 'written';
          if (!sameMark(standing, expected)) return { standing };
          marks.set(keyOf(next.inquiry, next.named), { ...next });
          return 'written';
        }),
      publish: (dispute) => run('publish', () => void listed.set(dispute.leaf, { ...dispute })),
      list: (day, { after = '', limit }) =>
        run('list', () =>
          [...listed.values()]
            .filter(({ leaf }) => dayOf(timeOf(leaf)) === day && leaf > after)
            .toSorted((a, b) => (a.leaf < b.leaf ? -1 : 1))
            .slice(0, limit),
        ),
    },
  };
};
