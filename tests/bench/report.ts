/** Rows of text under a heading; every column but the first is set to the right. */
export type Table = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** Something that was aimed at, and what came of it. */
export type Aim = { readonly says: string; readonly met: boolean };

export type Report = {
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  readonly aims: readonly Aim[];
  /** What makes the figures worthless: the run fails. */
  readonly failures: readonly string[];
  readonly figures: object;
  /** SVG by the name of its file without the ending. */
  readonly pictures: Readonly<Record<string, string>>;
};

/** How much of a bench is done, from 0 to 1, and what it is doing. */
export type Progress = (share: number, doing: string) => void;

export type BenchOptions = {
  /** Whether what takes many minutes is measured too. */
  readonly full: boolean;
};

export type Bench = (progress: Progress, options: BenchOptions) => Promise<Report>;

const pad = (text: string, width: number, column: number): string =>
  column === 0 ? text.padEnd(width) : text.padStart(width);

const formatTable = ({ title, columns, rows }: Table): string => {
  const widths = columns.map((column, n) =>
    Math.max(column.length, ...rows.map((row) => row[n]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, n) => pad(cell, widths[n] ?? 0, n))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [title, '', line(columns), rule, ...rows.map(line), ''].join('\n');
};

export const formatReport = ({ tables, notes, aims, failures }: Report): string =>
  [
    ...tables.map(formatTable),
    ...notes,
    ...aims.map(({ says, met }) => `${met ? 'met:   ' : 'MISSED:'} ${says}`),
    ...failures.map((failure) => `FAILED: ${failure}`),
    '',
  ].join('\n');

export const whole = (value: number): string =>
  Math.round(value).toLocaleString('en-US', { useGrouping: true });

export const times = (value: number): string => `${value.toFixed(2)} ×`;
