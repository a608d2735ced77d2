import { Command, InvalidArgumentError } from 'commander';
import type { JsonObject } from '../../../kernel/strict-json.ts';
import { type ClientFlags, openClient, withClientFlags } from '../client-flags.ts';
import { askingCodeHelp, runAsking } from '../run-asking.ts';
import type { Streams } from '../verify.ts';
import { type FilterFlags, filterQuery, withFilterFlags } from './filter-flags.ts';
import { entriesText } from './show-entries.ts';

type Flags = ClientFlags &
  FilterFlags & {
    readonly limit: number;
    readonly newest?: true;
    readonly json?: true;
  };

/** Entries that one answer of the exchange may have. */
const page = 1000;

export const someEntries = (text: string): number => {
  const many = /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : 0;
  if (many < 1 || many > 100_000) {
    throw new InvalidArgumentError('It must be a number from 1 to 100000.');
  }
  return many;
};

const search = async (flags: Flags, { out, err }: Streams): Promise<number> => {
  const { limit, newest, json } = flags;
  const query = {
    ...filterQuery(flags, Date.now(), (said) => err.write(said)),
    // One more than is shown tells whether there are more, without another read on record.
    limit: Math.min(limit + 1, page),
    ...(newest === true && { order: 'newest' }),
  };
  const client = await openClient(flags);
  const found: JsonObject[] = [];
  let shown = 0;
  let more = false;
  for await (const entry of client.auditEntries(query)) {
    more = shown === limit;
    if (more) break;
    shown += 1;
    if (json === true) out.write(`${JSON.stringify(entry)}\n`);
    else found.push(entry);
  }
  if (json !== true) out.write(entriesText(found, { more, width: out.columns }));
  return 0;
};

const help = `
Every page that is shown is put on record in the log: who read what. Times are shown in UTC; a day is one
of Tehran.

Examples:
  estelam audit search --exchange https://exchange.example --participant auditor:inspection \\
    --key key.jwk --counter counter:72110345 --from 2027-01-01 --to 2027-01-31
  estelam audit search … --outcome DENIED --newest --limit 20 --json
${askingCodeHelp}`;

/** `estelam audit search`. */
export const searchCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withFilterFlags(withClientFlags(new Command('search')))
    .summary('list entries by any mix of facts')
    .description('Lists inquiries by any mix of facts, oldest first.')
    .option('--newest', 'the newest first; nothing that is still on its way into the log')
    .option('--limit <n>', 'how many to show', someEntries, 100)
    .addHelpText('after', help)
    .action((flags: Flags) => runAsking(streams, exit, () => search(flags, streams)));
