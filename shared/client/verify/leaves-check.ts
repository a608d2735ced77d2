import { bucketOf } from '../../audit/address.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { commandsCheck } from './commands-check.ts';
import type { Finding, Findings } from './findings.ts';
import { type Judge, type JudgeSettings, judgeInquiry, type Verdict } from './judge.ts';
import { bookFaults, type KeyBook } from './key-book.ts';
import { type KeyOnRecord, keysOnRecord, recordFaults } from './key-on-record.ts';
import { logOrder, type Placed } from './log-order.ts';
import type { LogTally } from './log-tally.ts';
import { isNoted, type NotedCounts, noneNoted } from './noted-leaf.ts';
import { isRecord, leafFaults, type RecordLeaf, readLeaf } from './read-leaf.ts';
import { isKeyFault, sortOf } from './receipts-check.ts';
import { statementsCheck } from './statements-check.ts';

/** The entries of one block with their hashes. */
export type Entries = {
  readonly first: number;
  readonly bytes: Uint8Array;
  readonly entries: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  /** The index of each, where they do not stand one behind the other. */
  readonly indexes?: readonly number[] | undefined;
};

export type LeavesCheck = {
  /** Takes the next block; resolves when there is room for another. */
  readonly add: (block: Entries) => Promise<void>;
  /** Waits for everything that is still being judged. */
  readonly finish: () => Promise<{
    readonly inquiries: number;
    readonly commands: number;
    /** Statements whose signatures were verified. */
    readonly statements: number;
    readonly late: number;
    readonly noted: NotedCounts;
    /** Whether all keys must have been met, or some may be on record in another log. */
    readonly keys: 'all' | 'part';
  }>;
};

type Records = ReadonlyMap<number, RecordLeaf | undefined>;
type Held = { readonly leaf: Extract<RecordLeaf, { id: string }>; readonly index: number };
type Waiting = { readonly index: number; readonly bucket: number; readonly data: Uint8Array };

/** Inquiries that may wait for a key. */
const maxWaiting = 10_000;

const indexIn = ({ first, indexes }: Entries, n: number): number => indexes?.[n] ?? first + n;

/** Reads the records of a block; what is malformed is found here, since no judge looks at it. */
const readRecords = (block: Entries, findings: Findings): Records => {
  const records = new Map<number, RecordLeaf | undefined>();
  block.entries.forEach((data, n) => {
    if (!isRecord(data)) return;
    const index = indexIn(block, n);
    const { leaf, fault } = readLeaf(data);
    if (fault !== undefined) {
      findings.add({ failure: 'malformed', fault, index, detail: leafFaults[fault] });
    }
    records.set(index, leaf?.kind === 'inquiry' ? undefined : leaf);
  });
  return records;
};

const placedAt = (
  index: number,
  hash: Uint8Array,
  records: Records,
  id: string | undefined,
): Placed => {
  const unread = { kind: 'unread', index, hash } as const;
  if (!records.has(index)) {
    return id === undefined || id === '' ? unread : { kind: 'entry', index, hash, id };
  }
  const record = records.get(index);
  if (record === undefined) return unread;
  return record.kind === 'config' || record.kind === 'late'
    ? { ...record, index, hash }
    : { kind: 'entry', index, hash, id: record.id };
};

/**
 * Judges the leaves of a log in their order: their form, their order, and by a {@link Judge} the
 * signatures in them against the keys that the leaves before them put on record. Of a log that is not
 * looked at as a whole it is not asked whether numbers of changes are missing. `tally` is shown the
 * leaves in their order once they were judged.
 */
