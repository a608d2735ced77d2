/** What is measured: `prepare` is not, `run` is, and then divided by the number of `items`. */
export type Work = {
  readonly name: string;
  readonly prepare: () => Promise<{
    readonly items: number;
    readonly run: () => Promise<number | void>;
  }>;
};

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return (low + high) / 2;
};

/** The value below which such a share of the values lies; `share` from 0 to 1. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

/** Does something with every item, so many at once. */
export const inParallel = async <Item>(
  concurrency: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
};

const cpuTime = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Microseconds of CPU, user and system and of all threads of this process, for one item. */
const measureOnce = async ({ prepare }: Work): Promise<number> => {
  const { items, run } = await prepare();
  globalThis.gc?.();
  const before = cpuTime();
  const done = await run();
  return (cpuTime() - before) / (done ?? items);
};

/** A median of fewer turns says nothing. */
const fewestRounds = 5;

/**
 * Measures several works in turns for about so many seconds, so that a noisy minute meets all of
 * them alike, and gives each one's median. The first rounds warm up and do not count.
 */
export const measureInTurns = async (
  works: readonly Work[],
  { warmUp, seconds }: { readonly warmUp: number; readonly seconds: number },
  progress: (share: number) => void,
): Promise<{ readonly rounds: number; readonly medians: ReadonlyMap<string, number> }> => {
  const samples = new Map<string, number[]>(works.map(({ name }) => [name, []]));
  const started = performance.now();
  const spent = (): number => (performance.now() - started) / 1000 / seconds;
  let round = 0;
  for (; round < warmUp + fewestRounds || spent() < 1; round += 1) {
    for (const work of works) {
      const sample = await measureOnce(work);
      if (round >= warmUp) samples.get(work.name)?.push(sample);
      progress(Math.min(1, spent()));
    }
  }
  const medians = new Map([...samples].map(([name, values]) => [name, median(values)]));
  return { rounds: round - warmUp, medians };
};
