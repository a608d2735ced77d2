import { InquiryId, timeOf } from '../../kernel/id.ts';
import { packBlocks } from './blocks.ts';
import type { EntryFacts } from './entry-facts.ts';
import { wordColumns } from './filter.ts';
import { packIds } from './ids.ts';
import { packInts } from './ints.ts';
import { type Cover, segmentWidth } from './segment-form.ts';
import { packTags } from './tags.ts';
import { packWords } from './words.ts';

const caseCode = (hasCase: boolean | undefined): number => {
  if (hasCase === undefined) return 0;
  return hasCase ? 2 : 1;
};

/** Leaves that are no entries before each entry; they never become fewer. */
const skippedOf = ({ shard, n, width }: Cover, facts: readonly EntryFacts[]): Float64Array => {
  const first = n * segmentWidth;
  const skipped = new Float64Array(facts.length);
  let next = first;
  facts.forEach((entry, row) => {
    if (entry.shard !== shard || entry.index < next || entry.index >= first + width) {
      throw new RangeError('An entry does not stand in this segment, or not in this order.');
    }
    skipped[row] = entry.index - first - row;
    next = entry.index + 1;
  });
  return skipped;
};

const checkTimes = (facts: readonly EntryFacts[]): void => {
  for (const { id, t } of facts) {
    const { success, data } = InquiryId.safeParse(id);
    if (!success || timeOf(data) !== t)
      throw new RangeError('The time of an entry is that in its id.');
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
  const words = wordColumns.map((name) => packWords(column((entry) => entry[name])));
  return packBlocks('segment', [
    packInts([shard, n, width, facts.length, ...words.map(({ count }) => count)]),
    packInts(skippedOf(cover, facts)),
    packInts(column(({ t }) => t)),
    packIds(column(({ id }) => id)),
    packInts(column(({ seq }) => seq)),
    packInts(column(({ ms }) => ms)),
    packInts(column(({ answer = 0 }) => answer)),
    packInts(column(({ hasCase }) => caseCode(hasCase))),
    ...packTags(column(({ subjectTag }) => subjectTag)),
    ...packTags(column(({ operatorTag }) => operatorTag)),
    ...words.flatMap(({ blocks }) => blocks),
  ]);
};
