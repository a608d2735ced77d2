import { parseArgs } from 'node:util';

export const benchNames = ['cpu', 'load', 'writes', 'bundles'] as const;
export type BenchName = (typeof benchNames)[number];

export type BenchArguments = {
  readonly benches: readonly BenchName[];
  /** The file that gets the figures as JSON. */
  readonly json: string | undefined;
  /** The directory that gets the pictures. */
  readonly plot: string | undefined;
};

const isBenchName = (text: string): text is BenchName => benchNames.some((name) => name === text);

/** Reads the command line; throws an error that says what would be right. */
export const readArguments = (args: readonly string[]): BenchArguments => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'string' }, plot: { type: 'string' } },
  });
  const benches = positionals.filter(isBenchName);
  if (benches.length < positionals.length) {
    throw new Error(`The benches are ${benchNames.join(', ')}; all of them when none is named.`);
  }
  return {
    benches: benches.length === 0 ? benchNames : benches,
    json: values.json,
    plot: values.plot,
  };
};
