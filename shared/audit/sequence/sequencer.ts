import type { ConfigSet } from '#events/config-set.ts';
import { sha256Url } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { bucketOf, bucketsPerPeriod, periodOf } from '../address.ts';
import { recordLeafData } from '../leaf.ts';
import type { Head } from '../log-head.ts';
import { emptyRoot } from '../tlog/hash.ts';
import { secondLook } from './again.ts';
import { type Batch, buildBatch, type LogFile, readTail, type Tail } from './build.ts';
import { finish } from './finish.ts';
import { gather } from './gather.ts';
import { LogFileMissing, logFiles } from './log-files.ts';
import type { LogSettings } from './log-settings.ts';
import { LogStopped } from './log-stopped.ts';
import type { SequencerPorts } from './ports.ts';
import { logSearch } from './search.ts';
import { type ShardTree, stage } from './stage.ts';

/** What one step of the sequencer came to. */
export type Step = {
  readonly head: Head;
  /** Leaves appended. */
  readonly added: number;
  /** Of those, entries that came late: each is an incident. */
  readonly late: number;
  /** Whether it is known that there is more to do at once. */
  readonly more: boolean;
  /** Whether another sequencer got ahead of this one. */
  readonly overtaken: boolean;
};

/** Two weeks: how long the journal keeps its rows. */
const journalPeriods = 14 * 144;

const configOf = ({ origin, shard, shards, slots, mergeDelay }: LogSettings, t: number) =>
  ({
    v: 1,
    k: 'config',
    t,
    origin,
    shard,
    shards,
    slots,
    mmd: mergeDelay,
  }) satisfies ConfigSet;

/** What tells one configuration from another: all but when it was set. */
const configDigest = (settings: LogSettings): string =>
  sha256Url(canonicalJson(configOf(settings, 0)));

/** An hour: how far before the present a log begins, for whoever writes by a clock that is behind. */
const margin = 6 * bucketsPerPeriod;

/** Where a log begins that has no head: at the oldest thing the journal still holds. */
const firstHead = async (
  { journal, now }: SequencerPorts,
  { acceptance }: LogSettings,
): Promise<Head> => {
  const time = now();
  const present = periodOf(bucketOf(time));
  const [oldest] = await journal.periods(present - journalPeriods, present + 1);
  const quiet = Math.max(bucketOf(time - acceptance) - 1 - margin, 0);
  const bucket = oldest === undefined ? quiet : Math.min(quiet, oldest * bucketsPerPeriod);
  return {
    version: 0,
    size: 0,
    root: emptyRoot,
    bucket,
    slot: 0,
    again: [bucket, bucket],
    late: [],
    config: '',
    time,
  };
};

/** What the next head will be, and the leaves that lead to it. */
export type Plan = {
  readonly leaves: readonly Uint8Array[];
  readonly late: number;
  readonly more: boolean;
  readonly next: Omit<Head, 'size' | 'root' | 'version' | 'time'>;
};

/** Reads the journal from the head on: what is to be appended (audit-log.md §3, steps 1 and 2). */
export const plan = async (
  ports: SequencerPorts,
  settings: LogSettings,
  head: Head,
): Promise<Plan> => {
  const config = configDigest(settings);
  const changed = head.config !== config;
  const { entries, next, more } = await gather(ports, settings, head);
  const search = logSearch(logFiles(ports.objects, settings.shard), head.size);
  const look = await secondLook(ports, settings, head, search);
  const leaves = [
    ...(changed ? [recordLeafData(canonicalJson(configOf(settings, ports.now())))] : []),
    ...entries.map(({ data }) => data),
    ...look.leaves,
  ];
  return {
    leaves,
    late: look.leaves.length / 2,
    more: more || look.more,
    next: { ...next, again: look.again, late: look.late, config },
  };
};

const isStill = (head: Head, { leaves, next }: Plan): boolean =>
  leaves.length === 0 &&
  next.bucket === head.bucket &&
  next.slot === head.slot &&
  next.again.every((bucket, n) => bucket === head.again[n]);

const nextHead = (
  head: Head,
  { next }: Plan,
  tree: Pick<Head, 'size' | 'root'>,
  time: number,
): Head => ({ ...next, size: tree.size, root: tree.root, version: head.version + 1, time });

