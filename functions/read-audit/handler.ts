import { authorizeSender } from '#shared/api/authorize.ts';
import { entriesBody } from '#shared/api/entries-body.ts';
import { nextLink } from '#shared/api/next-link.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { filterOf } from '#shared/oversight/audit-filter.ts';
import { parseAuditQuery } from '#shared/oversight/audit-query.ts';
import { listEntries } from '#shared/oversight/list-entries.ts';
import { onRecord } from '#shared/oversight/read-on-record.ts';
import { type AuditReading, loadAuditReading } from '../runtime/audit-reading.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers<AuditReading> = (load) => ({
  listAuditEntries: async ({ authorization, route, bound, query, accept, language }) => {
    const reading = await load();
    const sender = await authorizeSender(authorization, route, bound, receiverOf(reading));
    const asked = parseAuditQuery(query);
    const read = { ...sender, act: 'entries', filter: filterOf(asked) } as const;
    const page = await onRecord(reading)(read, async () => {
      const listed = await listEntries(reading)(asked, sender.by);
      return { ...listed, n: listed.entries.length };
    });
    const { body, headers } = entriesBody(page, asked, { accept, language });
    const link = nextLink(reading.settings.origin, bound, page.next);
    return { body, headers: { ...headers, ...link } };
  },
});

export const handler = lambdaOver(loadAuditReading, answers);
