import * as z from 'zod';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import type { SubjectInput } from '../persian/subject-input.ts';
import { targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** Whose inquiries are looked for: those about somebody, or of whoever sat at a counter's desk. */
export type SubjectSearch = (
  | { readonly subject: SubjectInput }
  | { readonly operator: { readonly counter: string; readonly name: string } }
) & {
  /** The number of the written order; it goes on record with the search. */
  readonly order: string;
  readonly reason?: string;
  /** ISO 8601 with an offset, of the time inside the ids: from ≤ time < to. */
  readonly from?: string;
  readonly to?: string;
  /** Entries of a page; 20 where nothing is said. */
  readonly limit?: number;
};

const Page = z.looseObject({
  entries: z.array(z.record(z.string(), z.json())),
  from: z.string(),
  to: z.string(),
  /** ISO 8601, UTC: what was asked from then on is not searched yet. */
  indexed: z.string(),
  /** Of an operator: what its entries are listed under elsewhere. */
  pseudonyms: z.array(z.looseObject({ year: z.int(), operator: z.string() })).optional(),
  next: z.string().optional(),
});

/** Inquiries that a search found; of an operator also the pseudonyms it was looked for under. */
export type SearchedPage = Pick<
  z.infer<typeof Page>,
  'entries' | 'from' | 'to' | 'indexed' | 'pseudonyms'
>;

/** All that a search finds, newest first, page after page; each page is on record. */
export const followSearch = async function* (
  post: (target: string, question: JsonObject) => Promise<JsonValue>,
  search: SubjectSearch,
): AsyncGenerator<SearchedPage, void, undefined> {
  let cursor: string | undefined;
  do {
    const question = { ...search, ...(cursor !== undefined && { cursor }) };
    const parsed = Page.safeParse(await post(targetOf('searchSubject', {}), question));
    if (!parsed.success) throw new UntrustedReply('shape', 'This is not a page of a search.');
    const { next, ...page } = parsed.data;
    yield page;
    cursor = next;
  } while (cursor !== undefined);
};
