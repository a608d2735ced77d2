import { collectSequences } from '../../audit/completeness/sequences.ts';
import { parseBundle } from '../../audit/tlog/bundle.ts';
import { type Hash, hashSize, leafHash } from '../../audit/tlog/hash.ts';
import type { Policy } from '../../audit/tlog/policy.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { tehranDays } from '../../persian/tehran-day.ts';
import type { ReadReceipt } from './check-receipt.ts';
import { type Completeness, completenessCheck, completenessOf } from './completeness.ts';
import { type Check, failed, skipped } from './failure.ts';
import { collectFindings, type Finding, type Findings, type Note } from './findings.ts';
import { type Depth, leafChecks, treeCheckOf } from './fsck-checks.ts';
import { type Judge, type JudgeSettings, judgeHere } from './judge.ts';
import { type KeyBook, keyBook } from './key-book.ts';
import type { KeyOnRecord } from './key-on-record.ts';
import { leavesCheck } from './leaves-check.ts';
import type { LogReader } from './log-reader.ts';
import { logTally } from './log-tally.ts';
import { notChecked } from './not-checked.ts';
import { type OpenedCheckpoint, openByPolicy } from './open-checkpoint.ts';
import { checkPrevious, openPrevious, type Previous } from './previous-check.ts';
import { type Block, readBlocks } from './read-blocks.ts';
import { receiptsCheck } from './receipts-check.ts';
import { treeCheck } from './tree-check.ts';

export type FsckOptions = {
  readonly reader: LogReader;
  readonly policy: Policy;
  /** Earlier checkpoints, each under the name it is reported by. */
  readonly previous?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly receipts?: readonly ReadReceipt[];
  /** Keys that other logs of the same exchange put on record. */
  readonly keys?: readonly KeyOnRecord[];
  readonly depth: Depth;
  /** Starts a judge in other threads; without it inquiries are judged here. */
  readonly startJudge?: (settings: JudgeSettings, leaves: number) => Judge | undefined;
  readonly progress?: (done: number, size: number) => void;
  /** Whether a gap that cannot be filled any more is a failure. */
  readonly complete?: boolean | undefined;
  /** Is shown every entry, in the order of the log; what it is to be believed of shows in the end. */
  readonly look?: (index: number, data: Uint8Array) => void;
};

export type FsckReport = {
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Undefined when no entry was read, or one log of several. */
  readonly completeness: Completeness | undefined;
  /** What stands on record, for proofs and receipts to be checked by. */
  readonly book: KeyBook;
  /** Undefined when nothing could be believed. */
  readonly checkpoint: OpenedCheckpoint['checkpoint'];
};

type Tree = NonNullable<OpenedCheckpoint['checkpoint']>;

/** The hashes in a tile, when it has as many as it should. */
const hashesOf = ({ tile, width }: Block): readonly Hash[] | undefined =>
  tile?.length === width * hashSize
    ? Array.from({ length: width }, (_, n) => tile.subarray(n * hashSize, (n + 1) * hashSize))
    : undefined;

const badBundle = ({ first, bundle }: Block): Finding => ({
  failure: 'tree',
  fault: bundle === undefined ? 'bundle-missing' : 'bundle-malformed',
  index: first,
  detail:
    bundle === undefined
      ? 'An entry bundle is not there.'
      : 'An entry bundle is not as long as it should be.',
});

/** Opens the earlier checkpoints; those that cannot be compared are checks already. */
const openAll = (
  { previous = [], policy }: FsckOptions,
  current: Tree,
): { readonly checks: readonly Check[]; readonly open: readonly Previous[] } => {
  const opened = previous.map(({ name, bytes }) => openPrevious(name, bytes, { policy, current }));
  return {
    checks: opened.flatMap((one) => ('check' in one ? [one] : [])),
    open: opened.flatMap((one) => ('check' in one ? [] : [one])),
  };
};

