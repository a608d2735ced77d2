import type { SequenceCollector } from '../../audit/completeness/sequences.ts';
import type { Filtering } from '../../audit/export/export-filter.ts';
import { formatBundle } from '../../audit/tlog/bundle.ts';
import type { Hash } from '../../audit/tlog/hash.ts';
import type { ReadReceipt } from './check-receipt.ts';
import type { RowsBlock } from './export-rows.ts';
import type { Check } from './failure.ts';
import type { Finding, Findings } from './findings.ts';
import type { FsckOptions } from './fsck.ts';
import { judgeHere } from './judge.ts';
import { keyBook } from './key-book.ts';
import type { KeyOnRecord } from './key-on-record.ts';
import { leavesCheck } from './leaves-check.ts';
import { type LogSeen, logTally } from './log-tally.ts';
import type { NotedCounts } from './noted-leaf.ts';
import { rowOfReceipt } from './receipt-row.ts';
import { isKeyFault, receiptsCheck, sortOf } from './receipts-check.ts';

/** Leaves `from` up to and without `to` of a log of `size`. */
export type LeavesRange = {
  readonly origin: string;
  readonly size: number;
  readonly from: number;
  readonly to: number;
};

export type ExportLeavesOptions = Pick<FsckOptions, 'depth' | 'startJudge'> & {
  readonly receipts: readonly ReadReceipt[];
  /** Keys that stand on record elsewhere. */
  readonly keys: readonly KeyOnRecord[];
  /** Whether every key that a message needs must be among them or in the range. */
  readonly keysComplete: boolean;
  /** Of how many logs they are. */
  readonly logs: number;
  /** Where the sequence numbers go. */
  readonly sequences: Pick<SequenceCollector, 'take'>;
  /** Which leaves have a row, where some have none. */
  readonly filtering: Filtering | undefined;
};

export type ExportLeaves = {
  readonly add: (block: RowsBlock) => Promise<void>;
  /** Shows the hash of a leaf that has no row. */
  readonly look: (index: number, hash: Hash) => void;
  readonly finish: () => Promise<{
    /** Those of which every key was found, or none was asked for. */
    readonly inquiries: number;
    readonly commands: number;
    readonly statements: number;
    readonly late: number;
    readonly noted: NotedCounts;
    /** Messages whose key may stand on record outside of the range. */
    readonly withoutKey: number;
    /** What became of receipts, once every hash was shown. */
    readonly receipts: () => Promise<readonly Check[]>;
    readonly seen: LogSeen;
    /** Keys that stand on record in the range. */
    readonly keys: readonly KeyOnRecord[];
  }>;
};

/** Whether a finding may come from what stands just outside of the range, and not from the log. */
const isOfBorder = ({ fault, index }: Finding, { to, size }: LeavesRange): boolean =>
  fault === 'goes-back' && index === to - 1 && to < size;

/**
 * Judges the leaves of a range as those of a whole log are judged: form, order and signatures, by the
 * keys that stand on record in it. What could only be told by leaves outside is not held against it.
 */
export const exportLeaves = (
  range: LeavesRange,
  options: ExportLeavesOptions,
  findings: Findings,
): ExportLeaves => {
  const { depth, startJudge, receipts, keys, keysComplete, sequences, filtering } = options;
  const { origin, from, to, size } = range;
  const isWhole = from === 0 && to === size;
  // Where not all keys are here it is told below, of whatever log they are.
  const logs = keysComplete ? options.logs : Number.POSITIVE_INFINITY;
  const settings = { origin, signatures: depth === 'all', logs };
  const book = keyBook();
  keys.forEach(book.learn);
  const judge = startJudge?.(settings, to - from) ?? judgeHere(book, settings);
  judge.learn(keys);
  let withoutKey = 0;
  const unjudged = { inquiries: 0, commands: 0, statements: 0 };
  let lastUnjudged: number | undefined;
  const add = (finding: Finding): void => {
    if (isOfBorder(finding, range)) return;
    if (!keysComplete && isKeyFault(finding.fault)) {
      withoutKey += 1;
      // The findings of one leaf come one after another.
      if (finding.index !== lastUnjudged) unjudged[sortOf(finding)] += 1;
      lastUnjudged = finding.index;
      return;
    }
    findings.add(finding);
  };
  const isSparse = filtering !== undefined;
  const tally = logTally({ ...range, sequences, isSparse }, findings);
  // What was changed last may be late and lie behind the range, which the notes say. Whoever sees a part of
  // the log is given only those changes that anybody may look up.
  const hasChanges = from === 0 && filtering?.scope === undefined;
  const leaves = leavesCheck(settings, book, judge, { ...findings, add }, hasChanges, tally);
  const looked = receiptsCheck(receipts);
  return {
    add: async ({ first, entries, hashes, indexes }) => {
      hashes.forEach((hash, n) => looked.look(indexes?.[n] ?? first + n, hash, entries[n]));
      if (depth === 'hashes') return;
      await leaves.add({ first, bytes: formatBundle(entries), entries, hashes, indexes });
    },
    look: (index, hash) => looked.look(index, hash, undefined),
    finish: async () => {
      const judged = await leaves.finish();
      return {
        ...judged,
        inquiries: judged.inquiries - unjudged.inquiries,
        commands: judged.commands - unjudged.commands,
        statements: judged.statements - unjudged.statements,
        withoutKey,
        seen: tally.seen(),
        receipts: () =>
          looked.finish(origin, depth === 'hashes' ? undefined : book, {
            leaves: isWhole ? 'all' : 'part',
            keys: keysComplete ? judged.keys : 'part',
            rowOf: filtering && ((receipt) => rowOfReceipt(filtering, receipt)),
          }),
        keys: book.all().filter(({ index }) => index >= 0),
      };
    },
  };
};
