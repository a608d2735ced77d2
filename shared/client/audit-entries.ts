import * as z from 'zod';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import { type Query, targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

const Entry = z.record(z.string(), z.json());

const Page = z.looseObject({ entries: z.array(Entry), next: z.string().nullish() });

/** What the journal is filtered by, as the query of `GET /v1/audit/entries` names it. */
export type AuditFilter = Query;

/** Every entry that a filter selects, page after page until the exchange gives no cursor. */
export const followEntries = async function* (
  read: (target: string) => Promise<JsonValue>,
  filter: AuditFilter,
): AsyncGenerator<JsonObject, void, undefined> {
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? filter : { ...filter, cursor };
    const page = Page.safeParse(await read(targetOf('listAuditEntries', {}, query)));
    if (!page.success) throw new UntrustedReply('shape', 'This is not a page of the journal.');
    yield* page.data.entries;
    cursor = page.data.next ?? undefined;
  } while (cursor !== undefined);
};
