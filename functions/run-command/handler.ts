import { type CommandParts, runCommand } from '#shared/registry/run-command.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadCommandParts } from '../runtime/registry.ts';

export const answers: MakeAnswers<CommandParts> = (load) => ({
  runCommand: async ({ body, timing: { timed } }) => {
    const text = body();
    const run = runCommand(await load());
    const json = await timed('command', () => run(text));
    return {
      body: { type: 'application/json', json },
      status: json.repeated ? 200 : 201,
    };
  },
});

export const handler = lambdaOver(loadCommandParts, answers);
