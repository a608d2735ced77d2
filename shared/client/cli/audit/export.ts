import { Command } from 'commander';
import type { JsonObject } from '../../../kernel/strict-json.ts';
import type { ExchangeClient } from '../../exchange-client.ts';
import { type ClientFlags, openClient, withClientFlags } from '../client-flags.ts';
import { WrongUsage } from '../failed-input.ts';
import { type Progress, progressOn } from '../progress.ts';
import { askingCodeHelp, runAsking } from '../run-asking.ts';
import type { Streams } from '../verify.ts';
import { checkFree, writeNewFile } from '../write-new-file.ts';
import { type FilterFlags, filterQuery, namesFilter, withFilterFlags } from './filter-flags.ts';

type Flags = ClientFlags &
  FilterFlags & {
    readonly out: string;
    readonly whole?: true;
    readonly resume?: string;
    readonly json?: true;
  };

const present = (query: object): JsonObject =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );

/** Asks for an export, or for none where one is named that was asked for before; gives its id. */
const begin = async (
  client: ExchangeClient,
  flags: Flags,
  { err }: Pick<Streams, 'err'>,
): Promise<string> => {
  const { whole, resume, ...filters } = flags;
  if (resume !== undefined) return resume;
  const question =
    whole === true
      ? { range: {} }
      : { filter: present(filterQuery(filters, Date.now(), (said) => err.write(said))) };
  return (await client.exports.ask(question)).id;
};

/** Waits until it is made and writes it to a file that appears whole or not at all. */
const fetchTo = async (
  client: ExchangeClient,
  { id, out }: { readonly id: string; readonly out: string },
  progress: Progress,
): Promise<{ readonly rows: number; readonly size: number }> => {
  const status = await client.exports.wait(id, ({ done, total }) => progress.at(done, total));
  const parts = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const { bytes } of client.exports.download(status)) yield bytes;
  };
  return { rows: status.rows, size: await writeNewFile(out, parts) };
};

const takeAway = async (flags: Flags, { out, err }: Streams): Promise<number> => {
  if ((flags.whole === true || flags.resume !== undefined) && namesFilter(flags)) {
    throw new WrongUsage('--whole and --resume go with no filter.');
  }
  await checkFree(flags.out);
  const client = await openClient(flags);
  const id = await begin(client, flags, { err });
  // Beside the answer, whatever form that has: it is what --resume goes by.
  err.write(`export ${id}\n`);
  const progress = progressOn(err, 'The exchange makes it');
  try {
    const { rows, size } = await fetchTo(client, { id, out: flags.out }, progress);
    out.write(
      flags.json === true
        ? `${JSON.stringify({ id, file: flags.out, rows, bytes: size })}\n`
        : `${flags.out}: ${rows.toLocaleString('en')} entries, ${size.toLocaleString('en')} bytes.\n` +
            `Check it with: estelam verify ${flags.out} --policy <file>\n`,
    );
    return 0;
  } finally {
    progress.end();
  }
};

const help = `
The exchange makes the export in the background, and it can be fetched for some days: a command that was
broken off is taken up again with --resume and the id that it printed. The file is a tar, and appears whole
or not at all. Whoever has it verifies it without a network and without trust in the exchange.

Examples:
  estelam audit export … --counter counter:72110345 --from 2027-01-01 --to 2027-01-31 --out january.tar
  estelam audit export … --whole --out log.tar
  estelam audit export … --resume 01a9b4a5-3800-7abc-9def-0123456789ab --out january.tar
${askingCodeHelp}`;

/** `estelam audit export`. */
export const auditExportCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withFilterFlags(withClientFlags(new Command('export')), ['operator'])
    .summary('take entries away as one file that verifies offline')
    .description('Has the exchange make an export of what a filter selects, and fetches it.')
    .requiredOption('--out <file>', 'the file to make; one that is there is not overwritten')
    .option('--whole', 'every leaf of every log, for readers of everything')
    .option('--resume <id>', 'fetch an export that was asked for before')
    .addHelpText('after', help)
    .action((flags: Flags) => runAsking(streams, exit, () => takeAway(flags, streams)));
