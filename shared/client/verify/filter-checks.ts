import { bucketLength } from '../../audit/address.ts';
import type { Manifest, Range } from '../../audit/export/manifest.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { Stretch } from './census-chain.ts';
import type { CensusRowCounts } from './census-rows.ts';
import { type Check, failed, passed, skipped } from './failure.ts';
import type { Findings } from './findings.ts';
import { count } from './fsck-checks.ts';
import type { ReadRows } from './read-rows.ts';

/** What stands before everything that only whoever made the export says. */
export const saidOnly = 'said by the export, not proven: ';

/** Stretches of leaves that are named; the rest are counted. */
const mostNamed = 8;

type Filtered = {
  readonly manifest: Manifest;
  readonly read: Pick<ReadRows, 'filtered'>;
  readonly findings: { readonly rows: Pick<Findings, 'count'> };
};

/** What was asked for: the rows are compared with it, and that this was the question nothing shows. */
export const queryChecks = ({ query }: Manifest): readonly Check[] => {
  if (query.kind === 'range') return [];
  const scope = query.scope?.map((one) => canonicalJson({ ...one })).join(' or ');
  const within = scope === undefined ? '' : `, within ${scope}`;
  const asked = `that ${canonicalJson({ ...query.filter })} was asked for${within}`;
  const shown = 'what the rows and the counts show of it is said below';
  return [skipped('filter', `${saidOnly}${asked}; ${shown}`)];
};

/** Leaves of several logs, by their indexes. */
const leavesText = (
  ranges: readonly Range[],
  stretchesOf: (n: number) => readonly Stretch[],
): string | undefined => {
  const all = ranges.flatMap(({ shard }, n) =>
    stretchesOf(n).map(({ from, to }) => {
      const log = ranges.length === 1 ? '' : ` of log ${shard}`;
      return `${from} up to and without ${to}${log}`;
    }),
  );
  if (all.length === 0) return undefined;
  const more = all.length > mostNamed ? `, and ${all.length - mostNamed} more stretches` : '';
  return `leaves ${all.slice(0, mostNamed).join(', ')}${more}`;
};

const sumOf = (
  censuses: readonly CensusRowCounts[],
  name: 'censuses' | 'equal' | 'bounds',
): number => censuses.reduce((total, one) => total + one[name], 0);

/** What was left out where no census counts, and of what none counts. */
const leftOutChecks = (
  { query }: Manifest,
  censuses: readonly CensusRowCounts[],
): readonly Check[] => {
  const { ranges } = query;
  const isScoped = query.kind === 'filter' && query.scope !== undefined;
  const left = leavesText(ranges, (n) => censuses[n]?.uncounted ?? []);
  const others = isScoped
    ? 'of keys, settings, statements and late notices'
    : 'of keys, settings, statements and late notices, and of changes but by their numbers';
  const why = isScoped ? 'as a part of the log is given none' : 'as none is here';
  const where =
    sumOf(censuses, 'censuses') === 0
      ? `no census counts them, ${why}`
      : 'no census here counts them';
  return [
    ...(left === undefined
      ? []
      : [skipped('rows left out', `whether rows of ${left} were left out: ${where}`)]),
    skipped('records left out', `whether rows ${others} were left out: no census counts these`),
  ];
};

/** What is said of the rows that a filtered export may lack, and of those that it may have too many. */
export const filteredChecks = ({
  manifest,
  read: { filtered },
  findings,
}: Filtered): readonly Check[] => {
  if (filtered === undefined) return [];
  const { censuses, untold } = filtered;
  const [equal, bounds] = [sumOf(censuses, 'equal'), sumOf(censuses, 'bounds')];
  const wrong = findings.rows.count('census');
  const counts = `${count(equal, 'count')} of ${count(sumOf(censuses, 'censuses'), 'census', 'censuses')}`;
  const bounded = leavesText(manifest.query.ranges, (n) => censuses[n]?.bounded ?? []);
  return [
    ...(wrong > 0 ? [failed('counts', 'census', count(wrong, 'finding'))] : []),
    ...(wrong === 0 && equal > 0 ? [passed('counts', `${counts}: there are as many rows`)] : []),
    ...(bounded === undefined
      ? []
      : [
          skipped(
            'counts from above',
            `${count(bounds, 'count')} of censuses of ${bounded}, which the filter or its time ` +
              'narrows: there are not more rows, and it cannot be told whether there ought to be as many',
          ),
        ]),
    ...leftOutChecks(manifest, censuses),
    ...(untold > 0
      ? [
          skipped(
            'provinces',
            `whether ${count(untold, 'row')} lie where the export says: no leaf tells it`,
          ),
        ]
      : []),
  ];
};

/**
 * Whether the leaves that were exported reach over all of the time that the filter names, which the rows
 * show, since the buckets of a log never go back: one before it, and one behind it. A row that came late
 * shows nothing of what stands before it, and its notice may have been left out: so that is said.
 */
export const timeChecks = ({ manifest: { query }, read }: Filtered): readonly Check[] => {
  if (query.kind === 'range' || read.filtered === undefined) return [];
  const { from, to } = query.filter;
  const { censuses } = read.filtered;
  const reaches = query.ranges.map((range, n) => {
    const { since, latest } = censuses[n] ?? {};
    const back =
      from === undefined ||
      range.from === 0 ||
      (since !== undefined && since + bucketLength <= Date.parse(from));
    const on = to === undefined || (latest !== undefined && latest >= Date.parse(to));
    return { shard: range.shard, since, latest, back, on };
  });
  const short = (way: 'back' | 'on', said: string): readonly Check[] =>
    reaches
      .filter((one) => !one[way])
      .map(({ shard, since, latest }) => {
        const rows =
          since === undefined || latest === undefined
            ? 'no row shows its time'
            : `its rows are from ${toRfc3339(since)} to ${toRfc3339(latest)}`;
        return skipped('time', `whether the leaves of log ${shard} reach ${said}: ${rows}`);
      });
  const missing = [
    ...(from === undefined ? [] : short('back', `back to ${from}`)),
    ...(to === undefined ? [] : short('on', `on to ${to}`)),
  ];
  const isTold = (from ?? to) !== undefined && missing.length === 0;
  const late = 'but for what came late, and if no late notice was left out';
  const right = `the leaves reach over all of it, ${from === undefined ? 'but for what came late' : late}`;
  return isTold ? [passed('time', right)] : missing;
};
