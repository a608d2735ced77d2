import { type AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { briefly } from '#functions/runtime/briefly.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoHoldKeyStore } from '#functions/runtime/dynamo/hold-key-store.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { loadExchange } from '#functions/runtime/exchange.ts';
import type { Question } from '#shared/client/sign-request.ts';
import { holdKeys } from '#shared/inquiry/hold-keys.ts';
import { submitInquiry } from '#shared/inquiry/submit.ts';
import { traceparent, untimed } from './inquiry-works.ts';
import { questions } from './questions.ts';
import type { Bench, Table } from './report.ts';
import { requestSigner } from './requests.ts';
import { startSite } from './site.ts';
import { PutInput, PutOutput, type Row, rowOf } from './written-row.ts';

/** What one inquiry wrote, row by row. */
type Written = {
  readonly service: string;
  readonly level: string;
  readonly outcome: string;
  readonly rows: Readonly<Partial<Record<'i' | 'o', Row>>>;
};

/** Asks the store what each put consumed; everything else goes as it came. */
const weighing =
  (call: AwsJsonCall, weigh: (row: Row) => void): AwsJsonCall =>
  async (operation, input) => {
    if (operation !== 'PutItem') return call(operation, input);
    const output = await call(operation, { ...input, ReturnConsumedCapacity: 'TOTAL' });
    weigh(rowOf(PutInput.parse(input), PutOutput.parse(output)));
    return output;
  };

const sumOf = ({ rows }: Written, units: (row: Row) => number): number =>
  [rows.i, rows.o].reduce((sum, row) => sum + (row === undefined ? 0 : units(row)), 0);

const told = ({ reported: units }: Row): number => units ?? Number.NaN;
const ruled = ({ size }: Row): number => Math.ceil(size / 1024);

const bytes = (value: number | undefined): string => (value === undefined ? '–' : String(value));

const unitsTable = (written: readonly Written[]): Table => ({
  title: 'Write units of one inquiry: as the store reports them, and by the size rule',
  columns: ['service', 'outcome', 'rows', 'reported', 'by the rule'],
  rows: written.map((one) => [
    one.service,
    one.outcome,
    String(Object.keys(one.rows).length),
    sumOf(one, told).toFixed(2),
    sumOf(one, ruled).toFixed(2),
  ]),
});

const sizeTable = (written: readonly Written[]): Table => ({
  title: 'Packed sizes (bytes); a whole row with its key must stay within 1,024',
  columns: ['service', 'I', 'vault', 'I row', 'O', 'held', 'O row'],
  rows: written.map(({ service, rows: { i, o } }) => [
    service,
    ...[i?.record, i?.vault, i?.size, o?.record, o?.vault, o?.size].map(bytes),
  ]),
});

/** What every service of the catalogue writes for a typical inquiry. */
export const writes: Bench = async (progress) => {
  progress(0, 'starting store and agencies');
  const site = await startSite();
  try {
    const env = readEnv(site.variables);
    const rows: Row[] = [];
    const call = weighing(dynamoClient(env), (row) => rows.push(row));
    const journal = dynamoJournalStore(call, env.JOURNAL_TABLE);
    const exchange = await loadExchange(env);
    const { settings, now, random } = exchange;
    const store = dynamoHoldKeyStore(call, env.JOURNAL_TABLE);
    const keys = holdKeys({ store, vaultKey: settings.vaultKey, now, random, briefly });
    const submit = submitInquiry({ ...exchange, journal, holdKeys: keys });
    const sign = await requestSigner(site.keys, env.ESTELAM_ORIGIN);
    const ask = async (question: Question): Promise<Written> => {
      rows.length = 0;
      const { token } = await sign(question);
      const { facts } = await submit({ text: token, traceparent, timed: untimed });
      const find = (kind: Row['kind']) => rows.find((row) => row.kind === kind);
      const [i, o] = [find('i'), find('o')];
      return {
        service: question.service,
        level: facts.rule,
        outcome: facts.outcome,
        rows: {
          ...(i !== undefined && { i }),
          ...(o !== undefined && { o }),
        },
      };
    };
    const written: Written[] = [];
    const beside = { mark: 0, key: 0 };
    for (const [n, question] of questions.entries()) {
      progress(n / questions.length, 'one inquiry of each service');
      written.push(await ask(question));
      for (const { kind } of rows) if (kind === 'mark' || kind === 'key') beside[kind] += 1;
    }
    return reportOf(written, beside);
  } finally {
    await site.close();
  }
};

const reportOf = (
  written: readonly Written[],
  { mark, key }: Readonly<Record<'mark' | 'key', number>>,
): Awaited<ReturnType<Bench>> => {
  const wrong = written.filter((one) => sumOf(one, ruled) !== 2);
  const disagree = written.filter((one) => sumOf(one, told) !== sumOf(one, ruled));
  return {
    tables: [unitsTable(written), sizeTable(written)],
    notes: [
      'Reported: ConsumedCapacity of the embedded store. By the rule: names and values of an item,',
      'its numbers at half a byte a digit and one more, rounded up to whole kilobytes.',
      disagree.length === 0
        ? 'Both agree for every service.'
        : `They differ for: ${disagree.map(({ service }) => service).join(', ')}.`,
      'Beside them, of one write unit each, stand a mark for each ten minutes and process and a key of',
      `held answers for each five: ${mark} and ${key} here.`,
    ],
    aims: [
      {
        says: `2.00 write units an inquiry, its held answer in them, for all ${written.length} services`,
        met: wrong.length === 0 && disagree.length === 0,
      },
    ],
    failures: written
      .filter(({ rows: { o }, outcome }) => o === undefined || outcome === 'SOURCE_UNAVAILABLE')
      .map(({ service, outcome }) => `${service} came to ${outcome}`),
    figures: { services: written },
    pictures: {},
  };
};
