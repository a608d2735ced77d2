/**
 * `npm run bench -- [cpu] [load] [writes] [bundles] [decision] [registry] [quotas] [entries] [feeding] [exports] [reading] [log] [--full] [--json FILE] [--plot DIRECTORY]`;
 * `log` stands for sequencing, verification, proofs, merge-delay and memory.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { type BenchName, readArguments } from './arguments.ts';
import { showProgress } from './progress.ts';
import { type Bench, type BenchOptions, formatReport, type Report } from './report.ts';

/** Loaded when they are asked for: one of them needs the whole of CDK. */
const benches: Readonly<Record<BenchName, () => Promise<Bench>>> = {
  cpu: async () => (await import('./cpu.ts')).cpu,
  load: async () => (await import('./load.ts')).load,
  writes: async () => (await import('./writes.ts')).writes,
  bundles: async () => (await import('./bundles.ts')).bundles,
  decision: async () => (await import('./decision.ts')).decision,
  registry: async () => (await import('./registry-size.ts')).registrySize,
  quotas: async () => (await import('./quotas.ts')).quotas,
  entries: async () => (await import('./index-entries.ts')).entries,
  feeding: async () => (await import('./feeding.ts')).feeding,
  exports: async () => (await import('./exports.ts')).exports,
  reading: async () => (await import('./reading.ts')).reading,
  sequencing: async () => (await import('./log-sequencing.ts')).sequencing,
  verification: async () => (await import('./log-verification.ts')).verification,
  proofs: async () => (await import('./log-proofs.ts')).proofs,
  'merge-delay': async () => (await import('./log-merge-delay.ts')).mergeDelay,
  memory: async () => (await import('./log-memory.ts')).memory,
};

const run = async (name: BenchName, options: BenchOptions): Promise<Report> => {
  const progress = showProgress(name);
  const bench = await benches[name]();
  const report = await bench(progress, options);
  progress.done();
  process.stdout.write(`\n${formatReport(report)}\n`);
  return report;
};

const draw = async (directory: string, pictures: Report['pictures']): Promise<void> => {
  await mkdir(directory, { recursive: true });
  for (const [name, svg] of Object.entries(pictures)) {
    await writeFile(join(directory, `${name}.svg`), svg);
  }
};

try {
  const { benches: wanted, json, plot, full } = readArguments(process.argv.slice(2));
  const [load = 0] = loadavg();
  const machine = `Node.js ${process.versions.node}, ${cpus().length} cores`;
  process.stdout.write(`${machine}; load average at the start ${load.toFixed(1)}\n`);
  const figures: Record<string, object> = {};
  for (const name of wanted) {
    const report = await run(name, { full });
    figures[name] = report.figures;
    if (plot !== undefined) await draw(plot, report.pictures);
    if (report.failures.length > 0) process.exitCode = 1;
  }
  if (json !== undefined) {
    const document = { machine, date: new Date().toISOString(), ...figures };
    await writeFile(json, `${JSON.stringify(document, undefined, 2)}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
