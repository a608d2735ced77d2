import { join } from 'node:path';
import * as z from 'zod';
import { type Bar, barChart } from './bar-chart.ts';
import { startChild } from './child.ts';
import { type Aim, type Bench, type Progress, type Table, times, whole } from './report.ts';
import { startSite } from './site.ts';

/** The most an inquiry may cost, as a multiple of the floor. */
const aim = 2.5;

const Said = z.union([
  z.object({ share: z.number() }),
  z.object({ rounds: z.number(), medians: z.record(z.string(), z.number()) }),
]);

/** Microseconds of CPU by the name of what was measured. */
type Medians = Readonly<Record<string, number>>;

const wholes = ['without hold', 'with hold', 'with hold, over HTTP'] as const;
const others = ['floor', 'floor (node:crypto)', 'bare PutItem', 'SDK PutItem', 'digests'] as const;

type Measured = { readonly rounds: number; readonly medians: Medians };

const measure = async (progress: Progress): Promise<Measured> => {
  progress(0, 'starting store, agencies and exchange');
  const site = await startSite();
  const process = startChild(new URL('cpu-process.ts', import.meta.url), {
    env: site.variables,
    args: [site.keys],
    nodeOptions: ['--expose-gc'],
    output: join(site.directory, 'log'),
  });
  try {
    for (;;) {
      const said = await process.hear(Said);
      if ('medians' in said) return said;
      progress(said.share, 'CPU time in turns');
    }
  } finally {
    await process.close();
    await site.close();
  }
};

const stepsOf = (medians: Medians): readonly (readonly [string, number])[] => {
  const known = new Set<string>([...wholes, ...others]);
  return Object.entries(medians).filter(([name]) => !known.has(name));
};

const wholeTable = (medians: Medians, floor: number): Table => ({
  title: 'CPU time of one inquiry (µs, median, all threads of the exchange)',
  columns: ['', 'µs', '÷ floor'],
  rows: [
    ['floor: 2 verify, 2 sign, digests, 2 puts', floor],
    ['the same with node:crypto', medians['floor (node:crypto)'] ?? 0],
    ['without hold', medians['without hold'] ?? 0],
    ['with hold', medians['with hold'] ?? 0],
    ['with hold, over HTTP, with its log line', medians['with hold, over HTTP'] ?? 0],
  ].map(([name = '', value = 0]) => [
    String(name),
    whole(Number(value)),
    times(Number(value) / floor),
  ]),
});

const putTable = (medians: Medians): Table => {
  const bare = medians['bare PutItem'] ?? 0;
  const ours = (medians['put 2 rows (HTTP)'] ?? 0) / 2;
  const sdk = medians['SDK PutItem'] ?? 0;
  return {
    title: 'One conditional PutItem (µs)',
    columns: ['', 'µs', '÷ bare'],
    rows: [
      ['bare', whole(bare), times(1)],
      ['ours', whole(ours), times(ours / bare)],
      ['AWS SDK', whole(sdk), times(sdk / bare)],
    ],
  };
};

type Step = readonly [name: string, microseconds: number];

/** The steps, the dearest first, and what is left: the server, promises and garbage. */
const partsOf = (medians: Medians): readonly Step[] => {
  const steps = stepsOf(medians).toSorted(([, a], [, b]) => b - a);
  const sum = steps.reduce((total, [, value]) => total + value, 0);
  const left = Math.max(0, (medians['with hold, over HTTP'] ?? 0) - sum);
  return [...steps, ['the rest: HTTP server, handler, garbage', left]];
};

const stepTable = (parts: readonly Step[], total: number): Table => ({
  title: 'Where the time goes (with hold, over HTTP; each step measured alone)',
  columns: ['', 'µs', 'share'],
  rows: parts.map(([name, value]) => [
    name,
    whole(value),
    `${((value / total) * 100).toFixed(0)} %`,
  ]),
});

const picture = (parts: readonly Step[], floor: number, total: number): string => {
  const bar = (label: string, value: number, tone: Bar['tone']): Bar => ({
    label,
    value,
    tone,
    says: `${whole(value)} µs`,
  });
  return barChart({
    title: 'Where the CPU time of an inquiry goes',
    subtitle: 'Microseconds on one core, the exchange alone; answer held, over HTTP',
    scale: 'linear',
    bars: [
      bar('one inquiry', total, 'ours'),
      bar('the floor', floor, 'floor'),
      ...parts.map(([name, value]) => bar(name, value, 'other')),
    ],
  });
};

const aimsOf = (medians: Medians, floor: number): readonly Aim[] =>
  wholes.map((name) => {
    const ratio = (medians[name] ?? 0) / floor;
    return { says: `${name}: ${times(ratio)} the floor, at most ${aim}`, met: ratio <= aim };
  });

/** CPU time of an inquiry beside the least it could cost, measured in turns in one process. */
export const cpu: Bench = async (progress) => {
  const { medians, rounds } = await measure(progress);
  const floor = medians['floor'] ?? 0;
  const total = medians['with hold, over HTTP'] ?? 0;
  const parts = partsOf(medians);
  return {
    tables: [wholeTable(medians, floor), putTable(medians), stepTable(parts, total)],
    notes: [`Medians of ${rounds} rounds; in each round every line was measured once, in turns.`],
    aims: aimsOf(medians, floor),
    failures: [],
    figures: { rounds, ...medians },
    pictures: { cpu: picture(parts, floor, total) },
  };
};
