import { bucketLength, bucketOf } from '../../audit/address.ts';
import type { SequenceCollector } from '../../audit/completeness/sequences.ts';
import type { Statement } from '../../audit/completeness/statement.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { type CensusCounts, censusesCheck, type Said } from './censuses-check.ts';
import type { Findings } from './findings.ts';
import { shardOf } from './log-order.ts';
import type { RecordLeaf } from './read-leaf.ts';

/** What was read of a log, so that it can be told whether anything is missing in it. */
export type LogSeen = {
  readonly shard: number;
  /** How many logs the exchange keeps; undefined when its settings are not in what was read. */
  readonly shards: number | undefined;
  /** The time at which what was read begins, in milliseconds; undefined where the log begins there. */
  readonly since: number | undefined;
  /** The time up to which what was read goes. */
  readonly latest: number;
  /** Whether it was read to its last leaf. */
  readonly toEnd: boolean;
  readonly statements: readonly Statement[];
  readonly censuses: CensusCounts;
};

/** Watches the leaves of a log go by, in their order. */
export type LogTally = {
  readonly inquiry: (said: Said) => void;
  readonly record: (leaf: RecordLeaf | undefined, index: number) => void;
  /** Takes a statement whose signature is right. */
  readonly statement: (statement: Statement) => void;
  readonly seen: () => LogSeen;
};

export type TallyOptions = {
  readonly origin: string;
  readonly size: number;
  readonly from: number;
  readonly to: number;
  /** Where the numbers go: those of several logs to one. */
  readonly sequences: Pick<SequenceCollector, 'take'>;
  /** Whether some of the leaves are not shown: then no census can be taken again. */
  readonly isSparse: boolean;
};

/** The end of a bucket: no earlier leaf than that of another bucket can follow, but for late ones. */
const beginOf = (id: InquiryId): number => bucketOf(timeOf(id)) * bucketLength;

export const logTally = (
  { origin, size, from, to, sequences, isSparse }: TallyOptions,
  findings: Pick<Findings, 'add'>,
): LogTally => {
  const shard = shardOf(origin);
  const censuses = isSparse ? undefined : censusesCheck({ shard, first: from }, findings);
  const statements: Statement[] = [];
  let shards: number | undefined;
  let since: number | undefined;
  let latest = 0;
  /** The entry before, as long as it may be one that came late. */
  let before: InquiryId | undefined;

  const entry = (id: InquiryId | undefined): void => {
    if (since === undefined && before !== undefined) since = beginOf(before);
    before = id;
    if (id !== undefined) latest = Math.max(latest, beginOf(id));
  };

  return {
    inquiry: (said) => {
      sequences.take(said);
      censuses?.take(said);
      entry(said === undefined || said === 'unread' ? undefined : said.id);
    },
    record: (leaf, index) => {
      if (leaf?.kind === 'census') censuses?.census(leaf.event, index);
      censuses?.take(undefined);
      if (leaf?.kind === 'config') shards = Math.max(shards ?? 1, leaf.event.shards);
      if (leaf?.kind === 'late' && leaf.event.id === before) before = undefined;
      else entry(leaf !== undefined && 'id' in leaf ? leaf.id : undefined);
    },
    statement: (statement) => statements.push(statement),
    seen: () => ({
      shard,
      shards,
      since: from === 0 ? undefined : (since ?? latest),
      latest,
      toEnd: to === size,
      statements,
      censuses: censuses?.counts() ?? { checked: 0, outside: 0 },
    }),
  };
};