/** The log with the planned leaves (step 3). */
export const build = async (
  { objects }: SequencerPorts,
  { shard }: LogSettings,
  head: Head,
  { leaves }: Plan,
  kept: Tail | undefined,
): Promise<Batch> => {
  const tail = kept ?? (await readTail(logFiles(objects, shard), shard, head));
  return buildBatch(shard, tail, leaves);
};

/** Commits by compare-and-swap (step 5); the head that stands afterwards. */
export const commit = async (
  { heads, now }: SequencerPorts,
  { shard }: LogSettings,
  head: Head,
  made: Plan,
  tree: Pick<Head, 'size' | 'root'>,
): Promise<{ readonly head: Head; readonly won: boolean }> => {
  const next = nextHead(head, made, tree, now());
  const standing = await heads.compareAndSwap(shard, next);
  return standing === 'written' ? { head: next, won: true } : { head: standing, won: false };
};

export const treeOf = ({ shard }: LogSettings, { size, root }: Head): ShardTree => ({
  shard,
  size,
  root,
});

const treeKey = ({ size, root }: Head): string => `${size} ${sha256Url(root)}`;

const overtaken = (head: Head): Step => ({ head, added: 0, late: 0, more: true, overtaken: true });

/** The head that another sequencer wrote after this one, which its staged batch tells of. */
const overtaker = async (
  { heads }: SequencerPorts,
  { shard }: LogSettings,
  { version }: Head,
): Promise<Head> => {
  const standing = await heads.read(shard);
  if (standing === undefined || standing.version <= version) {
    throw new LogStopped('staging-lost', shard);
  }
  return standing;
};

/**
 * The sequencer of one log. Each call takes one step: finish what stands committed, gather, build,
 * stage, compare-and-swap, then sign, apply and publish (audit-log.md §3). Any number of them may run
 * at once, and each may stop anywhere. Rejects with `LogStopped` where the log must not go on, and
 * with a `Problem` where a store or the signer cannot be reached; either way nothing is lost.
 */
export const sequencer = (ports: SequencerPorts, settings: LogSettings): (() => Promise<Step>) => {
  /** The tree that this process knows to be published, and the end of its log. */
  let finished = '';
  let kept: { readonly key: string; readonly tail: Tail } | undefined;

  const finishHead = async (head: Head, made?: readonly LogFile[]): Promise<void> => {
    if (finished === treeKey(head)) return;
    const { size } = await finish(ports, treeOf(settings, head), made);
    // Whoever is past this head had committed before: a head that does not show it was lost.
    const standing = size > head.size ? await ports.heads.read(settings.shard) : head;
    if (size > (standing?.size ?? 0)) throw new LogStopped('head-behind', settings.shard);
    finished = treeKey(head);
  };

  const takeStep = async (): Promise<Step> => {
    const head = (await ports.heads.read(settings.shard)) ?? (await firstHead(ports, settings));
    await finishHead(head);
    const made = await plan(ports, settings, head);
    const { late, more } = made;
    if (isStill(head, made)) return { head, added: 0, late, more, overtaken: false };
    if (made.leaves.length === 0) {
      const committed = await commit(ports, settings, head, made, head);
      return { head: committed.head, added: 0, late, more, overtaken: !committed.won };
    }
    const tail = kept?.key === treeKey(head) ? kept.tail : undefined;
    const batch = await build(ports, settings, head, made, tail);
    const staged = await stage(ports.staging, { ...batch, shard: settings.shard }, batch.files);
    if (staged === 'other') return overtaken(await overtaker(ports, settings, head));
    const committed = await commit(ports, settings, head, made, batch);
    if (!committed.won) return overtaken(committed.head);
    kept = { key: treeKey(committed.head), tail: batch.tail };
    await finishHead(committed.head, batch.files);
    return { head: committed.head, added: made.leaves.length, late, more, overtaken: false };
  };

  return async () => {
    try {
      return await takeStep();
    } catch (error) {
      if (!(error instanceof LogFileMissing)) throw error;
      throw new LogStopped('file-missing', settings.shard, { cause: error });
    }
  };
};
