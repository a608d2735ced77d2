import * as z from 'zod';
import { sha256Url } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { Address, Partition } from '../address.ts';
import { leafData, recordLeafData } from '../leaf.ts';
import { packRecord, unpackRecord } from '../pack.ts';
import type { IntentRow, JournalEntry, JournalStore, OutcomeRow } from '../ports.ts';
import { tombstone } from '../tombstone.ts';
import type { LogSettings } from './log-settings.ts';
import { isAbandoned } from './log-settings.ts';
import { LogStopped } from './log-stopped.ts';

/** A leaf on its way into the log, and the id it is found by. */
export type Entry = { readonly address: Address; readonly data: Uint8Array };

type Ports = { readonly journal: JournalStore; readonly now: () => number };

/** Entries asked for at once. */
const pageSize = 200;

/** All entries of a partition, in the order of their ids. */
export const listPartition = async (
  journal: JournalStore,
  partition: Partition,
): Promise<readonly JournalEntry[]> => {
  const entries: JournalEntry[] = [];
  let after = '';
  for (;;) {
    const page = await journal.list(partition, { after, limit: pageSize });
    entries.push(...page.entries);
    const last = page.entries.at(-1)?.address.id;
    if (!page.more) return entries;
    if (last === undefined) throw new Error('A page of the journal says more and shows nothing.');
    after = last;
  }
};

/** As much of a record as is looked at here. */
const Stamp = z.object({ k: z.string(), id: z.string(), i: z.string().optional() });

/** What is no record of its own: the halves of an inquiry, and what only the sequencer says. */
const otherKinds: ReadonlySet<string> = new Set(['i', 'o', 'late', 'config']);

/** The text of a row and what it is stamped: one line, a record of this kind under this id. */
const readRow = (
  row: { readonly record: Uint8Array },
  address: Address,
  kind: 'i' | 'o' | 'record',
): { readonly text: string; readonly stamp: z.infer<typeof Stamp> } => {
  try {
    const text = unpackRecord(row.record);
    const stamp = Stamp.parse(JSON.parse(text));
    const { k, id } = stamp;
    const fits = kind === 'record' ? !otherKinds.has(k) : k === kind;
    if (fits && id === address.id && !text.includes('\n')) return { text, stamp };
  } catch (cause) {
    throw new LogStopped('journal-damaged', address.shard, { cause });
  }
  throw new LogStopped('journal-damaged', address.shard);
};

/** Leaf data; no row that the exchange wrote makes a leaf too large for a bundle. */
const entryOf = (address: Address, data: () => Uint8Array): Entry => {
  try {
    return { address, data: data() };
  } catch (cause) {
    throw new LogStopped('journal-damaged', address.shard, { cause });
  }
};

/** The leaf of an inquiry: SHA-256(I) must be what O says. */
const inquiryLeaf = (address: Address, intent: IntentRow, outcome: OutcomeRow): Entry => {
  const i = readRow(intent, address, 'i');
  const o = readRow(outcome, address, 'o');
  if (o.stamp.i !== sha256Url(i.text)) throw new LogStopped('journal-damaged', address.shard);
  return entryOf(address, () => leafData(i.text, o.text));
};

/** Puts the tombstone where no outcome stands; the outcome that stands from now on. */
const fence = async (
  { journal, now }: Ports,
  address: Address,
  intent: IntentRow,
): Promise<OutcomeRow> => {
  const event = tombstone(address.id, readRow(intent, address, 'i').text, now());
  const row = { record: packRecord(canonicalJson(event)) };
  const standing = await journal.putOutcome(address, row);
  return standing === 'written' ? row : standing;
};

/** The leaves under one id: its inquiry, then a record of its own. */
export const leavesOf = async (ports: Ports, entry: JournalEntry): Promise<readonly Entry[]> => {
  const { address, intent, outcome, record } = entry;
  if (intent === undefined && outcome !== undefined) {
    throw new LogStopped('journal-damaged', address.shard);
  }
  const leaves: Entry[] = [];
  if (intent !== undefined) {
    leaves.push(inquiryLeaf(address, intent, outcome ?? (await fence(ports, address, intent))));
  }
  if (record !== undefined) {
    const { text } = readRow(record, address, 'record');
    leaves.push(entryOf(address, () => recordLeafData(text)));
  }
  return leaves;
};

const isOpen = ({ intent, outcome }: JournalEntry): boolean =>
  intent !== undefined && outcome === undefined;

/**
 * The leaves of a closed partition in the order of their ids; `open` while an inquiry of it may still
 * be answered. After that whatever is unanswered is fenced by a tombstone.
 */
export const sealPartition = async (
  ports: Ports,
  settings: LogSettings,
  partition: Partition,
): Promise<readonly Entry[] | 'open'> => {
  // The time before the reading: what is abandoned must be so for the rows that were read.
  const abandoned = isAbandoned(settings, partition, ports.now());
  const entries = await listPartition(ports.journal, partition);
  if (!abandoned && entries.some(isOpen)) return 'open';
  const leaves: Entry[] = [];
  for (const entry of entries) leaves.push(...(await leavesOf(ports, entry)));
  return leaves;
};
