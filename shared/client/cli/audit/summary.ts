import { Command, InvalidArgumentError } from 'commander';
import { type ClientFlags, openClient, withClientFlags } from '../client-flags.ts';
import { askingCodeHelp, runAsking } from '../run-asking.ts';
import type { Streams } from '../verify.ts';
import { type FilterFlags, filterQuery, withFilterFlags } from './filter-flags.ts';
import { someEntries } from './search.ts';
import { summaryText } from './show-summary.ts';

type Flags = ClientFlags &
  FilterFlags & {
    /** What entries are counted by: so the exchange calls it, and who signed `delegate`. */
    readonly by: string;
    readonly delegate?: string;
    readonly limit: number;
    readonly json?: true;
  };

const facts = (text: string): string => {
  if (/^[a-z]+(?:,[a-z]+){0,3}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'It must be one to four facts with commas, such as day,outcome. Who signed in the place of a counter is --delegate.',
  );
};

const summarise = async (flags: Flags, { out, err }: Streams): Promise<number> => {
  const { by, delegate, limit, json } = flags;
  const query = filterQuery(flags, Date.now(), (said) => err.write(said));
  const client = await openClient(flags);
  const question = { ...query, by, delegate, limit: Math.min(limit, 1000) };
  let parts = 0;
  const summary = await client.auditSummary(question, (counted) => {
    parts += 1;
    if (parts > 1) err.write(`${counted.toLocaleString('en')} counted …\n`);
  });
  out.write(json === true ? `${JSON.stringify(summary)}\n` : summaryText(summary, out.columns));
  return 0;
};

const help = `
Days and hours are those of Tehran. What is counted is put on record in the log.

Examples:
  estelam audit summary … --by day,outcome --from 2027-01-01 --to 2027-01-31
  estelam audit summary … --by counter --service civil-registry/identity --limit 20
${askingCodeHelp}`;

/** `estelam audit summary`. */
export const summaryCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withFilterFlags(withClientFlags(new Command('summary')), ['by', 'id'])
    .summary('count entries by what they say, by day or by hour')
    .description('Counts the inquiries that a filter selects, so that one can look before reading.')
    .option(
      '--by <facts>',
      'by what: counter, agency, service, purpose, outcome, rule, province, station, day, hour; up to four, with commas',
      facts,
      'day,outcome',
    )
    .option('--delegate <text>', 'signed by this guild or vendor in the place of a counter')
    .option('--limit <n>', 'how many values to tell of each', someEntries, 20)
    .addHelpText('after', help)
    .action((flags: Flags) => runAsking(streams, exit, () => summarise(flags, streams)));
