import { addressOf } from '../audit/address.ts';
import type { Exchange } from '../inquiry/exchange.ts';
import type { Directory } from '../registry/directory.ts';
import { type AuditEntry, entryOf } from './audit-entry.ts';
import type { AuditQuery } from './audit-query.ts';
import { narrowedFor, shownBy } from './reader-scope.ts';
import { cursorAt, scanJournal } from './scan-journal.ts';

export type AuditPage = {
  readonly entries: readonly AuditEntry[];
  /** Where to go on; absent at the end. A page may be short, or empty, and still have one. */
  readonly next?: string;
};

type Parts = Pick<Exchange, 'journal' | 'settings' | 'now'> & {
  readonly directory: Pick<Directory, 'participant'>;
};

/**
 * The journal between two times, filtered, page by page (`GET /v1/audit/entries`): what `reader` may
 * see of it. A page's `next` names nothing else either. Throws the problem `out-of-scope`; an id that
 * is not the reader's to see is answered as one that nobody has.
 */
export const listEntries =
  (parts: Parts) =>
  async (query: AuditQuery, reader: string): Promise<AuditPage> => {
    const { directory, journal, settings } = parts;
    const isShown = shownBy(directory)(await narrowedFor(directory)(query, reader));
    const { id, limit } = query;
    if (id !== undefined) {
      const entry = entryOf(await journal.read(addressOf(id, settings.layout)));
      return { entries: entry !== undefined && (await isShown(entry)) ? [entry] : [] };
    }
    const entries: AuditEntry[] = [];
    for await (const { partition, rows, next } of scanJournal(parts)(query)) {
      for (const row of rows) {
        const entry = entryOf(row);
        if (entry === undefined || !(await isShown(entry))) continue;
        entries.push(entry);
        if (entries.length === limit) return { entries, next: cursorAt(partition, entry.id) };
      }
      if (next !== undefined) return { entries, next };
    }
    return { entries };
  };
