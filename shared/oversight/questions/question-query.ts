import * as z from 'zod';
import { Problem } from '../../kernel/problem.ts';
import {
  type EntryQuery,
  filterShape,
  Limit,
  type Parameters,
  parseQuery,
  rangeShape,
} from '../entries/entry-query.ts';
import type { Question } from './question.ts';
import { questions } from './table.ts';

const usual = z.strictObject({ ...rangeShape, ...filterShape, limit: Limit });

/** A ready-made question, and which entries it is asked of. */
export type QuestionQuery = {
  readonly name: string;
  readonly question: Question;
  readonly query: EntryQuery & { readonly limit: number };
  /** The question's own parameters, as they were typed; they are of the right form. */
  readonly given: Readonly<Record<string, string>>;
};

/**
 * Parses the query parameters of a question; `not-found` where there is no such question, and
 * `invalid-query` says which are wrong, never what they held.
 */
export const parseQuestionQuery = (
  name: string | undefined,
  parameters: Parameters,
): QuestionQuery => {
  const question = questions.get(name ?? '');
  if (name === undefined || question === undefined) {
    throw new Problem('not-found', 'There is no such question.');
  }
  const own = z.object(question.shape);
  const isOwn = (parameter: string): boolean => Object.hasOwn(question.shape, parameter);
  const given = Object.entries(parameters).flatMap(([parameter, text]): [string, string][] =>
    isOwn(parameter) && text !== undefined ? [[parameter, text]] : [],
  );
  const others = Object.entries(parameters).filter(([parameter]) => !isOwn(parameter));
  const parsed = own.safeParse(Object.fromEntries(given));
  const wrong = parsed.success ? [] : parsed.error.issues.map(({ path: [at] }) => String(at));
  if (wrong.length > 0) {
    const said = `These are of the wrong form: ${[...new Set(wrong)].join(', ')}.`;
    throw new Problem('invalid-query', said);
  }
  const query = parseQuery(usual, Object.fromEntries(others));
  return { name, question, query, given: Object.fromEntries(given) };
};
