import { provenCount } from '../../audit/census/census-tree.ts';
import { type CensusRecord, readCensusRecord } from '../../audit/export/census-record.ts';
import type { Range } from '../../audit/export/manifest.ts';
import type { Finding } from './findings.ts';
import { rowFault } from './row-reader.ts';

/** A census that a filtered export names: what it counts of each key, where that is shown. */
export type NamedCensus = Omit<CensusRecord, 'counts' | 'of'> & {
  readonly counts: ReadonlyMap<string, number>;
};

/** Reads the censuses of a filtered export, a line each. */
export type CensusReader = {
  readonly take: (line: Uint8Array) => void;
  readonly all: () => readonly NamedCensus[];
};

const isWithin = ({ from, to }: CensusRecord, range: Range): boolean =>
  from >= range.from && to <= range.to && from <= to;

/** The counts that are shown, by their keys. */
const provenCounts = (record: CensusRecord): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const one of record.counts) {
    const proven = provenCount(record, one);
    if (proven !== undefined) counts.set(one.key, proven);
  }
  return counts;
};

/**
 * Judges what an export says of censuses by itself: each wholly in a range and behind what it counts,
 * by ascending places, with a count for each of `keys` that leads to its root. Whether it stands in the
 * log is for its row to say.
 */
export const censusReader = (
  ranges: readonly Range[],
  keys: readonly string[],
  found: (shard: number, finding: Finding) => void,
): CensusReader => {
  const named: NamedCensus[] = [];

  const fault = (record: CensusRecord | undefined, code: string, detail: string): void => {
    const failure = code === 'census-unproven' ? 'census' : 'malformed';
    found(record?.shard ?? 0, rowFault(failure, code, record?.index, detail));
  };

  const isBehind = ({ shard, index }: CensusRecord): boolean => {
    const last = named.at(-1);
    if (last === undefined) return true;
    return shard > last.shard || (shard === last.shard && index > last.index);
  };

  return {
    all: () => named,
    take: (line) => {
      const record = readCensusRecord(line);
      const range = ranges.find(({ shard }) => shard === record?.shard);
      const isPlaced =
        record !== undefined &&
        range !== undefined &&
        isWithin(record, range) &&
        record.to <= record.index &&
        record.index < range.to &&
        isBehind(record);
      if (!isPlaced) {
        return fault(record, 'census-malformed', 'It is no census of what was asked for.');
      }
      const said = record.counts.map(({ key }) => key);
      if (said.length > 0 && said.join('\n') !== keys.join('\n')) {
        return fault(record, 'census-malformed', 'It counts other keys than the filter names.');
      }
      const counts = provenCounts(record);
      if (counts.size < keys.length) {
        fault(record, 'census-unproven', 'Its counts are not shown to be those of its root.');
      }
      const { shard, index, from, to, n, root } = record;
      named.push({ shard, index, from, to, n, root, counts });
    },
  };
};
