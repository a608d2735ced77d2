import { Command } from 'commander';
import { type Streams, verifyCommand } from '../verify.ts';
import { auditExportCommand } from './export.ts';
import { questionsCommand } from './questions.ts';
import { searchCommand } from './search.ts';
import { summaryCommand } from './summary.ts';

/** `estelam audit`: what auditors do with the log of an exchange. `exit` is told the exit code. */
export const auditCommand = (streams: Streams, exit: (code: number) => void): Command =>
  new Command('audit')
    .summary('search, count, question and take away what was asked')
    .description('What auditors do: each read of theirs is put on record in the log as well.')
    .addCommand(searchCommand(streams, exit))
    .addCommand(summaryCommand(streams, exit))
    .addCommand(questionsCommand(streams, exit))
    .addCommand(auditExportCommand(streams, exit))
    .addCommand(verifyCommand(streams, exit));
