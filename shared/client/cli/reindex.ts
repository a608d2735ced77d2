import { Command } from 'commander';
import { usageCode } from './exit-codes.ts';

const help = `
It runs where the exchange is, with its keys: on one machine after "npm start" has ended, on the data in
ESTELAM_DATA; elsewhere with the environment of the exchange's functions (JOURNAL_TABLE, DYNAMODB_ENDPOINT
and so on), and while it works. What was erased stays so. Broken off, it is begun again.

Exit codes:
  0   the index is made again, or is what the log says
  2   the command line is wrong
  3   the exchange cannot be reached or read, or it runs
  11  with --check: the index is not what the log says

Examples:
  estelam reindex
  estelam reindex --check --json
  ESTELAM_DATA=./copy estelam reindex --shard 0`;

/** `estelam reindex` in the help; what does it is not a part of this program but of the exchange. */
export const reindexCommand = (): Command =>
  new Command('reindex')
    .summary('make what auditors search again from the log')
    .description(
      'Makes the index of entries, the rows of subjects and the places of proofs again from the published log and the vault, or compares them with it.',
    )
    .option('--shard <n>', 'this log only, by its number')
    .option('--check', 'change nothing: name every difference')
    .option('--json', 'the report as one line of JSON')
    .addHelpText('after', help)
    .action((_options: object, command: Command) =>
      command.error('estelam reindex runs in a clone of the exchange: npx estelam reindex.', {
        exitCode: usageCode,
      }),
    );
