import { Command, InvalidArgumentError } from 'commander';
import type { AuditQuestion, QuestionAnswer } from '../../audit-questions.ts';
import { type ClientFlags, openClient, withClientFlags } from '../client-flags.ts';
import { printable } from '../printable.ts';
import { askingCodeHelp, runAsking } from '../run-asking.ts';
import { tableLines } from '../table.ts';
import type { Streams } from '../verify.ts';
import { type FilterFlags, filterQuery, withFilterFlags } from './filter-flags.ts';
import { someEntries } from './search.ts';

type Flags = ClientFlags &
  FilterFlags & {
    readonly limit: number;
    readonly with: Readonly<Record<string, string>>;
    readonly json?: true;
  };

/** Findings that one answer of the exchange may have. */
const most = 1000;

const assignment = /^([a-z][a-z0-9-]{0,40})=(.{1,128})$/;

/** Collects `--with name=value`. */
const given = (
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const [, name, value] = assignment.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be like more-than=3.');
  }
  return { ...before, [name]: value };
};

const listText = (questions: readonly AuditQuestion[], width: number | undefined): string =>
  [
    ...tableLines(
      [{ head: 'question' }, { head: 'asks', least: 20 }, { head: 'with', least: 8 }],
      questions.map(({ name, title, parameters }) => [
        name,
        title.en,
        parameters.map((one) => `${one.name}=${one.usual}`).join(' '),
      ]),
      width,
    ),
    '',
  ].join('\n');

/** Members of a finding that are told beside its reason, one line. */
const details = ({ why: _, ...rest }: QuestionAnswer['findings'][number]): string =>
  Object.entries(rest)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

export const answerText = ({ findings, rest, n, from, until }: QuestionAnswer): string =>
  [
    ...findings.flatMap((finding) => [
      printable(`• ${finding.why}`),
      printable(`    ${details(finding)}`),
    ]),
    ...(rest === undefined
      ? []
      : [
          `and ${rest.toLocaleString('en')} more; --limit tells up to ${most.toLocaleString('en')}`,
        ]),
    `${findings.length === 0 ? 'Nothing found' : `${findings.length + (rest ?? 0)} found`} in ` +
      `${n.toLocaleString('en')} entries from ${printable(from)} up to ${printable(until)}.`,
    '',
  ].join('\n');

const ask = async (
  name: string | undefined,
  flags: Flags,
  { out, err }: Streams,
): Promise<number> => {
  const client = await openClient(flags);
  if (name === undefined) {
    const questions = await client.auditQuestions();
    const text = listText(questions, out.columns);
    out.write(flags.json === true ? `${JSON.stringify({ questions })}\n` : text);
    return 0;
  }
  const query = {
    ...filterQuery(flags, Date.now(), (said) => err.write(said)),
    limit: Math.min(flags.limit, most),
    ...flags.with,
  };
  const answer = await client.auditQuestion(name, query);
  out.write(flags.json === true ? `${JSON.stringify(answer)}\n` : answerText(answer));
  return 0;
};

const help = `
Without a name, the questions are listed. Each tells why it found what it found, and never who was asked
about. What they mean, and what they do not: docs/questions.md.

Examples:
  estelam audit questions …
  estelam audit questions same-person … --with more-than=5 --from 2027-01-01 --to 2027-01-31
  estelam audit questions outside-hours … --province تهران --json
${askingCodeHelp}`;

/** `estelam audit questions`. */
export const questionsCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withFilterFlags(withClientFlags(new Command('questions')), ['id'])
    .summary('ask a ready-made question, or list them')
    .description('Asks one of the ready-made questions of those who look for misuse.')
    .argument('[name]', 'the question')
    .option('--with <name=value>', 'a parameter of the question; may be given again', given, {})
    .option('--limit <n>', 'how many findings to tell', someEntries, 100)
    .addHelpText('after', help)
    .action((name: string | undefined, flags: Flags) =>
      runAsking(streams, exit, () => ask(name, flags, streams)),
    );
