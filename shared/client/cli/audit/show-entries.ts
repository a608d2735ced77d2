import type { JsonObject, JsonValue } from '../../../kernel/strict-json.ts';
import { type Column, tableLines } from '../table.ts';

/** What a line of a listing shows of an entry, the most telling first. */
const columns = [
  { head: 'asked', name: 'asked' },
  { head: 'counter', name: 'counter', least: 9 },
  { head: 'service', name: 'service', least: 12 },
  { head: 'purpose', name: 'purpose', least: 8 },
  { head: 'outcome', name: 'outcome', least: 8 },
  { head: 'rule', name: 'rule', least: 6, optional: true },
  { head: 'ms', name: 'ms', align: 'right', optional: true },
  { head: 'id', name: 'id', optional: true },
] as const satisfies readonly (Column & { readonly name: string })[];

const textOf = (value: JsonValue | undefined): string => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

/** `2027-01-15T08:00:00.000Z` without what nobody reads. */
const short = (time: string): string => time.replace(/^(\S{10})T(\S{8})\.\d+Z$/, '$1 $2');

const cellsOf = (entry: JsonObject): readonly string[] =>
  columns.map(({ name }) => {
    const text = textOf(entry[name]);
    if (name === 'asked') return short(text);
    if (name === 'outcome' && text === '') return 'open';
    return text;
  });

/** Entries as a table that fits into so many columns; times are UTC. */
export const entriesText = (
  entries: readonly JsonObject[],
  { more, width }: { readonly more: boolean; readonly width: number | undefined },
): string => {
  if (entries.length === 0) return 'There is no such entry.\n';
  const count = `${entries.length.toLocaleString('en')} ${entries.length === 1 ? 'entry' : 'entries'}`;
  return [
    ...tableLines(columns, entries.map(cellsOf), width),
    more
      ? `${count}, and there are more: --limit shows them, estelam audit export takes all.`
      : count,
    '',
  ].join('\n');
};
