/** A column of a table for a terminal. */
export type Column = {
  readonly head: string;
  /** Where its cells stand; numbers to the right. */
  readonly align?: 'left' | 'right';
  /** Columns of the terminal that it may be cut to; without it, it is never cut. */
  readonly least?: number;
};

const gap = 2;

/** Letters with what is combined with them: joiners and marks take no room of their own. */
const letters = new Intl.Segmenter('fa', { granularity: 'grapheme' });

const lettersOf = (text: string): readonly string[] =>
  Array.from(letters.segment(text), ({ segment }) => segment);

/** Columns of a terminal that a text takes; those of East Asia apart. */
export const widthOf = (text: string): number => lettersOf(text).length;

/** Controls would move the cursor, or colour what follows. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ');

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

/**
 * Lines of a table that fits into `width` columns of a terminal, as far as its columns can be cut;
 * nothing is cut where no width is given, as when the output goes to a file.
 */
export const tableLines = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] => {
  const lines = [columns.map(({ head }) => head), ...rows].map((cells) => cells.map(printable));
  const natural = columns.map((_, n) => Math.max(...lines.map((cells) => widthOf(cells[n] ?? ''))));
  const widths = width === undefined ? natural : fitted(columns, natural, width);
  return lines.map((cells) =>
    columns
      .map(({ align }, n) => pad(cut(cells[n] ?? '', widths[n] ?? 0), widths[n] ?? 0, align))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
};
