import type { Clock } from '../kernel/clock.ts';
import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import { isKept, type RefusalNote, type RefusalNotes } from './refusal-notes.ts';

/** Notes of refusals in memory, and how to break their store. */
export type MemoryRefusalNotes = {
  readonly store: RefusalNotes;
  readonly faults: Faults<keyof RefusalNotes>;
  /** All that were ever kept, seen past every fault. */
  readonly dump: () => readonly RefusalNote[];
};

export const memoryRefusalNotes = (now: Clock): MemoryRefusalNotes => {
  const notes = new Map<string, RefusalNote>();
  const { faults, run } = faultPlan<keyof RefusalNotes>();
  return {
    faults,
    store: {
      put: (note) =>
        run('put', () => {
          notes.set(note.request, structuredClone(note));
        }),
      find: (request) =>
        run('find', () => {
          const note = notes.get(request);
          return note !== undefined && isKept(note, now()) ? structuredClone(note) : undefined;
        }),
    },
    dump: () => [...notes.values()],
  };
};
