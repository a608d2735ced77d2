import { fromBase64Url } from '../../kernel/bytes.ts';
import {
  type EntryFilter,
  type EntryScope,
  meaning,
  namedIn,
  tagColumns,
  valuesOf,
  type WordColumn,
  wordColumns,
} from './filter.ts';
import { idBytes } from './ids.ts';
import type { RowGroup } from './row-group.ts';
import { segmentWidth } from './segment-form.ts';
import type { Words } from './words.ts';

/** Rows that are left of some, ascending. */
type Narrow = (rows: Uint32Array) => Uint32Array;

const noRows = new Uint32Array();
const allRows = Uint32Array.from({ length: segmentWidth }, (_, row) => row);
const none: Narrow = () => noRows;

/** Codes of a column, all of them or one by one. */
type Codes = Pick<Words, 'codes' | 'codeAt'>;

/** Fewer than this share of the rows are looked up one by one: all the others need not be unpacked. */
const few = 1 / 8;

/** The rows whose code is among those marked; a loop, since this is what nearly all time goes to. */
const byMarks =
  (group: RowGroup, { codes, codeAt }: Codes, marks: Uint8Array): Narrow =>
  (rows) => {
    if (rows.length < few * group.count) return rows.filter((row) => marks[codeAt(row)] === 1);
    const [of, left] = [codes(), new Uint32Array(rows.length)];
    let count = 0;
    for (let n = 0; n < rows.length; n += 1) {
      const row = rows[n] ?? 0;
      left[count] = row;
      count += marks[of[row] ?? 0] ?? 0;
    }
    return left.subarray(0, count);
  };

const marksOf = (size: number, codes: readonly number[]): Uint8Array => {
  const marks = new Uint8Array(size + 1);
  for (const code of codes) marks[code] = 1;
  return marks;
};

/** The codes of the words that a value means. */
const codesOf = ({ find, words }: Words, name: WordColumn, value: string): readonly number[] => {
  if (name === 'service' && !value.includes('@')) {
    return words().flatMap((word, n) => (meaning(name, word).includes(value) ? [n + 1] : []));
  }
  const code = find(value);
  return code === undefined ? [] : [code];
};

/** Those with one of some words; none spares unpacking the codes. */
const byWords = (group: RowGroup, name: WordColumn, values: readonly string[]): Narrow => {
  const column = group.words(name);
  const found = values.flatMap((value) => codesOf(column, name, value));
  return found.length === 0 ? none : byMarks(group, column, marksOf(column.count, found));
};

const byTags = (group: RowGroup, name: (typeof tagColumns)[number], values: readonly string[]) => {
  const column = group.tags[name]();
  const found = values.flatMap((tag) => column.find(fromBase64Url(tag) ?? new Uint8Array()) ?? []);
  return found.length === 0 ? none : byMarks(group, column, marksOf(column.count(), found));
};

const byScope = (group: RowGroup, scope: EntryScope): Narrow => {
  const named = namedIn(scope).map(([name, value]) => byWords(group, name, [value]));
  if (named.length === 0 || named.includes(none)) return none;
  return (rows) => named.reduce((left, narrow) => narrow(left), rows);
};

/** Those in one of the scopes at least. */
const byScopes = (group: RowGroup, within: readonly EntryScope[]): Narrow => {
  const scopes = within.map((scope) => byScope(group, scope)).filter((narrow) => narrow !== none);
  if (scopes.length < 2) return scopes[0] ?? none;
  return (rows) => {
    const marks = new Uint8Array(group.count);
    for (const narrow of scopes) for (const row of narrow(rows)) marks[row] = 1;
    return rows.filter((row) => marks[row] === 1);
  };
};

const byTimes =
  ({ timeAt }: RowGroup, { from = 0, to = Number.POSITIVE_INFINITY }: EntryFilter): Narrow =>
  (rows) =>
    rows.filter((row) => {
      const t = timeAt(row);
      return t >= from && t < to;
    });

const byIds =
  ({ ids }: RowGroup, wanted: readonly Uint8Array[]): Narrow =>
  (rows) => {
    const { is } = ids();
    return rows.filter((row) => wanted.some((bytes) => is(row, bytes)));
  };

/** One for each member of a filter, made when rows are left for it: it may have to unpack a column. */
const narrowsOf = (group: RowGroup, filter: EntryFilter): readonly (() => Narrow)[] => {
  const { from, to, hasCase, within } = filter;
  const narrows: (() => Narrow)[] = [];
  for (const name of wordColumns) {
    const values = valuesOf(filter[name]);
    if (values !== undefined) narrows.push(() => byWords(group, name, values));
  }
  for (const name of tagColumns) {
    const values = valuesOf(filter[name]);
    if (values !== undefined) narrows.push(() => byTags(group, name, values));
  }
  if (within !== undefined) narrows.push(() => byScopes(group, within));
  if (hasCase !== undefined) {
    const column = { codes: group.cases, codeAt: (row: number) => group.cases()[row] ?? 0 };
    narrows.push(() => byMarks(group, column, marksOf(2, [hasCase ? 2 : 1])));
  }
  if (from !== undefined || to !== undefined) narrows.push(() => byTimes(group, filter));
  const ids = valuesOf<string>(filter.id)?.map(idBytes);
  if (ids !== undefined) narrows.push(() => byIds(group, ids));
  return narrows;
};

/** The rows that a filter means, ascending: as `matches` says of their facts, without making those. */
export const select = (group: RowGroup, filter: EntryFilter): Uint32Array => {
  let rows: Uint32Array = allRows.slice(0, group.count);
  for (const make of narrowsOf(group, filter)) {
    if (rows.length > 0) rows = make()(rows);
  }
  return rows;
};
