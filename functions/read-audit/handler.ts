import { authorizeSender } from '#shared/api/authorize.ts';
import { entriesBody } from '#shared/api/entries-body.ts';
import { nextLink } from '#shared/api/next-link.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { filterOf } from '#shared/oversight/entries/audit-filter.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { listEntries } from '#shared/oversight/entries/list-entries.ts';
import { summariseEntries } from '#shared/oversight/entries/summarise-entries.ts';
import { parseSummaryQuery } from '#shared/oversight/entries/summary-query.ts';
import { askQuestion, questionFilter } from '#shared/oversight/questions/ask-question.ts';
import { parseQuestionQuery } from '#shared/oversight/questions/question-query.ts';
import { questionList } from '#shared/oversight/questions/table.ts';
import { onRecord } from '#shared/oversight/read-on-record.ts';
import { type AuditReading, loadAuditReading } from '../runtime/audit-reading.ts';
import type { Call } from '../runtime/call.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers<AuditReading> = (load) => {
  const admit = async ({ authorization, route, bound }: Call) => {
    const reading = await load();
    const sender = await authorizeSender(authorization, route, bound, receiverOf(reading));
    return { reading, sender };
  };
  return {
    listAuditEntries: async (call) => {
      const { reading, sender } = await admit(call);
      const asked = parseAuditQuery(call.query);
      const read = { ...sender, act: 'entries', filter: filterOf(asked) } as const;
      const page = await onRecord(reading)(read, async () => {
        const listed = await listEntries(reading)(asked, sender.by);
        return { ...listed, n: listed.entries.length };
      });
      const { body, headers } = entriesBody(page, asked, call);
      const link = nextLink(reading.settings.origin, call.bound, page.next);
      const told = page.closed > 0 ? ({ counted: 'JournalUnopened' } as const) : {};
      return { body, headers: { ...headers, ...link }, ...told };
    },
    summariseEntries: async (call) => {
      const { reading, sender } = await admit(call);
      const asked = parseSummaryQuery(call.query);
      const read = { ...sender, act: 'summary', filter: filterOf(asked) } as const;
      const json = await onRecord(reading)(read, () => summariseEntries(reading)(asked, sender.by));
      const headers = nextLink(reading.settings.origin, call.bound, json.next);
      return { body: { type: 'application/json', json }, headers };
    },
    listQuestions: async (call) => {
      await admit(call);
      return { body: { type: 'application/json', json: { questions: questionList() } } };
    },
    askQuestion: async (call) => {
      const { reading, sender } = await admit(call);
      const asked = parseQuestionQuery(call.path['name'], call.query);
      const read = { ...sender, act: 'question', filter: questionFilter(asked) } as const;
      const json = await onRecord(reading)(read, () =>
        askQuestion(reading)(asked, sender.by, call.language),
      );
      const headers = { 'content-language': call.language };
      return { body: { type: 'application/json', json }, headers };
    },
  };
};

export const handler = lambdaOver(loadAuditReading, answers);
