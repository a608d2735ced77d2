import { type EntryFeeding, type FedEntries, feedEntries } from './feed-entries.ts';
import {
  type IndexMark,
  type IndexMarks,
  lateOf,
  noMark,
  sameMark,
  withLate,
} from './index-marks.ts';

/** A mark of one's own: the one that readers go by stays where it is. */
const ownMark = (): { readonly marks: IndexMarks; readonly read: () => IndexMark } => {
  let mark = noMark;
  return {
    read: () => mark,
    marks: {
      read: () => Promise.resolve(mark),
      swap: async (_shard, expected, next) => {
        if (!sameMark(mark, expected)) return { standing: mark };
        mark = next;
        return 'written';
      },
    },
  };
};

/** Tells readers of what was made, unless they know as much already. */
const raise = async (
  marks: IndexMarks,
  shard: number,
  made: IndexMark,
  size: number,
): Promise<void> => {
  const isLess = (mark: IndexMark): boolean =>
    mark.size < made.size ||
    mark.size > size ||
    (lateOf(mark) === undefined && mark.size === made.size);
  for (let mark = await marks.read(shard); isLess(mark); ) {
    const next = mark.size === made.size ? withLate(mark, lateOf(made)) : made;
    const answer = await marks.swap(shard, mark, next);
    if (answer === 'written') return;
    mark = answer.standing;
  }
};

/**
 * Makes the index of entries of a log again from its first leaf, over whatever stands, and the rows of
 * subjects that are missing; gives what each step came to. Readers see what stands until it is replaced,
 * object by object. What is broken off leaves what was made, and is begun again by the next. What feeds
 * the index may go on meanwhile. Rejects as `feedEntries` does.
 */
export const reindexEntries = async function* (
  parts: EntryFeeding,
  shard: number,
): AsyncGenerator<FedEntries, void, undefined> {
  const own = ownMark();
  const step = feedEntries({ ...parts, marks: own.marks }, shard);
  for (;;) {
    const fed = await step();
    yield fed;
    if (fed.more) continue;
    await raise(parts.marks, shard, own.read(), fed.size);
    return;
  }
};
