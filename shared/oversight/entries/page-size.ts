import type { AuditEntry } from './audit-entry.ts';

/** What the entries of one page may take, so that an answer of 6 MB holds them in every form. */
export const mostOfPage = 5_000_000;

/** Bytes of an entry in an answer: its JSON, as a text within the JSON that Lambda hands on. */
export const sizeOf = (entry: AuditEntry): number =>
  Buffer.byteLength(JSON.stringify(JSON.stringify(entry)));

/** How many of a page's first entries fit into it; the first always does. */
export const withinPage = (entries: readonly AuditEntry[]): number => {
  let left = mostOfPage;
  const past = entries.findIndex((entry) => {
    left -= sizeOf(entry);
    return left < 0;
  });
  return past < 0 ? entries.length : Math.max(1, past);
};
