import type { RegistryChanged } from '#events/registry-changed.ts';
import type { RegistryCommanded } from '#events/registry-commanded.ts';
import { readCommandedEntries } from '../audit/commanded-entries.ts';
import type { InquiryId } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import { parseStrictJson } from '../kernel/strict-json.ts';
import { CommandClaims } from '../message/claims.ts';
import { parseMessage } from '../message/framing.ts';
import { kinds } from '../message/kind.ts';
import { type EntryName, nameOf, nameText, RegistryEntry } from './entry.ts';

/** The command that a change was made by. */
type Said = { readonly id: InquiryId; readonly do: string; readonly iss: string };

/** One version of an entry, and what made it. */
export type Recorded = {
  readonly entry: RegistryEntry;
  /** When the change was made, in milliseconds since 1970. */
  readonly t: number;
  /** The number of the change; undefined where the entry was changed without a command. */
  readonly n: number | undefined;
  readonly command: Said | undefined;
};

/** What stood under a name. */
export type PastState = (name: EntryName) => Recorded | undefined;

/** A point in the history of a registry: after change `n`, and `t` for what no command changed. */
export type Point = { readonly n: number; readonly t: number };

export type Replay = {
  /** Takes the leaf of a command; the same change may come twice. */
  readonly commanded: (event: RegistryCommanded) => void;
  /** Takes the leaf of an entry that was changed without a command. */
  readonly changed: (event: RegistryChanged) => void;
  /** Whether all changes up to `n` were taken, and understood. */
  readonly isWhole: (n: number) => boolean;
  /** Whether an entry was changed without a command at about that time: which version counted is not certain. */
  readonly isBlurred: (t: number) => boolean;
  readonly stateAfter: (point: Point) => PastState;
  /** What made a part of an entry as it stood at a point: the first of the versions that all have it so. */
  readonly since: (
    name: EntryName,
    point: Point,
    part: (entry: RegistryEntry) => unknown,
  ) => Recorded | undefined;
  /** When a change was made; undefined when it is not there. */
  readonly timeOf: (n: number) => number | undefined;
  /** The newest change that was made by then; 0 before the first. */
  readonly changeAt: (t: number) => number;
  /** The numbers of the first and the last change; undefined when there is none. */
  readonly span: () => { readonly first: number; readonly last: number } | undefined;
};

/**
 * Milliseconds for which a process may go by an entry that was changed since: what it remembers, and a
 * little for the decision and its record.
 */
const blur = 70_000;

const orUndefined = <Value>(read: () => Value): Value | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

const saidBy = (jws: string): Said | undefined =>
  orUndefined(() => {
    const { payload } = parseMessage(jws, kinds.command);
    const claims = CommandClaims.safeParse(parseStrictJson(payload)).data;
    return claims && { id: claims.cmd.id, do: claims.cmd.do, iss: claims.iss };
  });

/** The entries that a change led to; undefined when any of them is not understood. */
const entriesOf = ({ n, entries: text }: RegistryCommanded) => {
  const read = readCommandedEntries(text)?.map(({ entry }) => RegistryEntry.safeParse(entry).data);
  const entries = read?.filter((entry) => entry?.n === n).filter((entry) => entry !== undefined);
  return entries?.length === read?.length ? entries : undefined;
};

const entryOf = ({ kind, key, n, entry: text }: RegistryChanged): RegistryEntry | undefined => {
  const entry = RegistryEntry.safeParse(orUndefined(() => parseStrictJson(text))).data;
  if (entry === undefined || entry.kind !== kind || entry.version !== n) return undefined;
  return nameOf(entry).key === key ? entry : undefined;
};

const byVersion = (one: Recorded, other: Recorded): number =>
  one.entry.version - other.entry.version || one.t - other.t;

const stoodAt =
  ({ n, t }: Point) =>
  (one: Recorded): boolean =>
    one.n === undefined ? one.t <= t : one.n <= n;

/** How many of these numbers, in their order, are at most `most`. */
const countUpTo = (sorted: readonly number[], most: number): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sorted[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
};

const insertInto = (sorted: number[], value: number): void => {
  sorted.splice(countUpTo(sorted, value), 0, value);
};

/**
 * Plays the changes of a registry again from its leaves in the log, in whichever order they come, and
 * tells what stood after each. Memory grows with the changes: every version of every entry is kept.
 *
 * Entries that were changed without a command have no number of a change, and count by their time;
 * each of them used one number up.
 */
export const replayRegistry = (): Replay => {
  const histories = new Map<string, Recorded[]>();
  const times = new Map<number, number>();
  const numbers: number[] = [];
  const blurred: number[] = [];
  const unread = { from: Number.POSITIVE_INFINITY };

  const remember = (recorded: Recorded): void => {
    const name = nameText(nameOf(recorded.entry));
    const history = histories.get(name) ?? [];
    history.push(recorded);
    if (history.length > 1) history.sort(byVersion);
    histories.set(name, history);
  };

  const historyOf = (name: EntryName): readonly Recorded[] => histories.get(nameText(name)) ?? [];

  return {
    commanded: (event) => {
      const { n, t, command: jws } = event;
      if (times.has(n)) return;
      times.set(n, t);
      insertInto(numbers, n);
      const entries = entriesOf(event);
      if (entries === undefined) unread.from = Math.min(unread.from, n);
      const command = saidBy(jws);
      for (const entry of entries ?? []) remember({ entry, t, n, command });
    },
    changed: (event) => {
      const entry = entryOf(event);
      if (entry === undefined) unread.from = 0;
      else remember({ entry, t: event.t, n: undefined, command: undefined });
      blurred.push(event.t);
    },
    isWhole: (n) => n < unread.from && n - countUpTo(numbers, n) <= blurred.length,
    isBlurred: (t) => blurred.some((time) => Math.abs(time - t) <= blur),
    stateAfter: (point) => (name) => historyOf(name).findLast(stoodAt(point)),
    since: (name, point, part) => {
      const past = historyOf(name).filter(stoodAt(point));
      const textOf = ({ entry }: Recorded): string => JSON.stringify(part(entry)) ?? '';
      const last = past.at(-1);
      if (last === undefined) return undefined;
      return past[past.findLastIndex((one) => textOf(one) !== textOf(last)) + 1];
    },
    timeOf: (n) => times.get(n),
    changeAt: (t) => numbers.findLast((n) => (times.get(n) ?? 0) <= t) ?? 0,
    span: () => {
      const [first, last] = [numbers.at(0), numbers.at(-1)];
      return first === undefined || last === undefined ? undefined : { first, last };
    },
  };
};
