import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { memoryFlags } from '#infra/local/bin/memory-flags.mjs';
import { barChart } from './bar-chart.ts';
import { writeSampleLog } from './log-directory.ts';
import { hastySigners, sampleSigners } from './log-entries.ts';
import { peakMemoryOf } from './process-facts.ts';
import { type Bench, whole } from './report.ts';

/** The most that the verifier may hold, in bytes: all its threads together. */
const aim = 200 * 1_048_576;

type Case = { readonly size: number; readonly signatures: boolean; readonly threads: number };

const threads = cpus().length;

const usual: readonly Case[] = [
  { size: 10_000, signatures: false, threads },
  { size: 100_000, signatures: false, threads },
  { size: 100_000, signatures: false, threads: 1 },
];
const long: Case = { size: 1_000_000, signatures: true, threads };

/** What the verification of one log came to. Times in seconds, memory in bytes. */
type Outcome = Case & { readonly seconds: number; readonly peak: number | undefined };

const commandLine = fileURLToPath(new URL('../../shared/client/cli/main.ts', import.meta.url));

/** Milliseconds between two looks at the memory of a process; its peak is kept by the system. */
const lookEvery = 50;

/** Runs `estelam verify` as a person does, and watches its memory. */
const verify = async (folder: string, policy: string, one: Case): Promise<Outcome> => {
  const depth = one.signatures ? [] : ['--no-signatures'];
  const args = [
    ...memoryFlags,
    commandLine,
    'verify',
    folder,
    '--policy',
    policy,
    '--json',
    ...depth,
  ];
  const started = performance.now();
  const child = spawn(process.execPath, [...args, '--jobs', String(one.threads)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const over = once(child, 'exit').then(([code]: readonly unknown[]) => code);
  let peak: number | undefined;
  const look = async (): Promise<void> => {
    while (child.exitCode === null && child.signalCode === null) {
      peak = peakMemoryOf(child.pid ?? 0) ?? peak;
      await wait(lookEvery);
    }
  };
  const [code] = await Promise.all([over, look()]);
  if (code !== 0)
    throw new Error(`The log of the bench does not verify: exit code ${String(code)}`);
  return { ...one, peak, seconds: (performance.now() - started) / 1000 };
};

const measure = async (one: Case, progress: (share: number) => void): Promise<Outcome> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-memory-'));
  try {
    const [folder, policy] = [join(directory, 'log'), join(directory, 'policy.txt')];
    const signers = one.signatures ? await sampleSigners() : await hastySigners();
    await writeSampleLog(folder, policy, one.size, signers, progress);
    return await verify(folder, policy, one);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const nameOf = ({ size, signatures, threads: many }: Case): string =>
  `${whole(size)} entries${signatures ? ' and signatures' : ''}, ${many} judging`;

const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? 'n/a' : (bytes / 1_048_576).toFixed(0);

/** The memory of a verification, by the size of the log: it must not grow with it. */
export const memory: Bench = async (progress, { full }) => {
  const cases = full ? [...usual, long] : usual;
  const outcomes: Outcome[] = [];
  for (const [n, one] of cases.entries()) {
    outcomes.push(
      await measure(one, (share) =>
        progress((n + share) / cases.length, `writing and verifying ${nameOf(one)}`),
      ),
    );
  }
  const most = Math.max(...outcomes.map(({ peak }) => peak ?? 0));
  return {
    tables: [
      {
        title: 'Verifying a log in a directory with the command line',
        columns: ['', 'peak MB', 'seconds', 'entries/s'],
        rows: outcomes.map((one) => [
          nameOf(one),
          megabytes(one.peak),
          one.seconds.toFixed(1),
          whole(one.size / one.seconds),
        ]),
      },
    ],
    notes: [
      'The whole process with its start and its judging threads; seconds by the clock.',
      ...(full ? [] : ['With --full: a log of a million entries, every signature verified.']),
    ],
    aims: [
      {
        says: `${megabytes(most)} MB, at most ${megabytes(aim)}, whatever the log and the threads`,
        met: most <= aim,
      },
    ],
    failures: [],
    figures: { outcomes },
    pictures: {
      'log-memory': barChart({
        title: 'What a verification holds in memory',
        subtitle: 'Most megabytes at any time, by the size of the log',
        scale: 'linear',
        bars: outcomes.map((one) => ({
          label: nameOf(one),
          value: (one.peak ?? 0) / 1_048_576,
          says: `${megabytes(one.peak)} MB`,
          tone: 'ours',
        })),
      }),
    },
  };
};
