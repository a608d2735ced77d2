import { type Faults, faultPlan } from '../../kernel/fault-plan.ts';
import {
  compareRows,
  pageOf,
  type SubjectIndex,
  type SubjectRow,
  type SubjectRowName,
} from './subject-index.ts';

/** The subject index in memory, and how to break it. */
export type MemorySubjectIndex = {
  readonly store: SubjectIndex;
  readonly faults: Faults<keyof SubjectIndex>;
  /** Every row that stands, newest first, seen past every fault and counted as no call. */
  readonly dump: () => readonly SubjectRow[];
};

const keyOf = ({ tag, t, shard, index }: SubjectRowName): string => `${tag} ${t} ${shard} ${index}`;

export const memorySubjectIndex = (): MemorySubjectIndex => {
  const rows = new Map<string, SubjectRow>();
  const { faults, run } = faultPlan<keyof SubjectIndex>();
  const dump = (): readonly SubjectRow[] => [...rows.values()].toSorted(compareRows);
  return {
    faults,
    dump,
    store: {
      put: (added) =>
        run('put', () => {
          for (const row of added) {
            const key = keyOf(row);
            if (!rows.has(key)) rows.set(key, { ...row });
          }
        }),
      list: (tag, { before, limit }) =>
        run('list', () =>
          pageOf(
            dump().filter((row) => row.tag === tag && row.t < before),
            limit,
          ),
        ),
      remove: (gone) =>
        run('remove', () => {
          for (const row of gone) rows.delete(keyOf(row));
        }),
    },
  };
};
