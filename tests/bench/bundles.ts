import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { entryOf, esbuildOptions, projectRoot } from '#infra/constructs/bundling.ts';
import { routes } from '#shared/api/routes.ts';
import { median } from './measure.ts';
import type { Bench } from './report.ts';

/** The most the function of the hot path may weigh, in kilobytes of 1,000. */
const aim = 600;
const hot = 'submit-inquiry';

const rounds = 9;

/** The SDK with nothing around it: what every function would carry. */
const bareSdk = [
  "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
  'export const handler = new DynamoDBClient({});',
].join('\n');

type Bundle = { readonly name: string; readonly path: string; readonly size: number };

const bundle = async (name: string, options: BuildOptions, directory: string): Promise<Bundle> => {
  const { outputFiles } = await build({ ...options, write: false });
  const [code] = outputFiles;
  if (code === undefined) throw new Error(`Nothing came of bundling ${name}.`);
  const path = join(directory, `${name}.mjs`);
  await writeFile(path, code.contents);
  return { name, path, size: code.contents.length };
};

const bundleAll = async (directory: string): Promise<readonly Bundle[]> => {
  const names = [...new Set(routes.map((route) => route.function))];
  const stdin = { contents: bareSdk, resolveDir: projectRoot, loader: 'ts' } as const;
  return Promise.all([
    ...names.map((name) => bundle(name, esbuildOptions(entryOf(name)), directory)),
    bundle('bare SDK', { ...esbuildOptions(''), entryPoints: [], stdin }, directory),
  ]);
};

const run = promisify(execFile);

const timeImport =
  'const t = performance.now(); await import(process.argv[1]); console.log(performance.now() - t);';

/** Milliseconds that a fresh process takes to import a bundle; its own start does not count. */
const importTime = async ({ path }: Bundle): Promise<number> => {
  const args = ['--input-type=module', '--eval', timeImport, path];
  const { stdout } = await run(process.execPath, args, { env: {} });
  return Number(stdout);
};

const kilobytes = (size: number): string => (size / 1000).toFixed(0);

/** What is deployed for each function, and how long it takes to load. */
export const bundles: Bench = async (progress) => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-bundles-'));
  try {
    progress(0, 'bundling');
    const made = await bundleAll(directory);
    const samples = new Map<string, number[]>(made.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      progress(round / rounds, 'importing in fresh processes');
      for (const one of made) samples.get(one.name)?.push(await importTime(one));
    }
    const times = new Map([...samples].map(([name, values]) => [name, median(values)]));
    const sdk = times.get('bare SDK') ?? 0;
    const size = made.find(({ name }) => name === hot)?.size ?? 0;
    return {
      tables: [
        {
          title: 'Bundles, minified as they are deployed, and their import in a fresh process',
          columns: ['function', 'kB', 'import ms', '÷ bare SDK'],
          rows: made.map((one) => {
            const time = times.get(one.name) ?? 0;
            return [one.name, kilobytes(one.size), time.toFixed(0), (time / sdk).toFixed(2)];
          }),
        },
      ],
      notes: [`Medians of ${rounds} processes each, in turns.`],
      aims: [{ says: `${hot}: ${kilobytes(size)} kB, at most ${aim}`, met: size <= aim * 1000 }],
      failures: [],
      figures: Object.fromEntries(
        made.map((one) => [one.name, { bytes: one.size, importMs: times.get(one.name) ?? 0 }]),
      ),
      pictures: {},
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
