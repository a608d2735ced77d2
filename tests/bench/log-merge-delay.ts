import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '#infra/local/free-port.ts';
import { type Keep, startInstallation } from '#infra/local/installation.ts';
import { placesIn, preparePlaces } from '#infra/local/places.ts';
import { barChart } from './bar-chart.ts';
import { failuresOf, type LoadOrder, LoadResult, startLoadGenerator } from './load-order.ts';
import { followLog, type LogFollower } from './log-follower.ts';
import { percentile } from './measure.ts';
import { type Bench, type Progress, type Report, whole } from './report.ts';

/** Seconds: what a receipt promises, and where the median should lie. */
const promised = 120;
const aim = 25;

const order: LoadOrder = { concurrency: 64, seconds: 30, ask: 'every service', perSecond: 200 };

/** A bucket lasts ten seconds: one at least is full of inquiries from its beginning to its end. */
const longOrder: LoadOrder = { ...order, seconds: 120 };

/** What came of a load. Delays in seconds; a leaf that never came has none. */
type Measured = {
  readonly load: LoadResult;
  readonly delays: readonly number[];
  readonly missing: number;
};

const delaysOf = (load: LoadResult, { seen }: LogFollower): readonly number[] =>
  load.receipts.flatMap(({ at, leaf }) => {
    const then = seen.get(leaf);
    return then === undefined ? [] : [Math.max(0, then - at) / 1000];
  });

/** Waits until every leaf that was promised is there, as long as it was promised. */
const settle = async (load: LoadResult, follower: LogFollower): Promise<void> => {
  const end = Date.now() + promised * 1000;
  while (Date.now() < end && load.receipts.some(({ leaf }) => !follower.seen.has(leaf))) {
    await wait(250);
  }
};

const measure = async (wanted: LoadOrder, progress: Progress): Promise<Measured> => {
  await using owned = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'estelam-delay-'));
  owned.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const places = placesIn(dataDir);
  await preparePlaces(places);
  const keep: Keep = (_, child) => {
    owned.defer(child.stop);
    return child.ready;
  };
  const settings = {
    dataDir,
    port: await freePort(),
    storeEndpoint: undefined,
    shards: 1,
    slots: 16,
    colours: false,
    environment: {},
  };
  progress(0, 'starting an installation, its log and two witnesses');
  const { origin } = await startInstallation(settings, places, [], { keep });
  const follower = followLog(places.objects);
  owned.defer(follower.stop);
  const generator = await startLoadGenerator(places.keys, origin);
  owned.defer(generator.close);
  progress(0.2, `${wanted.perSecond} inquiries a second`);
  const load = await generator.ask(wanted, LoadResult);
  progress(0.6, 'waiting for their leaves');
  await settle(load, follower);
  const delays = delaysOf(load, follower);
  return { load, delays, missing: load.receipts.length - delays.length };
};

/** Seconds of one bar of the picture. */
const step = 2;

const picture = (delays: readonly number[]): string => {
  const last = Math.floor(Math.max(0, ...delays) / step);
  const counts = Array.from(
    { length: last + 1 },
    (_, n) => delays.filter((delay) => Math.floor(delay / step) === n).length,
  );
  return barChart({
    title: 'How long after its receipt an entry is in the cosigned log',
    subtitle: `Entries by seconds, at ${order.perSecond} inquiries a second, two witnesses`,
    scale: 'linear',
    bars: counts.map((value, n) => ({
      label: `${n * step} to ${(n + 1) * step} s`,
      value,
      says: whole(value),
      tone: 'ours',
    })),
  });
};

const shares = [0.01, 0.5, 0.9, 0.99, 1] as const;

const reportOf = ({ load, delays, missing }: Measured): Report => {
  const reached = load.latencies.length / (load.milliseconds / 1000);
  const at = shares.map((share) => percentile(delays, share));
  const [, middle = Number.NaN] = at;
  const most = at.at(-1) ?? Number.NaN;
  const failures = failuresOf(load);
  return {
    tables: [
      {
        title: 'From a receipt to the first cosigned checkpoint that holds its leaf (seconds)',
        columns: ['entries', 'p1', 'p50', 'p90', 'p99', 'most'],
        rows: [[whole(delays.length), ...at.map((value) => value.toFixed(1))]],
      },
    ],
    notes: [
      `${reached.toFixed(0)} inquiries a second came about of ${order.perSecond}; everything on this machine.`,
      'Buckets last 10 s and close 13 s after their end: no entry can be there sooner than that.',
    ],
    aims: [
      { says: `median ${middle.toFixed(1)} s, below ${aim}`, met: middle < aim },
      {
        says: `most ${most.toFixed(1)} s, at most the ${promised} promised`,
        met: most <= promised,
      },
    ],
    failures: [
      ...failures.map((failure) => `under load: ${failure}`),
      ...(missing === 0 ? [] : [`${missing} leaves did not come within ${promised} s`]),
    ],
    figures: {
      perSecond: reached,
      entries: delays.length,
      missing,
      ...Object.fromEntries(shares.map((share, n) => [`p${share * 100}`, at[n]])),
    },
    pictures: { 'log-merge-delay': picture(delays) },
  };
};

/** How long an entry takes into the cosigned log, under a steady load on a whole installation. */
export const mergeDelay: Bench = async (progress, { full }) =>
  reportOf(await measure(full ? longOrder : order, progress));
