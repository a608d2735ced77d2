import { type StatementParts, takeStatement } from '#shared/inquiry/take-statement.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadStatementParts } from '../runtime/open-statements.ts';

export const answers: MakeAnswers<StatementParts> = (load) => ({
  stateDay: async ({ body, timing: { timed } }) => {
    const text = body();
    const take = takeStatement(await load());
    const json = await timed('statement', () => take(text));
    return {
      body: { type: 'application/json', json },
      status: json.repeated ? 200 : 201,
    };
  },
});

export const handler = lambdaOver(loadStatementParts, answers);
