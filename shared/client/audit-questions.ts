import * as z from 'zod';
import type { JsonValue } from '../kernel/strict-json.ts';
import { type Query, targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

const Bilingual = z.looseObject({ en: z.string(), fa: z.string() });

const List = z.looseObject({
  questions: z.array(
    z.looseObject({
      name: z.string(),
      title: Bilingual,
      means: Bilingual,
      parameters: z.array(
        z.looseObject({ name: z.string(), usual: z.string(), en: z.string(), fa: z.string() }),
      ),
    }),
  ),
});
/** A ready-made question: what it finds, and what it can be asked with. */
export type AuditQuestion = z.infer<typeof List>['questions'][number];

const Answer = z.looseObject({
  question: z.string(),
  from: z.string(),
  until: z.string(),
  n: z.int().min(0),
  findings: z.array(z.looseObject({ why: z.string() })),
  rest: z.int().min(0).optional(),
});
/** What a question found, the gravest first, each with why it is told. */
export type QuestionAnswer = z.infer<typeof Answer>;

type Read = (target: string) => Promise<JsonValue>;

/** The ready-made questions of an exchange. */
export const readQuestions = async (read: Read): Promise<readonly AuditQuestion[]> => {
  const list = List.safeParse(await read(targetOf('listQuestions', {})));
  if (list.success) return list.data.questions;
  throw new UntrustedReply('shape', 'This is not a list of questions.');
};

/** Asks one of them; `query` is its parameters and which entries are meant. */
export const askQuestion = async (
  read: Read,
  name: string,
  query: Query,
): Promise<QuestionAnswer> => {
  const answer = Answer.safeParse(await read(targetOf('askQuestion', { name }, query)));
  if (answer.success) return answer.data;
  throw new UntrustedReply('shape', 'This is not the answer to a question.');
};
