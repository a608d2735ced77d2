import { bucketOf } from '../../audit/address.ts';
import { readCommandedEntries } from '../../audit/commanded-entries.ts';
import { timeOf } from '../../kernel/id.ts';
import { changeOrder } from './change-order.ts';
import { checkCommand, readCommand } from './check-command.ts';
import type { Findings } from './findings.ts';
import type { JudgeSettings } from './judge.ts';
import type { KeyBook } from './key-book.ts';
import type { KeyOnRecord } from './key-on-record.ts';
import type { CommandLeaf } from './read-leaf.ts';

export type CommandsCheck = {
  /** Takes the next leaf of a command, and the keys that it put on record. */
  readonly take: (leaf: CommandLeaf, index: number, own: readonly KeyOnRecord[]) => void;
  /** Says that a leaf changed the registry without a command. */
  readonly standing: () => void;
  /** Judges what no leaf that follows can shed light on: the log has come to that bucket. */
  readonly settle: (bucket: number) => Promise<void>;
  /** Judges the rest; how many there were. */
  readonly finish: (bucket: number, gapless: boolean) => Promise<number>;
};

export const entryFaults = {
  'entries-malformed': 'What the command led to does not have its form.',
  'entry-of-another-change': 'An entry names another change than the leaf.',
} as const;

type Waiting = {
  readonly leaf: CommandLeaf;
  readonly index: number;
  readonly bucket: number;
  readonly own: readonly KeyOnRecord[];
};

/**
 * Judges the leaves of commands: their entries and numbers, and by the keys on record their
 * signatures. Since the slots of a bucket follow a secret order, a leaf waits until the next bucket
 * is over: by then all is known that was on record before it.
 */
export const commandsCheck = (
  { origin, signatures, commands = false }: JudgeSettings,
  book: Pick<KeyBook, 'find'>,
  findings: Pick<Findings, 'add' | 'note'>,
): CommandsCheck => {
  const order = changeOrder(findings);
  let waiting: Waiting[] = [];
  let many = 0;

  const checkEntries = ({ event: { n, entries: text } }: CommandLeaf, index: number): void => {
    const entries = readCommandedEntries(text);
    if (entries === undefined) {
      const detail = entryFaults['entries-malformed'];
      findings.add({ failure: 'malformed', fault: 'entries-malformed', index, detail });
    } else if (entries.some((entry) => entry.n !== n)) {
      const detail = entryFaults['entry-of-another-change'];
      findings.add({ failure: 'message', fault: 'entry-of-another-change', index, detail });
    }
  };

  const judge = async ({ leaf, index, bucket, own }: Waiting): Promise<void> => {
    const { faults, notes } = await checkCommand(leaf, { book, origin, index, bucket, own });
    for (const { fault, detail } of faults) {
      findings.add({ failure: 'message', fault, index, detail });
    }
    for (const note of notes) findings.note(note, index);
  };

  const settle = async (isOver: (one: Waiting) => boolean): Promise<void> => {
    const over = waiting.filter(isOver);
    if (over.length === 0) return;
    waiting = waiting.filter((one) => !isOver(one));
    for (const one of over) await judge(one);
  };

  return {
    take: (leaf, index, own) => {
      const { id, event } = leaf;
      const bucket = bucketOf(timeOf(id));
      many += 1;
      checkEntries(leaf, index);
      order.take({ event, index, bucket, command: readCommand(event.command)?.cmd.id });
      if (signatures || commands) waiting.push({ leaf, index, bucket, own });
    },
    standing: order.standing,
    settle: (bucket) => settle((one) => bucket > one.bucket + 1),
    finish: async (bucket, gapless) => {
      await settle(() => true);
      order.end(bucket, gapless);
      return many;
    },
  };
};
