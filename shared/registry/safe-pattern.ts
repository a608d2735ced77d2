import { type CharSet, overlap, union } from './char-set.ts';
import {
  type Item,
  mostRepeats,
  PatternFault,
  type Piece,
  parsePattern,
  type Sequence,
} from './pattern-syntax.ts';

/** The most UTF-16 units of a pattern. */
export const longestPattern = 200;

const nothing: CharSet = [];

const canBeEmpty = (sequence: Sequence): boolean => sequence.every(canBeSkipped);

const canBeSkipped = ({ piece, least }: Item): boolean =>
  least === 0 || (piece.kind === 'group' && piece.branches.some(canBeEmpty));

/** What a piece can begin with. */
const firstOf = (piece: Piece): CharSet =>
  piece.kind === 'set' ? piece.set : union(...piece.branches.map(beginning));

/** What a sequence can begin with, of the items up to the first that cannot be skipped. */
const beginning = (sequence: Sequence): CharSet => {
  const firm = sequence.findIndex((item) => !canBeSkipped(item));
  const items = firm === -1 ? sequence : sequence.slice(0, firm + 1);
  return union(...items.map(({ piece }) => firstOf(piece)));
};

/** What stands at the first places of a sequence, as far as nothing in it is left open. */
const leadOf = (sequence: Sequence): readonly CharSet[] => {
  const lead: CharSet[] = [];
  for (const item of sequence) {
    if (canBeSkipped(item)) return lead;
    if (item.piece.kind === 'group' || item.least !== item.most) {
      return [...lead, firstOf(item.piece)];
    }
    for (let count = 0; count < item.least; count += 1) lead.push(item.piece.set);
  }
  return lead;
};

/** Whether no text can be taken by both: at some place that both have, they have no character in common. */
const areApart = (one: readonly CharSet[], other: readonly CharSet[]): boolean =>
  one.some((set, place) => {
    const beside = other[place];
    return beside !== undefined && !overlap(set, beside);
  });

const judgeBranches = (branches: readonly Sequence[]): void => {
  const leads = branches.map(leadOf);
  for (const [place, lead] of leads.entries()) {
    if (leads.slice(place + 1).some((other) => !areApart(lead, other))) {
      throw new PatternFault('has alternatives that the same text could begin');
    }
  }
};

/** Whether something in it is repeated otherwise than one character a fixed number of times. */
const holdsRepeat = (sequence: Sequence): boolean =>
  sequence.some(({ piece, least, most }) =>
    piece.kind === 'set'
      ? least !== most
      : least !== 1 || most !== 1 || piece.branches.some(holdsRepeat),
  );

const judgeItem = ({ piece, least, most }: Item, follow: CharSet): void => {
  if (least !== most && overlap(firstOf(piece), follow)) {
    throw new PatternFault('repeats what can also come next, so that its end is not clear');
  }
  if (piece.kind === 'set') return;
  if (most > 1 && piece.branches.some(holdsRepeat)) {
    throw new PatternFault('repeats a group that holds a repetition');
  }
  if (least !== most && piece.branches.some(canBeEmpty)) {
    throw new PatternFault('makes optional what can be empty');
  }
  judgeBranches(piece.branches);
  for (const branch of piece.branches) judge(branch, follow);
};

/** Judges a sequence from its end: `follow` is what can come behind it. */
const judge = (sequence: Sequence, follow: CharSet): void => {
  let next = follow;
  for (const item of sequence.toReversed()) {
    judgeItem(item, next);
    const first = firstOf(item.piece);
    next = canBeSkipped(item) ? union(first, next) : first;
  }
};

/** The most characters that a sequence takes. */
const longest = (sequence: Sequence): number =>
  sequence.reduce((sum, { piece, most }) => {
    const one = piece.kind === 'set' ? 1 : Math.max(...piece.branches.map(longest));
    return sum + one * most;
  }, 0);

const compiles = (text: string): boolean => {
  try {
    return new RegExp(text, 'u').source.length > 0;
  } catch {
    return false;
  }
};

/**
 * Why a pattern is refused; undefined when a matcher that backtracks, as ours does, takes no more steps
 * on any text than a constant times its length:
 *
 * - Wherever it may go on or stop repeating, the next character leaves one of the two only: what can be
 *   repeated and what can follow have none in common. The way not taken dies at its first step.
 * - Of alternatives, at most one comes past the place at which they differ, and one that comes as far
 *   took no more characters than the one that goes on.
 * - So at every place of a text one way is alive, and each dead end is no longer than what the living
 *   way took. A fixed number of repeats leaves no choice at all, and a repeated group holds none but
 *   alternatives.
 * - What is not held to the beginning by `^` is tried at every place of the text, so it takes a bounded
 *   number of characters.
 */
export const patternFault = (text: string): string | undefined => {
  if (text.length > longestPattern) return `is longer than ${longestPattern} characters`;
  if (!text.isWellFormed()) return 'holds half a surrogate pair';
  try {
    const { anchored, items } = parsePattern(text);
    judge(items, nothing);
    if (!anchored && longest(items) > mostRepeats) {
      return `begins with no ^ although it takes more than ${mostRepeats} characters`;
    }
  } catch (fault) {
    if (fault instanceof PatternFault) return fault.message;
    throw fault;
  }
  return compiles(text) ? undefined : 'does not compile with the flag u';
};
