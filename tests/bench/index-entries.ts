import { countEntries } from '#shared/audit/index/count.ts';
import { EntryFilter } from '#shared/audit/index/filter.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { findEntries, type Position } from '#shared/audit/index/query.ts';
import { barChart } from './bar-chart.ts';
import { type FilledIndex, fillIndex } from './index-fill.ts';
import { median } from './measure.ts';
import { type Bench, times, whole } from './report.ts';
import { counterOfRank, firstDay, serviceOfRank, subjectTagOf } from './synthetic-facts.ts';

const small = 10_000;
const large = 1_000_000;
const limit = 100;
/** Objects that one call may ask for. */
const mostObjects = 64;
const rounds = 5;
const most = { segments: 64, summaries: 16 };
const day = 86_400_000;
const ahead = (): number => 12_600_000;

type Asked = { readonly name: string; readonly filter: EntryFilter; readonly aimed: boolean };

/** `aimed`: those that the aims are about. */
const askedOf = ({ lastId }: FilledIndex): readonly Asked[] => [
  { name: 'all', filter: {}, aimed: true },
  { name: 'common: outcome FOUND', filter: { outcome: 'FOUND' }, aimed: true },
  {
    name: 'common: busiest counter and FOUND',
    filter: { counter: counterOfRank(0), outcome: 'FOUND' },
    aimed: true,
  },
  { name: 'rare: counter of rank 14,000', filter: { counter: counterOfRank(13_999) }, aimed: true },
  { name: 'rare: counter of rank 1,000', filter: { counter: counterOfRank(999) }, aimed: true },
  {
    name: 'rare mix of common words',
    filter: { service: serviceOfRank(150), presence: 'none', outcome: 'TIMEOUT' },
    aimed: true,
  },
  { name: 'none: unknown counter', filter: { counter: 'counter:1' }, aimed: true },
  { name: 'one id', filter: EntryFilter.parse({ id: lastId }), aimed: true },
  { name: 'one subject’s tag', filter: { subjectTag: subjectTagOf(77) }, aimed: true },
];

type Measured = {
  /** Milliseconds of one call whose objects have yet to be opened, and of the same call again. */
  readonly cold: number;
  readonly warm: number;
  readonly found: number;
  /** Objects read by the first call, cold. */
  readonly objects: number;
  /** Calls and milliseconds until the page is full or the log at its end. */
  readonly calls: number;
  readonly wholeCold: number;
  readonly wholeFound: number;
};

const clocked = async <Result>(
  work: () => Promise<Result>,
): Promise<{ readonly ms: number; readonly result: Result }> => {
  const before = performance.now();
  const result = await work();
  return { ms: performance.now() - before, result };
};

const reads = ({ faults }: FilledIndex): number =>
  faults.calls('segment') + faults.calls('summary');

const measurePage = async (index: FilledIndex, filter: EntryFilter): Promise<Measured> => {
  const shards = [{ shard: 0, size: index.size }];
  const page = { shards, filter, order: 'newest' as const, limit, mostObjects };
  const samples: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const segments = openedIndex(index.source, most, () => 0);
    const before = reads(index);
    const cold = await clocked(() => findEntries({ ...page, segments }));
    const objects = reads(index) - before;
    const warm = await clocked(() => findEntries({ ...page, segments }));
    const fresh = openedIndex(index.source, most, () => 0);
    const all = await clocked(async () => {
      let [calls, found, more] = [0, 0, true];
      let after: Position | undefined;
      for (; more && found < limit; calls += 1) {
        const next = { ...page, segments: fresh, limit: limit - found };
        const got = await findEntries(after === undefined ? next : { ...next, after });
        found += got.entries.length;
        ({ position: after, more } = got);
      }
      return { calls, found };
    });
    samples.push({
      cold: cold.ms,
      warm: warm.ms,
      found: cold.result.entries.length,
      objects,
      calls: all.result.calls,
      wholeCold: all.ms,
      wholeFound: all.result.found,
    });
  }
  const middle = (of: (one: Measured) => number): number => median(samples.map(of));
  return {
    cold: middle(({ cold }) => cold),
    warm: middle(({ warm }) => warm),
    found: middle(({ found }) => found),
    objects: middle(({ objects }) => objects),
    calls: middle(({ calls }) => calls),
    wholeCold: middle(({ wholeCold }) => wholeCold),
    wholeFound: middle(({ wholeFound }) => wholeFound),
  };
};

