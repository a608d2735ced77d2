import { type NumberSet, numberSet, without } from '../../audit/completeness/ranges.ts';
import type { EntryFacts, Place } from '../../audit/index/entry-facts.ts';
import type { InquiryId } from '../../kernel/id.ts';
import type { HandedRange, HandedRecord } from './reconciliation.ts';

/** An entry of the log that was not handed in. */
export type OurEntry = {
  readonly id: string;
  readonly station: string;
  readonly seq: number;
  readonly answer?: number;
  readonly outcome: string;
  readonly leaf: Place;
};

/** What the log has against what was handed in. */
export type Compared = {
  /** Handed in with an id, and in the log: where it stands there. */
  readonly found: readonly { readonly record: HandedRecord; readonly leaf: Place }[];
  /** Handed in with an id, and not in the log. */
  readonly missing: readonly InquiryId[];
  /** Handed in by number, and of none of the entries: the log may have them elsewhere. */
  readonly unused: readonly HandedRange[];
  readonly ours: readonly OurEntry[];
  /** How many entries of the log were handed in. */
  readonly known: number;
};

/** A space is in no station. */
const seriesOf = (station: string | undefined): string => station ?? ' ';

/** The number of an entry among those that its owner counts; undefined where it counts none for it. */
type Numbered = (
  facts: EntryFacts,
) => { readonly station?: string; readonly number: number } | undefined;

/** Counters count what they sign themselves; who signs in their place counts its own. */
export const askedNumber: Numbered = ({ by, station, seq }) =>
  by === undefined ? { station, number: seq } : undefined;

export const answeredNumber: Numbered = ({ answer }) =>
  answer === undefined ? undefined : { number: answer };

const ourEntry = ({ id, station, seq, answer, outcome, shard, index }: EntryFacts): OurEntry => ({
  id,
  station,
  seq,
  ...(answer !== undefined && { answer }),
  outcome,
  leaf: { shard, index },
});

/**
 * Compares entries with records and ranges of numbers. `expected`: which of the entries somebody must know
 * of; the others are not held against it.
 */
export const compare = (
  entries: readonly EntryFacts[],
  {
    records,
    ranges,
  }: { readonly records: readonly HandedRecord[]; readonly ranges: readonly HandedRange[] },
  {
    numberOf,
    expected,
  }: { readonly numberOf: Numbered; readonly expected: (facts: EntryFacts) => boolean },
): Compared => {
  const byId = new Map(entries.map((facts) => [facts.id, facts]));
  const known = new Set<string>(records.map(({ id }) => id));
  const used = new Map<string, NumberSet>();
  for (const facts of entries) {
    const numbered = numberOf(facts);
    if (numbered === undefined) continue;
    const series = seriesOf(numbered.station);
    const set = used.get(series) ?? numberSet();
    used.set(series, set);
    set.add(numbered.number);
  }
  const isInRange = (facts: EntryFacts): boolean => {
    const numbered = numberOf(facts);
    return (
      numbered !== undefined &&
      ranges.some(
        ({ station, first, last }) =>
          seriesOf(station) === seriesOf(numbered.station) &&
          first <= numbered.number &&
          numbered.number <= last,
      )
    );
  };
  const isKnown = (facts: EntryFacts): boolean => known.has(facts.id) || isInRange(facts);
  return {
    found: records.flatMap((record) => {
      const facts = byId.get(record.id);
      if (facts === undefined) return [];
      return [{ record, leaf: { shard: facts.shard, index: facts.index } }];
    }),
    missing: records.flatMap(({ id }) => (byId.has(id) ? [] : [id])),
    unused: ranges.flatMap(({ station, first, last }) =>
      without({ first, last }, used.get(seriesOf(station))?.ranges() ?? []).map((range) => ({
        ...(station !== undefined && { station }),
        ...range,
      })),
    ),
    ours: entries.filter((facts) => expected(facts) && !isKnown(facts)).map(ourEntry),
    known: entries.filter(isKnown).length,
  };
};
