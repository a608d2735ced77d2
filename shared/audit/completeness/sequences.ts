import { timeOf } from '../../kernel/id.ts';
import { ascending } from '../ascending.ts';
import { type InquirySaid, saidInLeaf } from '../inquiry-said.ts';
import {
  type NumberSet,
  numberSet,
  type Range,
  type TimedRange,
  type TimedSet,
  timedSet,
} from './ranges.ts';

/** One run of sequence numbers: those of a station of whoever asks, or of an agency's answers. */
export type SeriesName = {
  readonly by: string;
  /** Absent for the answers of an agency. */
  readonly station?: string;
};

/** What the log has of one run. */
export type Series = SeriesName & {
  /** All its numbers, whatever their day; used at the times inside the inquiries' ids. */
  readonly numbers: readonly TimedRange[];
  /** Those that more than one inquiry has. */
  readonly twice: readonly Range[];
  /** By the day inside the inquiries' ids, ascending. */
  readonly days: readonly { readonly day: string; readonly numbers: readonly Range[] }[];
};

export type Sequences = {
  /** By `by` and station, ascending. */
  readonly series: readonly Series[];
  /** Inquiries whose numbers cannot be read. */
  readonly unread: number;
};

/** The date of an instant in milliseconds since 1970, as statements name days: `2026-11-22`. */
export type DayOf = (milliseconds: number) => string;

/** Collects the sequences of a log whose leaves come in any order. */
export type SequenceCollector = {
  /** Takes what a leaf says, as {@link saidInLeaf} tells it. */
  readonly take: (said: InquirySaid | 'unread' | undefined) => void;
  readonly add: (leaf: Uint8Array) => void;
  readonly read: () => Sequences;
};

/** Series apart: a space is in no participant's id. */
export const seriesKey = ({ by, station }: SeriesName): string =>
  station === undefined ? by : `${by} ${station}`;

type Open = {
  readonly name: SeriesName;
  readonly numbers: TimedSet;
  readonly twice: NumberSet;
  readonly days: Map<string, NumberSet>;
};

const closed = ({ name, numbers, twice, days }: Open): Series => ({
  ...name,
  numbers: numbers.ranges(),
  twice: twice.ranges(),
  days: [...days]
    .toSorted(([a], [b]) => ascending(a, b))
    .map(([day, set]) => ({ day, numbers: set.ranges() })),
});

/** The numbers that an inquiry used: of whoever signed it, and of the agency that answered. */
const usedIn = ({ signer, station, seq, answer }: InquirySaid) => [
  { name: { by: signer, station }, seq },
  ...(answer === undefined ? [] : [{ name: { by: answer.agency }, seq: answer.seq }]),
];

/**
 * Collects sequences in memory that grows with series, days and gaps, not with inquiries. Denied and
 * failed inquiries count: they used their numbers too.
 */
export const collectSequences = (dayOf: DayOf): SequenceCollector => {
  const open = new Map<string, Open>();
  let unread = 0;
  const seriesOf = (name: SeriesName): Open => {
    const key = seriesKey(name);
    const standing = open.get(key);
    if (standing !== undefined) return standing;
    const made = { name, numbers: timedSet(), twice: numberSet(), days: new Map() };
    open.set(key, made);
    return made;
  };
  const daysOf = ({ days }: Open, day: string): NumberSet => {
    const set = days.get(day) ?? numberSet();
    days.set(day, set);
    return set;
  };
  const take: SequenceCollector['take'] = (said) => {
    if (said === undefined) return;
    if (said === 'unread') {
      unread += 1;
      return;
    }
    const time = timeOf(said.id);
    const day = dayOf(time);
    for (const { name, seq } of usedIn(said)) {
      const series = seriesOf(name);
      if (!series.numbers.add(seq, time)) series.twice.add(seq);
      daysOf(series, day).add(seq);
    }
  };
  return {
    take,
    add: (leaf) => take(saidInLeaf(leaf)),
    read: () => ({
      series: [...open].toSorted(([a], [b]) => ascending(a, b)).map(([, series]) => closed(series)),
      unread,
    }),
  };
};

/** The sequences in leaves, as {@link collectSequences} collects them. */
export const sequences = (leaves: Iterable<Uint8Array>, dayOf: DayOf): Sequences => {
  const { add, read } = collectSequences(dayOf);
  for (const leaf of leaves) add(leaf);
  return read();
};