const walk = async (options: FsckOptions, tree: Tree, book: KeyBook, findings: Findings) => {
  const { reader, depth, startJudge, receipts = [], progress = () => undefined } = options;
  const settings = {
    origin: tree.origin,
    signatures: depth === 'all',
    commands: depth === 'keys',
    logs: options.keys === undefined ? 1 : 2,
  };
  const judge = startJudge?.(settings, tree.leaves) ?? judgeHere(book, settings);
  if (options.keys !== undefined) judge.learn(options.keys);
  const earlier = openAll(options, tree);
  const tehranDay = tehranDays();
  const hashed = treeCheck(reader, new Set(earlier.open.map(({ size }) => size)), findings.add);
  const sequences = collectSequences((time) => tehranDay(time).date);
  const { origin, leaves: size } = tree;
  const place = { origin, size, from: 0, to: size, sequences, isSparse: false };
  const tally = logTally(place, findings);
  const leaves = leavesCheck(settings, book, judge, findings, true, tally);
  const looked = receiptsCheck(receipts);
  let isWhole = true;
  for await (const block of readBlocks(reader, tree.leaves, depth !== 'hashes')) {
    const { first, width, bundle } = block;
    const entries = bundle === undefined ? undefined : parseBundle(bundle, width);
    if (entries === undefined && depth !== 'hashes') findings.add(badBundle(block));
    const hashes = entries?.map(leafHash) ?? hashesOf(block);
    if (hashes === undefined) {
      isWhole = false;
      const detail = 'No leaf hash can be had from here on.';
      findings.add({ failure: 'tree', fault: 'hashes-missing', index: first, detail });
      break;
    }
    await hashed.add(block, hashes);
    hashes.forEach((hash, n) => looked.look(first + n, hash, entries?.[n]));
    if (entries !== undefined && bundle !== undefined) {
      entries.forEach((data, n) => options.look?.(first + n, data));
      await leaves.add({ first, bytes: bundle, entries, hashes });
    }
    progress(first + width, tree.leaves);
  }
  const judged = await leaves.finish();
  const root = isWhole ? await hashed.finish() : undefined;
  if (root !== undefined && !equalBytes(root, tree.root)) {
    const detail = 'The root over all leaves is not that of the checkpoint.';
    findings.add({ failure: 'tree', fault: 'root-differs', index: undefined, detail });
  }
  const roots = root !== undefined && equalBytes(root, tree.root) ? hashed.roots : undefined;
  const byKeys = depth === 'hashes' ? undefined : book;
  const seen = tally.seen();
  return {
    judged,
    seen,
    completeness:
      depth === 'hashes'
        ? undefined
        : completenessOf([seen], sequences.read(), undefined, depth === 'all'),
    tiles: hashed.tiles(),
    previous: [...earlier.checks, ...earlier.open.map((one) => checkPrevious(one, roots))],
    receipts: await looked.finish(tree.origin, byKeys, { leaves: 'all', keys: judged.keys }),
  };
};

/**
 * Verifies a whole log from its files alone, in one pass and in memory that does not grow with it:
 * the checkpoint by the policy; every entry hashed, every tile computed and compared, the root; the
 * form and order of leaves; the signatures in them; earlier checkpoints and receipts.
 */
export const fsck = async (options: FsckOptions): Promise<FsckReport> => {
  const { reader, policy, depth } = options;
  const findings = collectFindings();
  const book = keyBook();
  options.keys?.forEach(book.learn);
  const bytes = await reader.checkpoint();
  const opened =
    bytes === undefined
      ? {
          checks: [failed('checkpoint', 'unreadable', 'There is no checkpoint here')],
          checkpoint: undefined,
        }
      : openByPolicy(bytes, policy, 'quorum');
  const { checkpoint } = opened;
  if (checkpoint === undefined) {
    const rest = skipped('everything else', 'nothing here can be believed without a checkpoint');
    const nothing = { findings: [], notes: [], completeness: undefined };
    return { checks: [...opened.checks, rest], ...nothing, book, checkpoint };
  }
  const walked = await walk(options, checkpoint, book, findings);
  const { judged, seen, completeness, tiles, previous, receipts } = walked;
  return {
    checks: [
      ...opened.checks,
      treeCheckOf(depth, findings, { leaves: checkpoint.leaves, tiles }),
      ...leafChecks(depth, findings, judged, [seen]),
      ...(depth === 'hashes' ? [] : [completenessCheck(completeness, options.complete ?? false)]),
      ...previous,
      ...receipts,
      ...notChecked,
    ],
    findings: findings.list(),
    notes: findings.notes(),
    completeness,
    book,
    checkpoint,
  };
};