export const leavesCheck = (
  settings: JudgeSettings,
  book: KeyBook,
  judge: Judge,
  findings: Findings,
  isWhole: boolean,
  tally: Omit<LogTally, 'seen'>,
): LeavesCheck => {
  let shards = 1;
  /** As the log began: who could say later that there are more could have keys that nobody can look up. */
  let firstShards = 1;
  const isPart = (): boolean => firstShards > (settings.logs ?? 1);
  const unjudged = { inquiries: 0, commands: 0, statements: 0 };
  let lastUnjudged: number | undefined;
  /** Of several logs one alone is no reason to accuse: a key may be on record in another. */
  const add = (finding: Finding): void => {
    const { fault, index = 0 } = finding;
    if (!(isPart() && isKeyFault(fault))) {
      findings.add(finding);
      return;
    }
    // The findings of one leaf come one after another.
    if (index === lastUnjudged) return;
    lastUnjudged = index;
    unjudged[sortOf(finding)] += 1;
    findings.note('key-elsewhere', index);
  };
  const commands = commandsCheck(settings, book, { add, note: findings.note });
  const statements = statementsCheck(settings, book, { ...findings, add }, tally.statement);
  const order = logOrder(settings.origin, findings.add);
  const open: {
    readonly block: Entries;
    readonly records: Records;
    readonly verdict: Promise<Verdict>;
  }[] = [];
  let waiting: readonly Waiting[] = [];
  let held: Held | undefined;
  let inquiries = 0;
  const noted = { ...noneNoted };

  const learn = async ({ leaf, index }: Held, late: boolean): Promise<readonly KeyOnRecord[]> => {
    if (isNoted(leaf)) return [];
    const read = await keysOnRecord(leaf, index, late);
    const learned = read.flatMap((key): readonly KeyOnRecord[] => {
      if (typeof key === 'string') {
        findings.add({ failure: 'message', fault: key, index, detail: recordFaults[key] });
        return [];
      }
      const fault = book.learn(key);
      if (fault !== undefined) {
        findings.add({ failure: 'message', fault, index, detail: bookFaults[fault] });
      }
      return fault === 'owner-changed' ? [] : [key];
    });
    if (leaf.kind === 'command') commands.take(leaf, index, learned);
    if (leaf.kind === 'registry') {
      commands.standing();
      findings.note('changed-without-command', index);
    }
    return learned;
  };

  /** A record is learned once the leaf behind it has shown whether it came late. */
  const learnFrom = async (block: Entries, records: Records): Promise<void> => {
    const keys: KeyOnRecord[] = [];
    for (let n = 0; n < block.entries.length; n += 1) {
      const index = indexIn(block, n);
      const leaf = records.get(index);
      if (leaf !== undefined && isNoted(leaf)) noted[leaf.kind] += 1;
      if (leaf?.kind === 'config') {
        shards = Math.max(shards, leaf.event.shards);
        if (index === 0) firstShards = leaf.event.shards;
      }
      if (held !== undefined) {
        keys.push(...(await learn(held, leaf?.kind === 'late' && leaf.event.id === held.leaf.id)));
      }
      held = leaf !== undefined && 'id' in leaf ? { leaf, index } : undefined;
    }
    if (keys.length > 0) judge.learn(keys);
  };

  /** Judges again, and for good, what has waited for a key as long as it may. */
  const settle = async (isOver: (one: Waiting) => boolean): Promise<void> => {
    const over = waiting.filter(isOver);
    waiting = waiting.filter((one) => !isOver(one));
    for (const { data, index } of over) {
      const judged = await judgeInquiry(data, index, book, settings);
      judged.findings.forEach(add);
      for (const { note } of judged.notes) findings.note(note, index);
    }
  };

  const close = async (): Promise<void> => {
    const next = open.shift();
    if (next === undefined) return;
    const { block, records } = next;
    const verdict = await next.verdict;
    verdict.findings.forEach(add);
    for (const { note, index } of verdict.notes) findings.note(note, index);
    block.hashes.forEach((hash, n) => {
      const index = indexIn(block, n);
      order.take(placedAt(index, hash, records, verdict.ids[n]));
      if (records.has(index)) {
        const leaf = records.get(index);
        if (leaf?.kind === 'statement') statements.take(leaf, index);
        tally.record(leaf, index);
      } else {
        inquiries += 1;
        tally.inquiry(verdict.said[n]);
      }
    });
    if (verdict.waiting.length > 0) {
      const added = verdict.waiting.map((index): Waiting => {
        const n = block.indexes?.indexOf(index) ?? index - block.first;
        const id = InquiryId.safeParse(verdict.ids[n]).data;
        const data = block.entries[n] ?? new Uint8Array();
        return { index, data: data.slice(), bucket: id === undefined ? -1 : bucketOf(timeOf(id)) };
      });
      waiting = [...waiting, ...added];
    }
    const room = waiting.length <= maxWaiting;
    if (waiting.length > 0) await settle(({ bucket }) => !room || order.bucket() > bucket + 1);
    await commands.settle(order.bucket());
    await statements.settle(order.bucket());
  };

  return {
    add: async (block) => {
      const records = readRecords(block, findings);
      await learnFrom(block, records);
      const { first, bytes, entries, indexes } = block;
      const verdict = judge.judge({ first, bytes, width: entries.length, indexes });
      // Whoever closes it sees that it failed.
      verdict.catch(() => undefined);
      open.push({ block, records, verdict });
      while (open.length >= judge.room) await close();
    },
    finish: async () => {
      if (held !== undefined) judge.learn(await learn(held, false));
      while (open.length > 0) await close();
      await settle(() => true);
      order.end();
      // Changes are numbered over all logs of an exchange: of one of several, some are elsewhere.
      const many = await commands.finish(order.bucket(), isWhole && shards === 1);
      const signed = await statements.finish();
      return {
        inquiries: inquiries - unjudged.inquiries,
        commands: many - unjudged.commands,
        statements: signed - unjudged.statements,
        late: order.late(),
        noted,
        keys: isPart() ? 'part' : 'all',
      };
    },
  };
};
