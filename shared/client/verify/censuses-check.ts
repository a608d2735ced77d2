import type { CensusTaken } from '#events/census-taken.ts';
import { censusWindow } from '../../audit/census/census-window.ts';
import { checkCensus } from '../../audit/census/check-census.ts';
import type { InquirySaid } from '../../audit/inquiry-said.ts';
import type { Findings } from './findings.ts';

/** What a leaf says as an inquiry; undefined for a record. */
export type Said = InquirySaid | 'unread' | undefined;

/** How many censuses were looked at. */
export type CensusCounts = {
  /** Taken again, each with what came of it. */
  readonly checked: number;
  /** Not, since they count leaves that were not read, or so many that they are not held. */
  readonly outside: number;
};

export type CensusesCheck = {
  /** Takes the next leaf. */
  readonly take: (said: Said) => void;
  /** Takes again the census of a leaf, which is the next one. */
  readonly census: (event: CensusTaken, index: number) => void;
  readonly counts: () => CensusCounts;
};

export const censusFaults = {
  'census-ahead': 'It counts leaves that stand behind it.',
  'census-of-another': 'It counts leaves of another log.',
  'census-differs': 'Counted again, it is another:',
} as const;

/** Takes every census of a log again, from the leaves as they go by; `first` is the index of the first. */
export const censusesCheck = (
  { shard, first }: { readonly shard: number; readonly first: number },
  { add }: Pick<Findings, 'add'>,
): CensusesCheck => {
  const window = censusWindow(first);
  let [checked, outside] = [0, 0];

  const fault = (code: keyof typeof censusFaults, index: number, more = ''): void =>
    add({ failure: 'census', fault: code, index, detail: `${censusFaults[code]}${more}` });

  return {
    take: window.take,
    census: (event, index) => {
      const { from, to } = event;
      if (shard >= 0 && event.shard !== shard) return fault('census-of-another', index);
      if (from > to || to > index) return fault('census-ahead', index);
      const again = window.census(from, to);
      if (again === undefined) {
        outside += 1;
        return;
      }
      checked += 1;
      const differences = checkCensus(event, again);
      if (differences.length > 0) fault('census-differs', index, ` its ${differences.join(', ')}.`);
    },
    counts: () => ({ checked, outside }),
  };
};
