import type { Failure } from './failure.ts';

/** One thing wrong with a log: which rule, at which leaf. Holds nothing of the leaf's text. */
export type Finding = {
  readonly failure: Failure;
  /** The broken rule, as a code. */
  readonly fault: string;
  /** The leaf's index; undefined when it is about the whole. */
  readonly index: number | undefined;
  readonly detail: string;
};

/** Something that is right and yet worth knowing, and how often it was met. */
export type Note = { readonly note: string; readonly count: number; readonly first: number };

export type Findings = {
  readonly add: (finding: Finding) => void;
  readonly note: (note: string, index: number) => void;
  /** The first {@link listed} of each class. */
  readonly list: () => readonly Finding[];
  readonly count: (failure: Failure) => number;
  readonly notes: () => readonly Note[];
};

/** How many findings of one class are kept; the rest are counted. */
export const listed = 100;

export const collectFindings = (): Findings => {
  const kept: Finding[] = [];
  const counts = new Map<Failure, number>();
  const notes = new Map<string, Note>();
  const count = (failure: Failure): number => counts.get(failure) ?? 0;
  return {
    add: (finding) => {
      const before = count(finding.failure);
      counts.set(finding.failure, before + 1);
      if (before < listed) kept.push(finding);
    },
    note: (note, index) => {
      const known = notes.get(note) ?? { note, count: 0, first: index };
      notes.set(note, { ...known, count: known.count + 1 });
    },
    list: () => kept,
    count,
    notes: () => [...notes.values()],
  };
};
