/** A cell: texts are kept texts; numbers are written as they are. */
export type Cell = string | number | undefined;

/** What makes a spreadsheet take a text for a formula, and the mark itself. */
const formula = /^[=+\-@\t\r']/;

/** What it would read as a number, a date or a time, and show as another text: `0012`, `1-2`, `1E5`. */
const isNumeric = (text: string): boolean => /\d/.test(text) && /^[\s\d.,:/%$€()Ee+-]*$/.test(text);

/** A month by its English name beside a number, `mar-1`, `dec12`: a day of this year. */
const isMonthDay = (text: string): boolean =>
  /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[\s./-]?\d{1,4}$/i.test(text) ||
  /^\d{1,4}[\s./-]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}$/i.test(text);

/** Stands before a text that a spreadsheet would take for something else. */
const mark = "'";

/** A text cell as a spreadsheet leaves it: behind a mark where it would be a formula or a number. */
const asText = (text: string): string =>
  formula.test(text) || isNumeric(text) || isMonthDay(text) ? mark + text : text;

/** The text of a cell that {@link csvText} wrote: a program takes the mark off. */
export const cellText = (cell: string): string => (cell.startsWith(mark) ? cell.slice(1) : cell);

const written = (cell: Cell): string => {
  if (cell === undefined) return '';
  const text = typeof cell === 'number' ? String(cell) : asText(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * A table as CSV (RFC 4180) that spreadsheets open rightly: UTF-8 behind a byte order mark, CRLF, and no
 * cell that is run as a formula or loses its zeros. An apostrophe before a text says that it is one.
 */
export const csvText = (rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${rows.map((row) => `${row.map(written).join(',')}\r\n`).join('')}`;
