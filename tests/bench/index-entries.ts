import { countEntries } from '#shared/audit/index/count.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { barChart } from './bar-chart.ts';
import { type Asked, askedOf } from './index-asked.ts';
import { type ChangeCost, measureChanges } from './index-changes.ts';
import { type FilledIndex, fillIndex } from './index-fill.ts';
import {
  type Cost,
  costed,
  limit,
  type Measured,
  measurePage,
  middleCost,
  most,
  mostObjects,
  rounds,
} from './index-pages.ts';
import { type Aim, type Bench, type Table, times, whole } from './report.ts';
import { firstDay } from './synthetic-facts.ts';

const small = 10_000;
const large = 1_000_000;
const day = 86_400_000;
const ahead = (): number => 12_600_000;

const counted = [
  {
    name: 'one day by hour',
    by: ['hour'],
    filter: { from: firstDay + day, to: firstDay + 2 * day },
  },
  { name: 'all by counter', by: ['counter'], filter: {} },
  { name: 'all by hour', by: ['hour'], filter: {} },
  {
    name: 'all by counter, agency, service, outcome',
    by: ['counter', 'agency', 'service', 'outcome'],
    filter: {},
  },
  { name: 'denied ones by rule', by: ['rule'], filter: { effect: 'deny' } },
] as const;

const measureCount = async (
  index: FilledIndex,
  { by, filter }: (typeof counted)[number],
): Promise<{ readonly cost: Cost; readonly total: number }> => {
  const samples: Cost[] = [];
  let total = 0;
  for (let round = 0; round < 3; round += 1) {
    const segments = openedIndex(index.source, most, () => 0);
    const shards = [{ shard: 0, size: index.size }];
    const query = { segments, shards, filter, by, ahead, mostObjects: 100_000 };
    const { cost, result } = await costed(() => countEntries(query));
    samples.push(cost);
    ({ total } = result);
  }
  return { cost: middleCost(samples), total };
};

type Page = { readonly asked: Asked; readonly few: Measured; readonly many: Measured };

const ms = (value: number): string => value.toFixed(1);

/** Where a small index has a full page too, a large one has no more to do; elsewhere there is no ratio. */
const ratioOf = ({ few, many }: Page): number | undefined =>
  few.found >= limit ? many.cold.cpu / few.cold.cpu : undefined;

const aimOf = (page: Page): Aim => {
  const [ratio, took] = [ratioOf(page), page.many.cold.cpu];
  const compared = ratio === undefined ? '' : `; ${times(ratio)} of 10⁴, aim 1.5`;
  return {
    says: `${page.asked.name}: ${ms(took)} ms of CPU at 10⁶, aim 50${compared}`,
    met: took <= 50 && (ratio ?? 0) <= 1.5,
  };
};

const pagesTable = (pages: readonly Page[]): Table => ({
  title: `A page of ${limit}, newest first, until it is full or the log ends, nothing opened before: ms of CPU`,
  columns: ['', '10⁴', '10⁶', '÷', 'by the clock', 'entries', 'objects', 'calls', 'again'],
  rows: pages.map((page) => {
    const { asked, few, many } = page;
    const ratio = ratioOf(page);
    return [
      asked.name,
      ms(few.cold.cpu),
      ms(many.cold.cpu),
      ratio === undefined ? '' : times(ratio),
      ms(many.cold.clock),
      whole(many.found),
      whole(many.objects),
      whole(many.calls),
      ms(many.again.cpu),
    ];
  }),
});

const changesTable = (changes: readonly ChangeCost[]): Table => ({
  title: 'Changes of an index of a million entries, without the puts: ms',
  columns: ['', 'CPU', 'by the clock', 'objects', 'KB'],
  rows: changes.map(({ name, cost, objects, bytes }) => [
    name,
    ms(cost.cpu),
    ms(cost.clock),
    whole(objects),
    whole(bytes / 1000),
  ]),
});

const weightOf = (index: FilledIndex) => ({
  size: index.size,
  bytes: index.segmentBytes / index.size,
  summaryBytes: index.summaryBytes / index.size,
  printsBytes: index.printsBytes / index.size,
  perSecond: (1e6 * index.size) / index.encoding,
  summedPerSecond: (1e6 * index.size) / index.summing,
});

/** What an index of columns weighs, and what pages and counts of it cost; its objects in memory. */
export const entries: Bench = async (progress) => {
  const few = fillIndex(small, () => progress(0, 'ten thousand entries'));
  const many = fillIndex(large, (share) => progress(share * 0.5, 'a million entries'));
  const pages: Page[] = [];
  for (const asked of askedOf(many)) {
    progress(0.5 + pages.length / 40, 'pages');
    const of = (index: FilledIndex) => measurePage(index, asked.filter);
    pages.push({ asked, few: await of(few), many: await of(many) });
  }
  progress(0.9, 'counts');
  const sums = [];
  for (const one of counted) sums.push({ name: one.name, ...(await measureCount(many, one)) });
  progress(0.97, 'changes');
  const changes = await measureChanges(many);
  const weights = [few, many].map(weightOf);
  return {
    tables: [
      {
        title: 'The index (CPU of one core)',
        columns: ['', 'B/entry', 'summary', 'prints', 'entries/s', 'entries/s summed up'],
        rows: weights.map((one) => [
          `${whole(one.size)} entries`,
          one.bytes.toFixed(1),
          one.summaryBytes.toFixed(2),
          one.printsBytes.toFixed(2),
          whole(one.perSecond),
          whole(one.summedPerSecond),
        ]),
      },
      pagesTable(pages),
      {
        title: 'Counts over a million entries, nothing opened before: ms',
        columns: ['', 'CPU', 'by the clock', 'entries'],
        rows: sums.map(({ name, cost, total }) => [
          name,
          ms(cost.cpu),
          ms(cost.clock),
          whole(total),
        ]),
      },
      changesTable(changes),
    ],
    notes: [
      `Medians of ${rounds} rounds. Objects are in memory, so a store's answers come on top: see the objects.`,
      'CPU is of the whole process, with what it collects as garbage; other work on the machine is in the clock only.',
      `One call asks for ${mostObjects} objects at most.`,
    ],
    aims: pages.map(aimOf),
    failures: [],
    figures: { weights, pages, sums, changes },
    pictures: {
      'index-entries': barChart({
        title: 'A page of 100 among a million entries',
        subtitle: 'Milliseconds of CPU until it is full or the log ends, nothing opened before',
        scale: 'linear',
        bars: pages.map(({ asked, many: { cold, found } }) => ({
          label: asked.name,
          value: cold.cpu,
          says: `${ms(cold.cpu)} ms, ${whole(found)} entries`,
          tone: 'ours',
        })),
      }),
    },
  };
};
