import { cpus } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { type Bar, barChart } from './bar-chart.ts';
import { type Child, startChild } from './child.ts';
import {
  Connected,
  failuresOf,
  type LoadOrder,
  LoadResult,
  startLoadGenerator,
} from './load-order.ts';
import { percentile } from './measure.ts';
import { cpuTimeOf, peakMemoryOf } from './process-facts.ts';
import type { Bench, Report, Table } from './report.ts';
import { type Site, startSite } from './site.ts';

const aims = { perSecond: 300, megabytes: 300 } as const;

const levels = [
  { concurrency: 1, seconds: 8 },
  { concurrency: 64, seconds: 15 },
  { concurrency: 1000, seconds: 20 },
] as const;

const warmUp: LoadOrder = { concurrency: 32, seconds: 6, ask: 'every service' };

/** What one level of concurrency came to. CPU in microseconds. */
type Level = {
  readonly concurrency: number;
  readonly inquiries: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: readonly string[];
  readonly seconds: number;
  readonly cpu: Readonly<
    Record<'exchange' | 'store' | 'agencies' | 'generator', number | undefined>
  >;
  /** Microseconds of all cores that went to others. */
  readonly elsewhere: number;
  /** The most the exchange has held since it started, in bytes. */
  readonly memory: number | undefined;
};

type Running = { readonly site: Site; readonly exchange: Child; readonly generator: Child };

const busyTime = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) *
  1000;

const difference = (after: number | undefined, before: number | undefined): number | undefined =>
  after === undefined || before === undefined ? undefined : after - before;

const measureLevel = async (order: LoadOrder, running: Running): Promise<Level> => {
  const { site, exchange, generator } = running;
  const look = () => ({
    busy: busyTime(),
    exchange: cpuTimeOf(exchange.pid),
    store: site.storePid === undefined ? undefined : cpuTimeOf(site.storePid),
    agencies: cpuTimeOf(site.agencies.pid),
  });
  await generator.ask({ connections: order.concurrency }, Connected);
  const before = look();
  const result = await generator.ask(order, LoadResult);
  const after = look();
  const { latencies, milliseconds } = result;
  const cpu = {
    exchange: difference(after.exchange, before.exchange),
    store: difference(after.store, before.store),
    agencies: difference(after.agencies, before.agencies),
    generator: result.cpu,
  };
  const own = Object.values(cpu).reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return {
    concurrency: order.concurrency,
    inquiries: latencies.length,
    perSecond: latencies.length / (milliseconds / 1000),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    failures: failuresOf(result),
    seconds: milliseconds / 1000,
    cpu,
    elsewhere: Math.max(0, after.busy - before.busy - own),
    memory: peakMemoryOf(exchange.pid),
  };
};

const share = (microseconds: number | undefined, seconds: number): string =>
  microseconds === undefined
    ? 'n/a'
    : `${((microseconds / 1e6 / seconds / cpus().length) * 100).toFixed(0)} %`;

const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? 'n/a' : (bytes / 1_048_576).toFixed(0);

const speedTable = (measured: readonly Level[]): Table => ({
  title: 'Inquiries through the local exchange, everything on this machine, every service in turn',
  columns: ['under way', 'inquiries', 'per second', 'p50 ms', 'p99 ms', 'peak MB', 'errors'],
  rows: measured.map(({ concurrency, inquiries, perSecond, p50, p99, memory, failures }) => [
    String(concurrency),
    String(inquiries),
    perSecond.toFixed(0),
    p50.toFixed(1),
    p99.toFixed(1),
    megabytes(memory),
    failures.length === 0 ? '0' : failures.join('; '),
  ]),
});

const cpuTable = (measured: readonly Level[]): Table => ({
  title: `Where the ${cpus().length} cores went`,
  columns: ['under way', 'exchange', 'agencies', 'store', 'generator', 'others', 'CPU ms/inquiry'],
  rows: measured.map(({ concurrency, cpu, elsewhere, seconds, inquiries }) => [
    String(concurrency),
    ...[cpu.exchange, cpu.agencies, cpu.store, cpu.generator, elsewhere].map((one) =>
      share(one, seconds),
    ),
    (ownTime(cpu) / 1000 / inquiries).toFixed(2),
  ]),
});

const ownTime = (cpu: Level['cpu']): number =>
  Object.values(cpu).reduce<number>((sum, value) => sum + (value ?? 0), 0);

const picture = (measured: readonly Level[]): string =>
  barChart({
    title: 'How long an inquiry takes',
    subtitle: 'Milliseconds on a logarithmic scale, by how many are under way at once',
    scale: 'logarithmic',
    bars: measured.flatMap(({ concurrency, p50, p99, perSecond }): readonly Bar[] => [
      {
        label: `${concurrency} at once: half are faster than`,
        value: p50,
        says: `${p50.toFixed(0)} ms (${perSecond.toFixed(0)} a second)`,
        tone: 'ours',
      },
      {
        label: '99 of 100 are faster than',
        value: p99,
        says: `${p99.toFixed(0)} ms`,
        tone: 'other',
      },
    ]),
  });

const reportOf = (measured: readonly Level[]): Report => {
  const best = Math.max(...measured.map(({ perSecond }) => perSecond));
  const memory = measured.at(-1)?.memory;
  const held = megabytes(memory);
  return {
    tables: [speedTable(measured), cpuTable(measured)],
    notes: [
      'Each inquiry has a token of its own, signed just before it is sent; signing is not in its time.',
      'peak MB: the most memory the exchange has held since it started.',
      'What others took of the cores is missing here: on a quiet machine the same code is faster.',
    ],
    aims: [
      {
        says: `${best.toFixed(0)} inquiries/s, at least ${aims.perSecond}`,
        met: best >= aims.perSecond,
      },
      {
        says: `the exchange holds ${held} MB, at most ${aims.megabytes}`,
        met: memory === undefined || memory <= aims.megabytes * 1_048_576,
      },
    ],
    failures: measured
      .filter(({ failures }) => failures.length > 0)
      .map(({ concurrency, failures }) => `at ${concurrency} at once: ${failures.join('; ')}`),
    figures: { levels: measured },
    pictures: { load: picture(measured) },
  };
};

const Ready = z.object({ ready: z.literal(true) });

/** Speed and latency of the exchange as `npm start` runs it, at three levels of concurrency. */
export const load: Bench = async (progress) => {
  progress(0, 'starting store, agencies and exchange');
  const site = await startSite();
  const file = new URL('../../infra/local/exchange-process.ts', import.meta.url);
  const output = join(site.directory, 'log');
  const exchange = startChild(file, { env: site.variables, output, nodeOptions: ['--max-old-space-size=128', '--max-semi-space-size=8'] });
  try {
    await exchange.hear(Ready);
    const generator = await startLoadGenerator(site.keys, site.origin);
    try {
      progress(0.1, 'warming up');
      await generator.ask(warmUp, LoadResult);
      const measured: Level[] = [];
      for (const [n, level] of levels.entries()) {
        progress(0.2 + (n / levels.length) * 0.8, `${level.concurrency} at once`);
        const order = { ...level, ask: 'every service' } as const;
        measured.push(await measureLevel(order, { site, exchange, generator }));
      }
      return reportOf(measured);
    } finally {
      await generator.close();
    }
  } finally {
    await exchange.close();
    await site.close();
  }
};
