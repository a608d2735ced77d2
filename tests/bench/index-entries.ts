import { countEntries } from '#shared/audit/index/count.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { barChart } from './bar-chart.ts';
import { type Asked, askedOf } from './index-asked.ts';
import { type ChangeCost, measureChanges } from './index-changes.ts';
import { type FilledIndex, fillIndex } from './index-fill.ts';
import {
  clocked,
  limit,
  type Measured,
  measurePage,
  most,
  mostObjects,
  rounds,
} from './index-pages.ts';
import { median } from './measure.ts';
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
): Promise<{ readonly ms: number; readonly total: number }> => {
  const samples: number[] = [];
  let total = 0;
  for (let round = 0; round < 3; round += 1) {
    const segments = openedIndex(index.source, most, () => 0);
    const shards = [{ shard: 0, size: index.size }];
    const query = { segments, shards, filter, by, ahead, mostObjects: 100_000 };
    const { ms, result } = await clocked(() => countEntries(query));
    samples.push(ms);
    ({ total } = result);
  }
  return { ms: median(samples), total };
};

type Page = { readonly asked: Asked; readonly few: Measured; readonly many: Measured };

const ms = (value: number): string => value.toFixed(1);

/** Where a small index has a full page too, a large one has no more to do; elsewhere there is no ratio. */
const ratioOf = ({ few, many }: Page): number | undefined =>
  few.found >= limit ? many.all / few.all : undefined;

const aimOf = (page: Page): Aim => {
  const [ratio, took] = [ratioOf(page), page.many.all];
  const compared = ratio === undefined ? '' : `; ${times(ratio)} of 10⁴, aim 1.5`;
  return {
    says: `${page.asked.name}: ${ms(took)} ms at 10⁶, aim 50${compared}`,
    met: took <= 50 && (ratio ?? 0) <= 1.5,
  };
};

const pagesTable = (pages: readonly Page[]): Table => ({
  title: `A page of ${limit}, newest first: ms until it is full or the log ends, nothing opened before`,
  columns: ['', '10⁴', '10⁶', '10⁶ ÷ 10⁴', 'entries', 'objects', 'calls', 'one call', 'again'],
  rows: pages.map((page) => {
    const { asked, few, many } = page;
    const ratio = ratioOf(page);
    return [
      asked.name,
      ms(few.all),
      ms(many.all),
      ratio === undefined ? '' : times(ratio),
      whole(many.found),
      whole(many.objects),
      whole(many.calls),
      ms(many.cold),
      ms(many.warm),
    ];
  }),
});

const changesTable = (changes: readonly ChangeCost[]): Table => ({
  title: 'Changes of an index of a million entries, beside the puts',
  columns: ['', 'ms', 'objects', 'KB'],
  rows: changes.map(({ name, ms: took, objects, bytes }) => [
    name,
    ms(took),
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
        title: 'Counts over a million entries: ms, nothing opened before',
        columns: ['', 'ms', 'entries'],
        rows: sums.map(({ name, ms: took, total }) => [name, ms(took), whole(total)]),
      },
      changesTable(changes),
    ],
    notes: [
      `Medians of ${rounds} rounds, the clock's; objects are in memory, so a store's answers come on top: see the objects.`,
      `One call asks for ${mostObjects} objects at most.`,
    ],
    aims: pages.map(aimOf),
    failures: [],
    figures: { weights, pages, sums, changes },
    pictures: {
      'index-entries': barChart({
        title: 'A page of 100 among a million entries',
        subtitle: 'Milliseconds until the page is full or the log ends, nothing opened before',
        scale: 'linear',
        bars: pages.map(({ asked, many: { all, found } }) => ({
          label: asked.name,
          value: all,
          says: `${ms(all)} ms, ${whole(found)} entries`,
          tone: 'ours',
        })),
      }),
    },
  };
};