const counted = [
  { name: 'one day by hour', by: 'hour', filter: { from: firstDay + day, to: firstDay + 2 * day } },
  { name: 'all by counter', by: 'counter', filter: {} },
  { name: 'all by hour', by: 'hour', filter: {} },
  { name: 'denied ones by rule', by: 'rule', filter: { effect: 'deny' } },
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
    const work = () =>
      countEntries({ segments, shards, filter, by: [by], ahead, mostObjects: 100_000 });
    const { ms, result } = await clocked(work);
    samples.push(ms);
    ({ total } = result);
  }
  return { ms: median(samples), total };
};

/** What an index of columns weighs, and what pages and counts of it cost; its objects in memory. */
export const entries: Bench = async (progress) => {
  const few = fillIndex(small, () => progress(0, 'ten thousand entries'));
  const many = fillIndex(large, (share) => progress(share * 0.5, 'a million entries'));
  const pages: { readonly asked: Asked; readonly few: Measured; readonly many: Measured }[] = [];
  for (const asked of askedOf(many)) {
    progress(0.5 + pages.length / 25, 'pages');
    pages.push({
      asked,
      few: await measurePage(few, asked.filter),
      many: await measurePage(many, asked.filter),
    });
  }
  const sums = [];
  for (const one of counted) {
    progress(0.9, 'counts');
    sums.push({ ...one, ...(await measureCount(many, one)) });
  }
  const weights = [few, many].map((one) => ({
    size: one.size,
    bytes: one.segmentBytes / one.size,
    summaryBytes: one.summaryBytes / one.size,
    perSecond: (1e6 * one.size) / one.encoding,
    summedPerSecond: (1e6 * one.size) / one.summing,
  }));
  const ms = (value: number): string => value.toFixed(1);
  return {
    tables: [
      {
        title: 'The index (CPU of one core)',
        columns: ['', 'B/entry', 'B/entry summed up', 'entries/s', 'entries/s summed up'],
        rows: weights.map((one) => [
          `${whole(one.size)} entries`,
          one.bytes.toFixed(1),
          one.summaryBytes.toFixed(2),
          whole(one.perSecond),
          whole(one.summedPerSecond),
        ]),
      },
      {
        title: `One call for a page of ${limit}, newest first: ms, nothing opened before`,
        columns: [
          '',
          '10⁴',
          '10⁶',
          '10⁶ ÷ 10⁴',
          'again',
          'objects',
          'entries',
          'calls',
          'ms in all',
        ],
        rows: pages.map(({ asked, few: at4, many: at6 }) => [
          asked.name,
          ms(at4.cold),
          ms(at6.cold),
          times(at6.cold / at4.cold),
          ms(at6.warm),
          whole(at6.objects),
          whole(at6.found),
          whole(at6.calls),
          ms(at6.wholeCold),
        ]),
      },
      {
        title: 'Counts over a million entries: ms, nothing opened before',
        columns: ['', 'ms', 'entries'],
        rows: sums.map(({ name, ms: took, total }) => [name, ms(took), whole(total)]),
      },
    ],
    notes: [
      `Medians of ${rounds} rounds, the clock's; objects are in memory, so a store's answers come on top: see the objects.`,
      `One call asks for ${mostObjects} objects at most; "calls" and "in all": until the page is full or the log ends.`,
    ],
    aims: pages
      .filter(({ asked }) => asked.aimed)
      .map(({ asked, few: at4, many: at6 }) => ({
        says: `${asked.name}: ${ms(at6.wholeCold)} ms at 10⁶ in all, aim 50; ${times(at6.wholeCold / at4.wholeCold)} of 10⁴, aim 1.5`,
        met: at6.wholeCold <= 50 && at6.wholeCold / at4.wholeCold <= 1.5,
      })),
    failures: [],
    figures: { weights, pages, sums },
    pictures: {
      'index-entries': barChart({
        title: 'A page of 100 among a million entries',
        subtitle: 'Milliseconds until the page is full or the log ends, nothing opened before',
        scale: 'linear',
        bars: pages.map(({ asked, many: at6 }) => ({
          label: asked.name,
          value: at6.wholeCold,
          says: `${ms(at6.wholeCold)} ms, ${whole(at6.wholeFound)} entries`,
          tone: 'ours',
        })),
      }),
    },
  };
};
