import { Command } from 'commander';
import { NotReached, ReadRefused } from '../../read.ts';
import type { DayNumbers } from '../../state-day.ts';
import { type ClientFlags, openClient, withClientFlags } from '../client-flags.ts';
import { WrongUsage } from '../failed-input.ts';
import { askingCodeHelp, runAsking } from '../run-asking.ts';
import { dayOf } from '../typed-time.ts';
import type { Streams } from '../verify.ts';
import { moreNumbers, type TypedNumbers } from './typed-numbers.ts';

type Flags = ClientFlags & {
  readonly day: string;
  readonly asked?: readonly TypedNumbers[];
  readonly answered?: readonly TypedNumbers[];
  readonly nothing?: true;
  readonly json?: true;
};

const counted = ({ first, last, used = last - first + 1 }: TypedNumbers) => ({
  first,
  last,
  n: used,
});

const numbersOf = ({ asked = [], answered = [], nothing }: Flags): DayNumbers => {
  const some = asked.length + answered.length > 0;
  if (some === (nothing === true)) {
    throw new WrongUsage('State --asked or --answered; or --nothing of a day without an inquiry.');
  }
  const [answers, ...more] = answered;
  if (more.length > 0) throw new WrongUsage('--answered stands once: answers are one series.');
  if (answers?.station !== undefined) throw new WrongUsage('--answered has no station.');
  return {
    asked: asked.map((one) => {
      if (one.station === undefined)
        throw new WrongUsage('--asked names its station: till-1=1-16.');
      return { station: one.station, ...counted(one) };
    }),
    ...(answers !== undefined && { answered: counted(answers) }),
  };
};

const state = async (flags: Flags, { out, err }: Streams): Promise<number> => {
  const day = dayOf(flags.day, '--day', (said) => err.write(said));
  const numbers = numbersOf(flags);
  const client = await openClient(flags);
  const result = await client.state(day.date, numbers);
  if (result.kind === 'lost') throw new NotReached({ cause: result.cause });
  if (result.kind === 'refused') throw new ReadRefused(result.problem, undefined);
  const { id, repeated } = result;
  out.write(
    flags.json === true
      ? `${JSON.stringify({ day: day.date, id, repeated })}\n`
      : `${day.date} is on record as ${id}${repeated ? ', as it was before' : ''}.\n`,
  );
  return 0;
};

const help = `
The statement is signed and goes into the log, where everybody can hold it against the inquiries: a number
that was stated and is not in the log was kept out of it. A day is stated once it is over in Tehran; a
number is of the day inside its inquiry's id. The same again is no second statement.

Examples:
  estelam state --exchange https://exchange.example --participant counter:72110345 --key key.jwk \\
    --day 2027-01-15 --asked till-1=1-240 --asked till-2=1-85:84
  estelam state … --participant agency:civil-registry --day 1405-10-25 --answered 88001-92417
  estelam state … --day 2027-01-15 --nothing
${askingCodeHelp}`;

/** `estelam state`. `exit` is told the exit code. */
export const stateCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withClientFlags(new Command('state'), 'counter:72110345')
    .summary('state the sequence numbers of a day, signed and on record')
    .description('States which sequence numbers a counter or an agency used on a day.')
    .requiredOption('--day <day>', 'a day of Tehran that is over, Gregorian or Solar Hijri')
    .option('--asked <range>', 'by station, as till-1=1-16; may stand several times', moreNumbers)
    .option('--answered <range>', 'of an agency, as 1-200', moreNumbers)
    .option('--nothing', 'nothing was asked or answered on the day')
    .addHelpText('after', help)
    .action((flags: Flags) => runAsking(streams, exit, () => state(flags, streams)));
