import { hash } from 'node:crypto';
import { cpus } from 'node:os';
import { parseBundle } from '#shared/audit/tlog/bundle.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { judgePool } from '#shared/client/cli/judge-pool.ts';
import { readBlocks } from '#shared/client/verify/read-blocks.ts';
import { treeCheck } from '#shared/client/verify/tree-check.ts';
import { equalBytes } from '#shared/kernel/bytes.ts';
import { barChart } from './bar-chart.ts';
import { type SampleLog, sampleLog, verifySample } from './log-sample.ts';
import { measureInTurns, median, type Work } from './measure.ts';
import { type Bench, times, whole } from './report.ts';
import { bareVerifications } from './signature-floor.ts';

/** Entries of the log that is hashed, and of the shorter one whose signatures are verified. */
const many = 8192;
const few = 1024;

/** The least that is aimed at: leaf hashes and tree, entries a second on one core. */
const aim = 100_000;

const threads = cpus().length;

/** What remains of a verification when no entry is looked into: every leaf hash, tile and the root. */
const leafAndTree = async ({ reader, size, root }: SampleLog): Promise<void> => {
  const wrong: unknown[] = [];
  const tree = treeCheck(reader, new Set(), (finding) => wrong.push(finding));
  for await (const block of readBlocks(reader, size, true)) {
    const entries = parseBundle(block.bundle ?? new Uint8Array(), block.width) ?? [];
    await tree.add(block, entries.map(leafHash));
  }
  if (wrong.length > 0 || !equalBytes(await tree.finish(), root)) {
    throw new Error('The log of the bench does not verify.');
  }
};

const work = (name: string, items: number, run: () => Promise<unknown>): Work => ({
  name,
  prepare: async () => ({ items, run: async () => void (await run()) }),
});

const names = {
  tree: 'leaf hashes and tree',
  form: 'and the form of every leaf',
  signatures: 'and the signatures in it',
  sha: 'floor: SHA-256 of each leaf',
  p256: 'floor: 2 P-256 verifications',
  ed25519: '2 Ed25519 verifications',
} as const;

const floors: ReadonlySet<string> = new Set([names.sha, names.p256]);

const worksOf = (log: SampleLog, short: SampleLog): readonly Work[] => {
  const bare = bareVerifications();
  const twice = async (verify: () => unknown): Promise<void> => {
    for (let n = 0; n < 2 * few; n += 1) verify();
  };
  return [
    work(names.tree, log.size, () => leafAndTree(log)),
    work(names.form, log.size, () => verifySample(log, 'form')),
    work(names.signatures, short.size, () => verifySample(short, 'all')),
    work(names.sha, log.size, async () => {
      for (const leaf of log.leaves) hash('sha256', leaf, 'binary');
    }),
    work(names.p256, few, () => twice(bare.p256)),
    work(names.ed25519, few, () => twice(bare.ed25519)),
  ];
};

/** Entries a second by the clock, with a thread for each core. */
const onAllCores = async (log: SampleLog): Promise<number> => {
  const rates: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using owned = new AsyncDisposableStack();
    const started = performance.now();
    await verifySample(log, 'all', (settings) => owned.use(judgePool(threads, settings)));
    rates.push(log.size / ((performance.now() - started) / 1000));
  }
  return median(rates);
};

const rate = (microseconds: number): number => 1e6 / microseconds;

const reportOf = (
  { medians, rounds }: Awaited<ReturnType<typeof measureInTurns>>,
  allCores: number,
): Awaited<ReturnType<Bench>> => {
  const of = (name: string): number => medians.get(name) ?? Number.NaN;
  const floorOf = (name: string): number =>
    name === names.signatures || name === names.ed25519 || name === names.p256
      ? of(names.p256)
      : of(names.sha);
  const reached = rate(of(names.tree));
  return {
    tables: [
      {
        title: 'Verifying one entry (CPU of all threads)',
        columns: ['', 'µs', 'a second, one core', '÷ floor'],
        rows: [...medians].map(([name, value]) => [
          name,
          value.toFixed(1),
          whole(rate(value)),
          times(value / floorOf(name)),
        ]),
      },
    ],
    notes: [
      `Medians of ${rounds} rounds in turns; ${many} and ${few} entries, ES256, files in memory.`,
      'With signatures the floor is the two of an inquiry, else SHA-256 of its leaf.',
      `With signatures and ${threads} threads: ${whole(allCores)} entries/s by the clock, threads started anew.`,
    ],
    aims: [
      {
        says: `leaf and tree: ${whole(reached)} entries/s on one core, at least ${whole(aim)}`,
        met: reached >= aim,
      },
    ],
    failures: [],
    figures: { rounds, threads, allCores, ...Object.fromEntries(medians) },
    pictures: {
      'log-verification': barChart({
        title: 'What it costs to verify an entry of the log',
        subtitle: 'Microseconds of CPU for one entry, on a logarithmic scale',
        scale: 'logarithmic',
        bars: [...medians].map(([label, value]) => ({
          label,
          value,
          says: `${value.toFixed(1)} µs (${whole(rate(value))} a second)`,
          tone: floors.has(label) ? ('floor' as const) : ('ours' as const),
        })),
      }),
    },
  };
};

/** How fast a log is verified: its tree, the form of its leaves, and the signatures in them. */
export const verification: Bench = async (progress) => {
  progress(0, 'signing inquiries');
  const log = await sampleLog(many);
  const short = await sampleLog(few);
  const works = worksOf(log, short);
  const measured = await measureInTurns(works, { warmUp: 2, seconds: 12 }, (share) =>
    progress(0.2 + share * 0.5, 'one thread, in turns'),
  );
  progress(0.7, `signatures on ${threads} threads`);
  return reportOf(measured, await onAllCores(log));
};
