import { Command } from 'commander';
import { type DayReconciled, mostRanges } from '../../reconcile-day.ts';
import { type ClientFlags, openClient, withClientFlags } from '../client-flags.ts';
import { exitCodes, refusedCode, untoldCode, usageCode } from '../exit-codes.ts';
import { WrongUsage } from '../failed-input.ts';
import { runAsking } from '../run-asking.ts';
import { dayOf } from '../typed-time.ts';
import type { Streams } from '../verify.ts';
import { ownRecords } from './own-records.ts';
import { reconciledText } from './show-reconciled.ts';
import { moreNumbers, type TypedNumbers } from './typed-numbers.ts';

type Flags = ClientFlags & {
  readonly day: string;
  readonly receipts?: readonly string[];
  readonly ids?: readonly string[];
  readonly numbers?: readonly TypedNumbers[];
  readonly json?: true;
};

/** The most serious of what was found decides. */
const codeOf = (told: DayReconciled): number => {
  const { complete, yours, ours, differs, unjudged, pending } = told;
  if (differs.length > 0) return exitCodes.receipt;
  if (yours.ids.length + yours.numbers.length + ours.length > 0) return exitCodes.gap;
  const isAll = complete && unjudged.length === 0 && pending.length === 0;
  return isAll ? 0 : untoldCode;
};

const rangesOf = (numbers: readonly TypedNumbers[]) =>
  numbers.map(({ used, ...range }) => {
    if (used === undefined) return range;
    throw new WrongUsage('--numbers are all meant: how many were used is for estelam state.');
  });

const reconcile = async (flags: Flags, { out, err }: Streams): Promise<number> => {
  const { receipts, ids, numbers, participant, json } = flags;
  const day = dayOf(flags.day, '--day', (said) => err.write(said));
  if (receipts === undefined && ids === undefined && numbers === undefined) {
    throw new WrongUsage(
      'Hand in --receipts, --ids or --numbers; an empty file says that there are none.',
    );
  }
  const ranges = rangesOf(numbers ?? []);
  if (ranges.length > mostRanges) {
    throw new WrongUsage(`--numbers may stand ${mostRanges} times, and not ${ranges.length}.`);
  }
  const client = await openClient(flags);
  const files = { receipts: receipts ?? [], ids: ids ?? [] };
  const { records, others } = await ownRecords(files, { owner: participant, day });
  if (others > 0) {
    const what =
      others === 1 ? '1 record is of another day' : `${others} records are of other days`;
    err.write(`${what}, and left out.\n`);
  }
  const told = await client.reconcile(day.date, { records, ranges });
  out.write(
    json === true
      ? `${JSON.stringify({ day: day.date, ...told })}\n`
      : reconciledText(day.date, told, out.columns),
  );
  return codeOf(told);
};

const help = `
A counter sees what it asked, an agency what it was asked, and neither more than that. Whether receipts are
the exchange's own is for estelam verify. What was asked in the last minutes is not compared yet, and of a
number it can be told two days later that the log has it nowhere.

Examples:
  estelam reconcile --exchange https://exchange.example --participant counter:72110345 --key key.jwk \\
    --day 2027-01-15 --receipts receipts.txt --numbers till-1=1-240
  estelam reconcile … --participant agency:civil-registry --day 1405-10-25 --numbers 88001-92417 --json

Exit codes (of several the first in the order 9 15 12):
  0   both sides have the same
  ${usageCode}   the command line is wrong
  ${exitCodes.unreadable}   a file cannot be read, or the exchange did not answer
  ${exitCodes.malformed}   a file does not have its form
  ${exitCodes.receipt}   the log has another leaf than a receipt promised, or receipts promise different ones
  ${untoldCode}  what could be compared is the same, and not all could be, or some is not in the log yet
  ${refusedCode}  the exchange refused it, and said why
  ${exitCodes.gap}  one side has what the other has not`;

/** `estelam reconcile`. `exit` is told the exit code. */
export const reconcileCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withClientFlags(new Command('reconcile'), 'counter:72110345')
    .summary('hold the own records of a day against the log')
    .description(
      'Tells a counter or an agency what it has of a day and the log has not, and the other way round.',
    )
    .requiredOption('--day <day>', 'a day of Tehran, Gregorian or Solar Hijri')
    .option('--receipts <file...>', 'receipts of the exchange, one on a line')
    .option('--ids <file...>', 'ids of inquiries, one on a line')
    .option(
      '--numbers <range>',
      'sequence numbers, of a station as till-1=1-240; may stand several times',
      moreNumbers,
    )
    .addHelpText('after', help)
    .action((flags: Flags) => runAsking(streams, exit, () => reconcile(flags, streams)));
