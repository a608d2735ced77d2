/** What statements are taken with, over memory twins, and what is seen of it. */
import { StatementMade } from '#events/statement-made.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { memoryStatementStore } from '#shared/inquiry/memory-statement-store.ts';
import { type StatementResult, takeStatement } from '#shared/inquiry/take-statement.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { makeExchange, type TestExchangeParts } from '#tests/support/exchange.ts';
import { buildStatement, type SentStatement, type Stated } from '#tests/support/statements.ts';

export const setStage = async (parts: TestExchangeParts = {}) => {
  const test = await makeExchange(parts);
  const statements = memoryStatementStore();
  const { exchange, clock, journal, keys } = test;
  const { settings, directory, now, random } = exchange;
  const take = takeStatement({
    settings,
    directory,
    statements: statements.store,
    journal: exchange.journal,
    layout: settings.layout,
    now,
    random,
  });
  return {
    clock,
    journal,
    keys,
    statements,
    take,
    send: async (stm: Stated, bent: Partial<SentStatement> = {}): Promise<StatementResult> =>
      take(await buildStatement(stm, { key: keys.counter, now: clock.now(), ...bent })),
    /** The statements on record, by the order of their ids. */
    leaves: (): readonly StatementMade[] =>
      journal
        .dump()
        .flatMap(({ record }) => (record === undefined ? [] : [record.record]))
        .map((record) => StatementMade.parse(JSON.parse(unpackRecord(record))))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
};

/** What a statement is refused with; throws when it is not. */
export const refusalOf = async (sending: Promise<StatementResult>): Promise<Problem> => {
  const answer = await sending.catch((error: unknown) => error);
  if (answer instanceof Problem) return answer;
  throw new Error('The statement was not refused.', { cause: answer });
};
