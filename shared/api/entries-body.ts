import { utf8 } from '../kernel/bytes.ts';
import type { AuditQuery } from '../oversight/entries/audit-query.ts';
import type { AuditPage } from '../oversight/entries/list-entries.ts';
import { wantedType } from './accept.ts';
import { entriesCsv } from './entries-csv.ts';
import type { Language } from './problem-document.ts';

/** How a page of entries may be written, by what a query calls it. */
const types = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
} as const;

/** What a caller says of the answers it takes. */
type Taken = { readonly accept: string; readonly language: Language };

/** A page of entries as a body, in the form that the query names, or that the Accept field wants. */
export const entriesBody = (
  { entries, next, indexed }: Omit<AuditPage, 'closed'>,
  { format, include }: Pick<AuditQuery, 'format' | 'include'>,
  { accept, language }: Taken,
) => {
  const type =
    format === undefined
      ? wantedType(accept, [types.json, types.ndjson, types.csv])
      : types[format];
  switch (type) {
    case 'application/json':
      return { body: { type, json: { entries, next, indexed } }, headers: {} } as const;
    case 'application/x-ndjson':
      return { body: { type, lines: entries }, headers: {} } as const;
    case 'text/csv': {
      const bytes = utf8(entriesCsv(entries, language, include === 'record'));
      return {
        body: { type: 'text/csv; charset=utf-8', bytes },
        headers: {
          'content-language': language,
          'content-disposition': 'attachment; filename="entries.csv"',
        },
      } as const;
    }
  }
};
