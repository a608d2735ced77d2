import { printable } from './printable.ts';

/** A column of a table for a terminal. */
export type Column = {
  readonly head: string;
  /** Where its cells stand; numbers to the right. */
  readonly align?: 'left' | 'right';
  /** Columns of the terminal that it may be cut to; without it, it is never cut. */
  readonly least?: number;
  /** Left out where there is no room for it; of several the last one first. */
  readonly optional?: true;
};

const gap = 2;

/** Letters with what is combined with them: joiners and marks take no room of their own. */
const letters = new Intl.Segmenter('fa', { granularity: 'grapheme' });

const lettersOf = (text: string): readonly string[] =>
  Array.from(letters.segment(text), ({ segment }) => segment);

/** Columns of a terminal that a text takes; those of East Asia apart. */
export const widthOf = (text: string): number => lettersOf(text).length;

const cut = (text: string, width: number): string => {
  const all = lettersOf(text);
  return all.length <= width ? text : `${all.slice(0, width - 1).join('')}…`;
};

const pad = (text: string, width: number, align: Column['align']): string => {
  const room = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? room + text : text + room;
};

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, one) => sum + one, 0) + gap * Math.max(0, widths.length - 1);

/** Takes from the widest column that can be cut, until the table fits or none can. */
const fitted = (
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): readonly number[] => {
  const widths = [...natural];
  while (totalOf(widths) > width) {
    let widest = -1;
    columns.forEach(({ least }, n) => {
      const own = widths[n] ?? 0;
      if (least !== undefined && own > least && own > (widths[widest] ?? 0)) widest = n;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
};

/** The places of the columns that there is room for, each at its narrowest. */
const roomFor = (
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): readonly number[] => {
  let places = columns.map((_, n) => n);
  const narrowest = (n: number): number =>
    Math.min(natural[n] ?? 0, columns[n]?.least ?? Number.POSITIVE_INFINITY);
  while (totalOf(places.map(narrowest)) > width) {
    const last = places.findLast((n) => columns[n]?.optional === true);
    if (last === undefined) break;
    places = places.filter((n) => n !== last);
  }
  return places;
};

/**
 * Lines of a table that fits into `width` columns of a terminal, as far as its columns can be cut;
 * nothing is cut where no width is given, as when the output goes to a file.
 */
export const tableLines = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] => {
  const cells = [columns.map(({ head }) => head), ...rows].map((row) => row.map(printable));
  const naturals = columns.map((_, n) => Math.max(...cells.map((row) => widthOf(row[n] ?? ''))));
  const places = width === undefined ? columns.map((_, n) => n) : roomFor(columns, naturals, width);
  const shown = places.flatMap((n) => columns[n] ?? []);
  const natural = places.map((n) => naturals[n] ?? 0);
  const widths = width === undefined ? natural : fitted(shown, natural, width);
  return cells.map((row) =>
    shown
      .map(({ align }, at) => {
        const room = widths[at] ?? 0;
        return pad(cut(row[places[at] ?? 0] ?? '', room), room, align);
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  );
};
