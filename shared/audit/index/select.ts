import { fromBase64Url } from '../../kernel/bytes.ts';
import { type EntryFilter, namedIn, tagColumns, valuesOf, wordColumns } from './filter.ts';
import { type Fixed, idBytes } from './fixed.ts';
import type { Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import type { Words } from './words.ts';

/** Whether a row of a segment is meant. */
type Test = (row: number) => boolean;

const noRows = new Uint32Array();
const allRows = Uint32Array.from({ length: segmentWidth }, (_, row) => row);

const timeTest = ({ times }: Segment, { from = 0, to }: EntryFilter): Test => {
  const [all, end] = [times(), to ?? Number.POSITIVE_INFINITY];
  return (row) => {
    const t = all[row] ?? -1;
    return t >= from && t < end;
  };
};

const fixedTest = ({ is }: Fixed, wanted: readonly Uint8Array[]): Test =>
  wanted.length === 1
    ? (row) => is(row, wanted[0] ?? new Uint8Array())
    : (row) => wanted.some((bytes) => is(row, bytes));

/** The rows whose word is among those marked. */
const narrowed = (
  rows: Uint32Array,
  codes: Uint8Array | Uint16Array,
  marks: Uint8Array,
): Uint32Array => {
  const left = new Uint32Array(rows.length);
  let count = 0;
  for (let n = 0; n < rows.length; n += 1) {
    const row = rows[n] ?? 0;
    if (marks[codes[row] ?? 0] === 1) left[count++] = row;
  }
  return left.subarray(0, count);
};

type Wanted = { readonly column: Words; readonly marks: Uint8Array };

/**
 * The columns that a filter looks at, and which of their codes it means; undefined when none of the
 * words of a column occurs, which spares unpacking the codes of any.
 */
const wantedOf = (segment: Segment, filter: EntryFilter): readonly Wanted[] | undefined => {
  const found: Wanted[] = [];
  for (const name of wordColumns) {
    const values = valuesOf(filter[name]);
    if (values === undefined) continue;
    const column = segment.words(name);
    const places = values
      .filter(column.mayHave)
      .map((word) => column.words().indexOf(word))
      .filter((place) => place >= 0);
    if (places.length === 0) return undefined;
    const marks = new Uint8Array(column.words().length + 1);
    for (const place of places) marks[place + 1] = 1;
    found.push({ column, marks });
  }
  return found;
};

/** Whether a row is in one of the scopes. */
const withinTest = (segment: Segment, within: NonNullable<EntryFilter['within']>): Test => {
  const scopes = within.flatMap((scope): readonly Test[] => {
    const named = namedIn(scope).map(([name, value]) => {
      const column = segment.words(name);
      return { column, code: column.words().indexOf(value) + 1 };
    });
    if (named.length === 0 || named.some(({ code }) => code === 0)) return [];
    const codes = named.map(({ column, code }) => ({ of: column.codes(), code }));
    return [(row) => codes.every(({ of, code }) => of[row] === code)];
  });
  return (row) => scopes.some((test) => test(row));
};

/** Each is made when rows are left for it: it may have to unpack its column. */
const testsOf = (segment: Segment, filter: EntryFilter): readonly (() => Test)[] => {
  const { from, to, hasCase, within } = filter;
  const ids = valuesOf<string>(filter.id);
  const tags = tagColumns.flatMap((name): readonly (() => Test)[] => {
    const wanted = valuesOf(filter[name])?.map((tag) => fromBase64Url(tag) ?? new Uint8Array());
    return wanted === undefined ? [] : [() => fixedTest(segment.tags[name](), wanted)];
  });
  return [
    ...(from === undefined && to === undefined ? [] : [() => timeTest(segment, filter)]),
    ...(within === undefined ? [] : [() => withinTest(segment, within)]),
    ...(hasCase === undefined
      ? []
      : [() => (row: number) => segment.cases()[row] === (hasCase ? 2 : 1)]),
    ...tags,
    ...(ids === undefined ? [] : [() => fixedTest(segment.ids(), ids.map(idBytes))]),
  ];
};

/** The rows that a filter means, ascending: as `matches` says of their facts, without making those. */
export const select = (segment: Segment, filter: EntryFilter): Uint32Array => {
  const wanted = wantedOf(segment, filter);
  if (wanted === undefined) return noRows;
  let rows: Uint32Array = allRows.slice(0, segment.count);
  for (const { column, marks } of wanted) {
    if (rows.length > 0) rows = narrowed(rows, column.codes(), marks);
  }
  for (const make of testsOf(segment, filter)) {
    if (rows.length > 0) rows = rows.filter(make());
  }
  return rows;
};
