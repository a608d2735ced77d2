import type { TagColumn, WordColumn } from '../../audit/index/filter.ts';
import type { Found } from '../../audit/index/walk.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';

/** Ids that a finding names at most: a listing shows them all. */
export const mostIds = 5;

/** The word of each row; empty where it is not known. */
export const wordAt = ({ group }: Found, column: WordColumn): ((row: number) => string) => {
  const { words, codes } = group.words(column);
  const [labels, of] = [words(), codes()];
  return (row) => labels[(of[row] ?? 0) - 1] ?? '';
};

/** The tag of each row; each is made a text once. */
export const tagAt = (
  { group }: Found,
  column: TagColumn,
): ((row: number) => string | undefined) => {
  const { at, codes } = group.tags[column]();
  const of = codes();
  const known = new Map<number, string | undefined>();
  return (row) => {
    const code = of[row] ?? 0;
    if (code === 0) return undefined;
    const tag = known.get(code) ?? at(row);
    known.set(code, tag);
    return tag;
  };
};

/** What is put together of several entries. */
export type Gathered = {
  n: number;
  first: number;
  last: number;
  readonly ids: string[];
};

export const gatherNone = (): Gathered => ({
  n: 0,
  first: Number.POSITIVE_INFINITY,
  last: 0,
  ids: [],
});

/** Adds one row. */
export const gather = (gathered: Gathered, { group }: Found, row: number): void => {
  const t = group.timeAt(row);
  gathered.n += 1;
  gathered.first = Math.min(gathered.first, t);
  gathered.last = Math.max(gathered.last, t);
  if (gathered.ids.length < mostIds) gathered.ids.push(group.ids().at(row));
};

/** How it is shown: how many, from when to when, and the first ids. */
export const shown = ({ n, first, last, ids }: Gathered) => ({
  n,
  first: toRfc3339(first),
  last: toRfc3339(last),
  ids: [...ids],
});

/** What stands under a key; made where nothing does. */
export const under = <Value>(map: Map<string, Value>, key: string, make: () => Value): Value => {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
};

/** Numbers that stand for texts, from 1 on, in the order in which they are asked for. */
export const numbering = (): ((text: string) => number) => {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size + 1;
    numbers.set(text, number);
    return number;
  };
};
