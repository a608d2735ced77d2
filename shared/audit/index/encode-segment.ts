import { packBlocks } from './blocks.ts';
import { type EntryFacts, latestTime } from './entry-facts.ts';
import { wordColumns } from './filter.ts';
import { packIds, packTags } from './fixed.ts';
import { type Cover, segmentWidth } from './segment-form.ts';
import { writeDeltas, writeVarints } from './varints.ts';
import { packWords } from './words.ts';

const caseByte = (hasCase: boolean | undefined): number => {
  if (hasCase === undefined) return 0;
  return hasCase ? 2 : 1;
};

/** Leaves between each entry and the one before it. */
const gapsOf = ({ shard, n, width }: Cover, facts: readonly EntryFacts[]): Float64Array => {
  const gaps = new Float64Array(facts.length);
  let next = n * segmentWidth;
  const end = next + width;
  facts.forEach((entry, row) => {
    if (entry.shard !== shard || entry.index < next || entry.index >= end) {
      throw new RangeError('An entry does not stand in this segment, or not in this order.');
    }
    gaps[row] = entry.index - next;
    next = entry.index + 1;
  });
  return gaps;
};

const checkTimes = (facts: readonly EntryFacts[]): void => {
  if (!facts.every(({ t }) => Number.isSafeInteger(t) && t >= 0 && t <= latestTime)) {
    throw new RangeError('A time of the index is a whole number of milliseconds of 48 bits.');
  }
};

/**
 * The facts of the entries among the first `width` leaves of a segment, in the order of the log, as
 * columns: the same facts give the same bytes. Throws a RangeError for facts that are not of it.
 */
export const encodeSegment = (cover: Cover, facts: readonly EntryFacts[]): Uint8Array => {
  const { shard, n, width } = cover;
  if (width < 1 || width > segmentWidth) throw new RangeError('A segment has another width.');
  checkTimes(facts);
  const column = <Value>(value: (entry: EntryFacts) => Value): readonly Value[] => facts.map(value);
  return packBlocks('segment', [
    writeVarints([shard, n, width, facts.length]),
    writeVarints(gapsOf(cover, facts)),
    writeDeltas(column(({ t }) => t)),
    packIds(column(({ id }) => id)),
    writeVarints(column(({ seq }) => seq)),
    writeVarints(column(({ ms }) => ms)),
    packTags(column(({ subjectTag }) => subjectTag)),
    packTags(column(({ operatorTag }) => operatorTag)),
    Uint8Array.from(facts, ({ hasCase }) => caseByte(hasCase)),
    writeVarints(column(({ answer = 0 }) => answer)),
    ...wordColumns.flatMap((name) => packWords(column((entry) => entry[name]))),
  ]);
};
