import { timeOf } from '../../kernel/id.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import { Problem } from '../../kernel/problem.ts';
import { parseStrictJson } from '../../kernel/strict-json.ts';
import { CommandClaims } from '../../message/claims.ts';
import { parseMessage } from '../../message/framing.ts';
import { kinds } from '../../message/kind.ts';
import { audiencesOf } from './audience.ts';
import { checkMessage, type Fault } from './check-message.ts';
import { type KeyBook, keyBook } from './key-book.ts';
import type { KeyOnRecord } from './key-on-record.ts';
import type { CommandLeaf } from './read-leaf.ts';

export type CheckedCommand = {
  readonly faults: readonly Fault[];
  readonly notes: readonly string[];
};

/** Whom to ask for keys, the origin of the log, and where in it the leaf stands. */
export type CommandContext = {
  readonly book: Pick<KeyBook, 'find'>;
  readonly origin: string;
  readonly index: number;
  readonly bucket: number;
  /** The keys that the leaf itself puts on record. */
  readonly own: readonly KeyOnRecord[];
};

export const commandFaults = {
  'wrong-audience': 'The command was for another exchange.',
  'command-key-not-officer': 'A command was signed by a key that may not sign any.',
  'begin-misplaced': 'The registry begins with change 1, and with no other.',
  'begin-by-another': 'The registry was begun by somebody who is no registrar.',
  'leaf-before-change': 'It was recorded before the change was made.',
} as const;
type CommandFault = keyof typeof commandFaults;

/** The command that an empty registry begins with. */
const beginning = 'registry.begin';

/** Milliseconds by which the clocks of two processes may differ. */
const clockSpread = 10_000;

/** What a command claims, its signature not looked at; undefined when it cannot be read. */
export const readCommand = (jws: string): CommandClaims | undefined => {
  try {
    const { payload } = parseMessage(jws, kinds.command);
    return CommandClaims.safeParse(parseStrictJson(payload)).data;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

const broken = (when: boolean, fault: CommandFault): readonly Fault[] =>
  when ? [{ fault, detail: commandFaults[fault] }] : [];

/** A book that holds nothing but what the leaf brings. */
const bookOf = (own: readonly KeyOnRecord[]): KeyBook => {
  const book = keyBook();
  own.forEach(book.learn);
  return book;
};

/**
 * Checks the command of a leaf by the keys on record before it: its signature, whose key it is and
 * what that may sign, what it was for, and when. Change 1 brings the key that it is signed with, so
 * of that one nothing is shown but that it is whole: the note says its kid.
 *
 * Not checked: that the entries are what the command leads to.
 */
export const checkCommand = async (
  { id, event }: CommandLeaf,
  { book, origin, index, bucket, own }: CommandContext,
): Promise<CheckedCommand> => {
  const { n, t: time, command: jws } = event;
  const said = readCommand(jws);
  const begins = said?.cmd.do === beginning;
  const isFirst = begins && n === 1;
  const message = await checkMessage({
    jws,
    kind: kinds.command,
    claims: CommandClaims,
    book: isFirst ? bookOf(own) : book,
    place: isFirst ? { index: index + 1, bucket } : { index, bucket, change: n },
    time,
  });
  const misplaced = broken(said !== undefined && begins !== (n === 1), 'begin-misplaced');
  const early = broken(timeOf(id) < time - clockSpread, 'leaf-before-change');
  if (message.faults !== undefined) {
    const faults = message.faults.map(({ fault, detail }) => ({
      fault: `command-${fault}`,
      detail,
    }));
    return { faults: [...faults, ...misplaced, ...early], notes: [] };
  }
  const { claims, key, note } = message;
  return {
    faults: [
      ...broken(!audiencesOf(origin, '/v1/commands').includes(claims.aud), 'wrong-audience'),
      ...broken(key.role !== 'officer', 'command-key-not-officer'),
      ...broken(begins && roleOf(claims.iss) !== 'registrar', 'begin-by-another'),
      ...misplaced,
      ...early,
    ],
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(isFirst ? [`registry-begun-by ${key.kid}`] : []),
    ],
  };
};
