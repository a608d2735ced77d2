import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { memoryFlags } from '#infra/local/bin/memory-flags.mjs';
import { barChart } from './bar-chart.ts';
import { startChild } from './child.ts';
import { writeSampleLog } from './log-directory.ts';
import { hastySigners } from './log-entries.ts';
import { median } from './measure.ts';
import { peakMemoryOf } from './process-facts.ts';
import { type Bench, times, whole } from './report.ts';

/** Entries of the logs: what is true of memory shows in the difference. */
const usual = { sizes: [20_000, 80_000], rounds: 3 } as const;
const fullest = { sizes: [80_000, 1_000_000], rounds: 1 } as const;

/** Entries a second by the clock, over files. */
const aim = 20_000;

/** By how much the peak may grow from the shorter log to the longer, in bytes. */
const growthAim = 48 * 1_048_576;

const Made = z.object({ seconds: z.number(), cpu: z.number(), bytes: z.int() });
type Made = z.infer<typeof Made> & { readonly peak: number | undefined };

/** Runs one process over the log in a directory, with a new place for what it writes. */
const run = async (mode: 'export' | 'floor', objects: string, bytes: number): Promise<Made> => {
  const derived = await mkdtemp(join(tmpdir(), 'estelam-exports-'));
  const args = [mode, objects, derived, String(bytes)];
  const file = new URL('./export-process.ts', import.meta.url);
  const child = startChild(file, { args, nodeOptions: memoryFlags });
  let peak: number | undefined;
  const look = setInterval(() => {
    peak = peakMemoryOf(child.pid) ?? peak;
  }, 20);
  try {
    return { ...(await child.hear(Made)), peak };
  } finally {
    clearInterval(look);
    await child.close();
    await rm(derived, { recursive: true, force: true });
  }
};

type Outcome = {
  readonly size: number;
  readonly exported: readonly Made[];
  readonly floor: readonly Made[];
};

const measure = async (
  size: number,
  rounds: number,
  progress: (share: number) => void,
): Promise<Outcome> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-export-log-'));
  try {
    const objects = join(directory, 'objects');
    const [folder, policy] = [join(objects, 'log', '0'), join(directory, 'policy.txt')];
    await writeSampleLog(folder, policy, size, await hastySigners(), (share) =>
      progress(share / 2),
    );
    const exported: Made[] = [];
    const floor: Made[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const made = await run('export', objects, 0);
      exported.push(made);
      floor.push(await run('floor', objects, made.bytes));
      progress(0.5 + (round + 1) / rounds / 2);
    }
    return { size, exported, floor };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const of = (all: readonly Made[], name: 'seconds' | 'cpu'): number =>
  median(all.map((one) => one[name]));

const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? 'n/a' : (bytes / 1_048_576).toFixed(0);

const peakOf = ({ exported }: Outcome): number =>
  Math.max(...exported.map(({ peak }) => peak ?? 0));

const rowOf = (
  name: string,
  made: readonly Made[],
  { size, floor }: Outcome,
): readonly string[] => {
  const seconds = of(made, 'seconds');
  return [
    `${whole(size)} entries, ${name}`,
    seconds.toFixed(2),
    of(made, 'cpu').toFixed(2),
    whole(size / seconds),
    times(seconds / of(floor, 'seconds')),
    times(of(made, 'cpu') / of(floor, 'cpu')),
    megabytes(Math.max(...made.map(({ peak }) => peak ?? 0))),
  ];
};

const rowsOf = (outcome: Outcome): readonly (readonly string[])[] => [
  rowOf('export', outcome.exported, outcome),
  rowOf('floor: bundles read, as many bytes written and read', outcome.floor, outcome),
];

/** How fast a job makes an export over files, and in how much memory. */
export const exports: Bench = async (progress, { full }) => {
  const { sizes, rounds } = full ? fullest : usual;
  const outcomes: Outcome[] = [];
  for (const [n, size] of sizes.entries()) {
    outcomes.push(
      await measure(size, rounds, (share) =>
        progress((n + share) / sizes.length, `exporting ${whole(size)} entries`),
      ),
    );
  }
  const [small, large] = outcomes;
  if (small === undefined || large === undefined) throw new Error('The bench measured nothing.');
  const rate = large.size / of(large.exported, 'seconds');
  const growth = peakOf(large) - peakOf(small);
  return {
    tables: [
      {
        title: 'A job that makes an export of a whole log, over files',
        columns: ['', 's', 'CPU s', 'entries/s', '÷ floor', 'CPU ÷ floor', 'peak MB'],
        rows: outcomes.flatMap(rowsOf),
      },
    ],
    notes: [
      `Medians of rounds in turns (${rounds}), each a process of its own; every write is made durable.`,
      `An export of ${whole(large.size)} entries is ${megabytes(large.exported[0]?.bytes)} MB.`,
    ],
    aims: [
      { says: `${whole(rate)} entries/s, at least ${whole(aim)}`, met: rate >= aim },
      {
        says: `${megabytes(growth)} MB more for ${large.size / small.size} times the entries, at most ${megabytes(growthAim)}`,
        met: growth <= growthAim,
      },
    ],
    failures: [],
    figures: { outcomes },
    pictures: {
      exports: barChart({
        title: 'What it takes to make an export',
        subtitle: `Seconds for ${whole(large.size)} entries`,
        scale: 'linear',
        bars: [
          {
            label: 'export',
            value: of(large.exported, 'seconds'),
            says: `${of(large.exported, 'seconds').toFixed(1)} s`,
            tone: 'ours' as const,
          },
          {
            label: 'floor',
            value: of(large.floor, 'seconds'),
            says: `${of(large.floor, 'seconds').toFixed(1)} s`,
            tone: 'floor' as const,
          },
        ],
      }),
    },
  };
};
