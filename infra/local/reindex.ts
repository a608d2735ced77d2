/**
 * `estelam reindex`: makes what auditors search again from the log and the vault, of this machine's
 * exchange or of the one that the environment describes; `--check` only compares.
 */
import { parseArgs } from 'node:util';
import { type Progress, progressOn, silent } from '#shared/client/cli/progress.ts';
import { differs, ReindexReport, reindexText } from '#shared/client/reindex-report.ts';
import { loadFunction } from './load-function.ts';
import { openPlace } from './reindex-place.ts';

/** As `estelam reindex --help` lists them. */
const codes = { wrongUsage: 2, failed: 3, differs: 11 } as const;

class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

const readOptions = () => {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      options: { shard: { type: 'string' }, check: flag, json: flag },
      allowPositionals: false,
    });
    const { shard } = values;
    if (shard !== undefined && !/^[0-9]{1,2}$/.test(shard)) {
      throw new WrongUsage('--shard must be the number of a log, from 0 on.');
    }
    return values;
  } catch (error) {
    // Of what parseArgs says the first sentence is enough.
    throw error instanceof TypeError ? new WrongUsage(error.message, { cause: error }) : error;
  }
};

/** A bar, or lines, for each log in its turn. */
const tellingOn = (doing: string, isTold: boolean) => {
  let shown: { readonly shard: number; readonly progress: Progress } | undefined;
  const end = (): void => shown?.progress.end();
  const at = (shard: number, done: number, size: number): void => {
    if (shown?.shard !== shard) {
      end();
      shown = { shard, progress: isTold ? progressOn(process.stderr, doing) : silent };
    }
    shown.progress.at(done, size);
  };
  return { at, end };
};

const run = async (): Promise<number> => {
  const { shard, check, json } = readOptions();
  await using place = await openPlace(process.env);
  const reindexLogs = await loadFunction('reindexing.ts', 'reindexLogs');
  const telling = tellingOn(check ? 'Comparing' : 'Indexing again', !json);
  const wanted = { check, ...(shard !== undefined && { shard: Number(shard) }) };
  const report = ReindexReport.parse(
    await Promise.resolve(reindexLogs(place.variables, wanted, telling.at)).finally(telling.end),
  );
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : reindexText(report));
  return differs(report) ? codes.differs : 0;
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The store ends with its parent; what was made stays.
  process.once(signal, () => process.exit(codes.failed));
}

process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'Unknown error.'}\n`);
  return error instanceof WrongUsage ? codes.wrongUsage : codes.failed;
});
