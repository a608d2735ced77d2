import type { Query } from '../../audit/export/manifest.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { printable } from './printable.ts';
import type { PartRead } from './read-whole-log.ts';

const rangesText = ({ ranges }: Query): string =>
  ranges.map(({ shard, from, to }) => `leaves ${from} to ${to - 1} of log ${shard}`).join(', ');

const queryText = (query: Query): string => {
  if (query.kind === 'range') return rangesText(query);
  const seen = query.scope === undefined ? '' : 'what its reader may see of ';
  return `${seen}${canonicalJson({ ...query.filter })} among ${rangesText(query)}`;
};

/**
 * That an export of a part of a log was counted, whose other rows nobody here has seen: they may have used
 * the same quotas. Nothing where all leaves were counted.
 */
export const leftOutText = (read: PartRead | undefined): string =>
  read?.isPart === true
    ? `Counted are the rows of an export only: ${printable(queryText(read.query))}.\n` +
      'What it leaves out is not counted, and may have used the same quotas.\n'
    : '';

/** The same for programs: `part` says whether there are other rows. */
export const countedOf = (read: PartRead | undefined): object => ({
  part: read?.isPart === true,
  ...(read !== undefined && { query: { ...read.query } }),
});
