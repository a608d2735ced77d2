import { concat } from '../../kernel/bytes.ts';
import { type Coded, codedOf, joinedCodes } from './coded.ts';
import type { EntryFacts } from './entry-facts.ts';
import { type TagColumn, type WordColumn, wordColumns } from './filter.ts';
import { idRests } from './ids.ts';
import type { Segment } from './segment.ts';
import { tagBytes, tagKey } from './tags.ts';

/** Entries as columns that can be joined and changed before they are packed. */
export type Columns = {
  readonly indexes: Float64Array;
  readonly times: Float64Array;
  readonly seq: Float64Array;
  readonly ms: Float64Array;
  readonly answer: Float64Array;
  /** 0 not known, 1 none, 2 a case number. */
  readonly cases: Float64Array;
  /** Of each id the bytes behind its time. */
  readonly ids: Uint8Array;
  /** By their `tagKey`. */
  readonly tags: Readonly<Record<TagColumn, Coded>>;
  readonly words: ReadonlyMap<WordColumn, Coded>;
};

const caseCode = (hasCase: boolean | undefined): number => {
  if (hasCase === undefined) return 0;
  return hasCase ? 2 : 1;
};

/** Throws a RangeError for an id that is none or has another time, and for a tag that is none. */
export const columnsOf = (facts: readonly EntryFacts[]): Columns => {
  const numbers = (value: (entry: EntryFacts) => number) => Float64Array.from(facts, value);
  const tags = (name: TagColumn): Coded => {
    const { values, codes } = codedOf(facts.map((entry) => entry[name]));
    return { values: values.map((tag) => tagKey(tagBytes(tag))), codes };
  };
  return {
    indexes: numbers(({ index }) => index),
    times: numbers(({ t }) => t),
    seq: numbers(({ seq }) => seq),
    ms: numbers(({ ms }) => ms),
    answer: numbers(({ answer = 0 }) => answer),
    cases: numbers(({ hasCase }) => caseCode(hasCase)),
    ids: idRests(facts),
    tags: { subjectTag: tags('subjectTag'), operatorTag: tags('operatorTag') },
    words: new Map(wordColumns.map((name) => [name, codedOf(facts.map((entry) => entry[name]))])),
  };
};

/** The entries of a segment that stand before a leaf. Throws `IndexInvalid`. */
export const columnsIn = (segment: Segment, before: number): Columns => {
  const all = segment.indexes();
  const behind = all.findIndex((index) => index >= before);
  const count = behind < 0 ? all.length : behind;
  const tags = (name: TagColumn): Coded => {
    const { tag, count: known, codes } = segment.tags[name]();
    const values = Array.from({ length: known() }, (_, n) => tagKey(tag(n + 1)));
    return { values, codes: codes().slice(0, count) };
  };
  return {
    indexes: all.slice(0, count),
    times: segment.times().slice(0, count),
    seq: segment.numbers.seq().slice(0, count),
    ms: segment.numbers.ms().slice(0, count),
    answer: segment.numbers.answer().slice(0, count),
    cases: Float64Array.from(segment.cases().subarray(0, count)),
    ids: segment.ids().rests(count),
    tags: { subjectTag: tags('subjectTag'), operatorTag: tags('operatorTag') },
    words: new Map(
      wordColumns.map((name) => {
        const { words, codes } = segment.words(name);
        return [name, { values: words(), codes: codes().slice(0, count) }];
      }),
    ),
  };
};

const joinedNumbers = (first: Float64Array, second: Float64Array): Float64Array => {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
};

const noWords: Coded = { values: [], codes: new Uint16Array() };

/** Entries behind those that stand before them. */
export const joinedColumns = (first: Columns, second: Columns): Columns => {
  const tags = (name: TagColumn): Coded => joinedCodes(first.tags[name], second.tags[name]);
  const words = (name: WordColumn): Coded =>
    joinedCodes(first.words.get(name) ?? noWords, second.words.get(name) ?? noWords);
  return {
    indexes: joinedNumbers(first.indexes, second.indexes),
    times: joinedNumbers(first.times, second.times),
    seq: joinedNumbers(first.seq, second.seq),
    ms: joinedNumbers(first.ms, second.ms),
    answer: joinedNumbers(first.answer, second.answer),
    cases: joinedNumbers(first.cases, second.cases),
    ids: concat(first.ids, second.ids),
    tags: { subjectTag: tags('subjectTag'), operatorTag: tags('operatorTag') },
    words: new Map(wordColumns.map((name) => [name, words(name)])),
  };
};

/** The same without what the entries at some leaves know of a person: both tags, and the case. */
export const withoutPersons = (columns: Columns, leaves: ReadonlySet<number>): Columns => {
  const isGone = (row: number): boolean => leaves.has(columns.indexes[row] ?? -1);
  const bare = ({ values, codes }: Coded): Coded => ({
    values,
    codes: codes.map((code, row) => (isGone(row) ? 0 : code)),
  });
  return {
    ...columns,
    cases: columns.cases.map((code, row) => (isGone(row) ? 0 : code)),
    tags: {
      subjectTag: bare(columns.tags.subjectTag),
      operatorTag: bare(columns.tags.operatorTag),
    },
  };
};
