import { parseArgs } from 'node:util';

/** The benches of the log: `log` names them all. */
const logBenches = ['sequencing', 'verification', 'proofs', 'merge-delay', 'memory'] as const;

export const benchNames = [
  'cpu',
  'load',
  'writes',
  'bundles',
  'decision',
  'registry',
  'quotas',
  'entries',
  'feeding',
  'exports',
  'reading',
  ...logBenches,
] as const;
export type BenchName = (typeof benchNames)[number];

export type BenchArguments = {
  readonly benches: readonly BenchName[];
  /** The file that gets the figures as JSON. */
  readonly json: string | undefined;
  /** The directory that gets the pictures. */
  readonly plot: string | undefined;
  /** Whether what takes many minutes is measured too. */
  readonly full: boolean;
};

const isBenchName = (text: string): text is BenchName => benchNames.some((name) => name === text);

/** Reads the command line; throws an error that says what would be right. */
export const readArguments = (args: readonly string[]): BenchArguments => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'string' }, plot: { type: 'string' }, full: { type: 'boolean' } },
  });
  const named = positionals.flatMap((name) => (name === 'log' ? logBenches : [name]));
  const benches = named.filter(isBenchName);
  if (benches.length < named.length) {
    const names = benchNames.join(', ');
    throw new Error(`The benches are ${names}, or log; all of them when none is named.`);
  }
  return {
    benches: benches.length === 0 ? benchNames : benches,
    json: values.json,
    plot: values.plot,
    full: values.full ?? false,
  };
};
