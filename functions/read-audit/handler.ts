import { wantsNdjson } from '#shared/api/accept.ts';
import { authorizeSender } from '#shared/api/authorize.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { filterOf } from '#shared/oversight/audit-filter.ts';
import { parseAuditQuery } from '#shared/oversight/audit-query.ts';
import { listEntries } from '#shared/oversight/list-entries.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (load) => ({
  listAuditEntries: async ({ authorization, route, bound, query, accept }) => {
    const exchange = await load();
    const sender = await authorizeSender(authorization, route, bound, receiverOf(exchange));
    const asked = parseAuditQuery(query);
    const { entries, next } = await listEntries(exchange)(asked, sender.by);
    const access = {
      ...sender,
      act: 'entries',
      filter: filterOf(asked),
      n: entries.length,
    } as const;
    await noteAccess(exchange)(access);
    const link = next === undefined ? undefined : nextLink(exchange.settings.origin, bound, next);
    return {
      body: wantsNdjson(accept)
        ? { type: 'application/x-ndjson', lines: entries }
        : { type: 'application/json', json: { entries, next } },
      ...(link !== undefined && { headers: { link } }),
    };
  },
});

/** Where the next page is (RFC 8288), for a reader of NDJSON. */
const nextLink = (
  origin: string,
  { path, query }: { readonly path: string; readonly query: string },
  cursor: string,
): string => {
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `<${origin}${path}?${parameters.toString()}>; rel="next"`;
};

export const handler = lambda(answers);
