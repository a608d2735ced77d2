import type { Filtering } from '../../audit/export/export-filter.ts';
import { reachOf } from '../../audit/export/filter-reach.ts';
import {
  type Completeness,
  completenessCheck,
  completenessOf,
  type Expected,
} from './completeness.ts';
import type { JudgedLeaves } from './export-logs.ts';
import { type Check, skipped } from './failure.ts';
import type { Depth } from './fsck-checks.ts';

const timeOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

/** Whose numbers must all be in a filtered export; undefined when it tells of nobody's. */
const expectedIn = (filtering: Filtering): Expected | undefined => {
  const { only } = reachOf(filtering);
  const { from, to } = filtering.filter;
  const time = { from: timeOf(from), to: timeOf(to) };
  if (only === undefined) return undefined;
  if (only === 'all') return { isWhole: () => true, ...time };
  const isPerson = only.name === 'counter' || only.name === 'by' || only.name === 'agency';
  return isPerson ? { isWhole: (by) => only.values.includes(by), ...time } : undefined;
};

export type ExportCompleteness = {
  readonly completeness: Completeness | undefined;
  readonly checks: readonly Check[];
};

/** What is missing in an export by its numbers and statements, as far as its filter lets it be told. */
export const exportCompleteness = (
  { seen, sequences, withoutKey }: Pick<JudgedLeaves, 'seen' | 'sequences' | 'withoutKey'>,
  filtering: Filtering | undefined,
  { depth, complete }: { readonly depth: Depth; readonly complete?: boolean | undefined },
): ExportCompleteness => {
  if (depth === 'hashes') return { completeness: undefined, checks: [] };
  const expected = filtering === undefined ? undefined : expectedIn(filtering);
  if (filtering !== undefined && expected === undefined) {
    const why = 'the filter names no counter, agency or sender alone, whose numbers would show it';
    return { completeness: undefined, checks: [skipped('completeness', why)] };
  }
  // A statement whose key stands elsewhere is one all the same.
  const areJudged = depth === 'all' && withoutKey === 0;
  const completeness = completenessOf(seen, sequences, expected, areJudged);
  return { completeness, checks: [completenessCheck(completeness, complete ?? false)] };
};
