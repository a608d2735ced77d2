/** `estelam`: the command line of whoever checks the exchange, and of its witnesses. */
import { Command, CommanderError } from 'commander';
import { auditCommand } from './audit/audit.ts';
import { decideCommand } from './decide.ts';
import { diagnoseCommand } from './diagnose.ts';
import { usageCode } from './exit-codes.ts';
import { exportCommand } from './export.ts';
import { printing } from './printing.ts';
import { reconcileCommand } from './records/reconcile.ts';
import { stateCommand } from './records/state.ts';
import { reindexCommand } from './reindex.ts';
import { usageCommand } from './usage.ts';
import { verifyCommand } from './verify.ts';
import { witnessCommand } from './witness.ts';

const streams = {
  out: printing(process.stdout),
  err: printing(process.stderr),
  environment: process.env,
};

const exit = (code: number): void => {
  process.exitCode = code;
};

/** A wrong command line is thrown, for the commands below as well, so that its code is ours. */
const throwing = (command: Command): Command => {
  command.commands.forEach(throwing);
  return command.exitOverride();
};

const program = new Command('estelam')
  .description('Evidence of an inter-agency inquiry exchange, checked without trusting it.')
  .addCommand(verifyCommand(streams, exit))
  .addCommand(exportCommand(streams, exit))
  .addCommand(auditCommand(streams, exit))
  .addCommand(reconcileCommand(streams, exit))
  .addCommand(stateCommand(streams, exit))
  .addCommand(decideCommand(streams, exit))
  .addCommand(usageCommand(streams, exit))
  .addCommand(diagnoseCommand(streams, exit))
  .addCommand(reindexCommand())
  .addCommand(witnessCommand());

/** What a command says itself keeps its code; what commander says is about the command line. */
const codeOf = ({ code, exitCode }: CommanderError): number => {
  if (exitCode === 0 || code === 'commander.error') return exitCode;
  return usageCode;
};

try {
  await throwing(program).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  exit(codeOf(error));
}
