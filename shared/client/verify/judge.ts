import { bucketOf } from '../../audit/address.ts';
import { saidInLeaf, saidInRecords } from '../../audit/inquiry-said.ts';
import { parseBundle } from '../../audit/tlog/bundle.ts';
import { timeOf } from '../../kernel/id.ts';
import type { Said } from './censuses-check.ts';
import { checkInquiry } from './check-inquiry.ts';
import type { Finding } from './findings.ts';
import type { KeyBook } from './key-book.ts';
import type { KeyOnRecord } from './key-on-record.ts';
import { isRecord, leafFaults, readLeaf } from './read-leaf.ts';

/** Entries to judge: those of one bundle, as they were read. */
export type Batch = {
  /** The index of its first leaf. */
  readonly first: number;
  readonly bytes: Uint8Array;
  readonly width: number;
  /** The index of each, where they do not stand one behind the other. */
  readonly indexes?: readonly number[] | undefined;
};

/** What came of a batch. */
export type Verdict = {
  /** The id of each inquiry, at its place; empty where there is none. */
  readonly ids: readonly string[];
  /** What each says that is counted, at its place. */
  readonly said: readonly Said[];
  readonly findings: readonly Finding[];
  readonly notes: readonly { readonly note: string; readonly index: number }[];
  /** Indexes of inquiries whose key was not found: it may be in a leaf that follows. */
  readonly waiting: readonly number[];
};

/**
 * Judges inquiries, here or in other threads. Keys must be learned before the batches behind them;
 * records, the leaves of one line, are not its business.
 */
export type Judge = {
  /** How many batches it takes at once; more would only lie about. */
  readonly room: number;
  readonly learn: (keys: readonly KeyOnRecord[]) => void;
  readonly judge: (batch: Batch) => Promise<Verdict>;
};

export type JudgeSettings = {
  /** The origin of the log. */
  readonly origin: string;
  /** Whether signatures are verified, or the form of leaves alone. */
  readonly signatures: boolean;
  /** Whether those of commands are verified where the others are not: by them keys come on record. */
  readonly commands?: boolean | undefined;
  /** Of how many logs all keys are known; 1 where nothing is said. */
  readonly logs?: number | undefined;
};

type Judged = Omit<Verdict, 'ids' | 'said' | 'waiting'> & {
  readonly id: string;
  readonly said: Said;
  readonly waits: boolean;
};

const nothing = { id: '', said: undefined, findings: [], notes: [], waits: false };

/** Judges the inquiry at an index; what waits for a key has no findings yet. */
export const judgeInquiry = async (
  data: Uint8Array,
  index: number,
  book: Pick<KeyBook, 'find'>,
  { origin, signatures }: JudgeSettings,
): Promise<Judged> => {
  const { leaf, fault } = readLeaf(data);
  if (fault !== undefined) {
    const findings = [{ failure: 'malformed', fault, index, detail: leafFaults[fault] } as const];
    return { ...nothing, said: saidInLeaf(data), findings };
  }
  if (leaf.kind !== 'inquiry') return nothing;
  const { id } = leaf;
  const said = saidInRecords(leaf.intent, leaf.outcome);
  if (!signatures) return { ...nothing, id, said };
  const place = { index, bucket: bucketOf(timeOf(id)) };
  const { faults, notes, waits } = await checkInquiry(leaf, { book, origin, place });
  return {
    id,
    said,
    waits,
    notes: notes.map((note) => ({ note, index })),
    findings: faults.map(({ fault: broken, detail }) => ({
      failure: 'message',
      fault: broken,
      index,
      detail,
    })),
  };
};

/** Inquiries of a batch that are verified at once: enough for all threads of node:crypto. */
const atOnce = 32;

const judgeBatch = async (
  { first, bytes, width, indexes }: Batch,
  book: Pick<KeyBook, 'find'>,
  settings: JudgeSettings,
): Promise<Verdict> => {
  const entries = parseBundle(bytes, width) ?? [];
  const indexOf = (n: number): number => indexes?.[n] ?? first + n;
  const judged: Judged[] = [];
  for (let from = 0; from < entries.length; from += atOnce) {
    const some = entries.slice(from, from + atOnce).map(async (data, n) => {
      return isRecord(data) ? nothing : judgeInquiry(data, indexOf(from + n), book, settings);
    });
    judged.push(...(await Promise.all(some)));
  }
  return {
    ids: judged.map(({ id }) => id),
    said: judged.map(({ said }) => said),
    findings: judged.flatMap(({ findings, waits }) => (waits ? [] : findings)),
    notes: judged.flatMap(({ notes, waits }) => (waits ? [] : notes)),
    waiting: judged.flatMap(({ waits }, n) => (waits ? [indexOf(n)] : [])),
  };
};

/**
 * A judge in this very thread, by a book that the caller fills as well. One batch at a time, in
 * their order: what is not begun takes no memory but its bytes.
 */
export const judgeWith = (book: Pick<KeyBook, 'find'>, settings: JudgeSettings): Judge['judge'] => {
  let last: Promise<unknown> = Promise.resolve();
  return (batch) => {
    const verdict = last.then(() => judgeBatch(batch, book, settings));
    last = verdict.catch(() => undefined);
    return verdict;
  };
};

/** A {@link Judge} without threads of its own; the caller fills the book. */
export const judgeHere = (book: Pick<KeyBook, 'find'>, settings: JudgeSettings): Judge => ({
  room: 2,
  learn: () => undefined,
  judge: judgeWith(book, settings),
});
