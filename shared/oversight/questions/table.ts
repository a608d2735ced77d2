import { confidential } from './confidential.ts';
import { deniedThenAllowed } from './denied-then-allowed.ts';
import { latency } from './latency.ts';
import { noCase } from './no-case.ts';
import { outsideHours } from './outside-hours.ts';
import type { Question } from './question.ts';
import { samePerson } from './same-person.ts';
import { spikes } from './spikes.ts';

/** THE table of ready-made questions, by the names that stand in their addresses. */
export const questions: ReadonlyMap<string, Question> = new Map([
  ['outside-hours', outsideHours],
  ['same-person', samePerson],
  ['no-case', noCase],
  ['spikes', spikes],
  ['denied-then-allowed', deniedThenAllowed],
  ['latency', latency],
  ['confidential', confidential],
]);

/** The questions as they are listed: their names, what they mean, and their parameters. */
export const questionList = (): readonly object[] =>
  [...questions].map(([name, { title, means, parameters }]) => ({
    name,
    title,
    means,
    parameters,
  }));
