import type { CensusTaken } from '#events/census-taken.ts';
import type { Census } from './census.ts';

/** What a census in the log says that can be taken again. */
const compared = ['n', 'root', 'counts'] as const;

export type CensusDifference = (typeof compared)[number];

/** Where a census in the log differs from one that was taken again of the same leaves. */
export const checkCensus = (
  leaf: Pick<CensusTaken, CensusDifference>,
  again: Pick<Census, CensusDifference>,
): readonly CensusDifference[] => compared.filter((member) => leaf[member] !== again[member]);
