/**
 * The log as a process of its own: the functions that AWS runs on a schedule, for as long as the
 * parent lives. It can be stopped at any moment, as a Lambda can.
 */
type Run = (event: { readonly seconds: number }) => Promise<unknown>;

const names = ['sequence-log', 'publish-log', 'index-log'] as const;

const isRun = (value: unknown): value is Run => typeof value === 'function';

/** Loads a function's handler by its path, as Lambda does. */
const loadRun = async (name: (typeof names)[number]): Promise<Run> => {
  const module: unknown = await import(
    new URL(`../../functions/${name}/handler.ts`, import.meta.url).href
  );
  const handler =
    typeof module === 'object' && module !== null && 'handler' in module
      ? module.handler
      : undefined;
  if (!isRun(handler)) throw new TypeError(`functions/${name}/handler.ts has no handler.`);
  return handler;
};

/** Seconds of one call: what EventBridge gives. */
const seconds = 55;

const forEver = async (run: Run): Promise<never> => {
  for (;;) await run({ seconds });
};

for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
  process.once(event, () => process.exit(0));
}

const fail = (what: string, error: unknown): never => {
  const failed = `${what}: ${error instanceof Error ? error.message : 'unknown error'}`;
  process.send?.({ failed });
  process.stderr.write(`${failed}\n`);
  process.exit(1);
};

/** Loads the functions, and lets them catch up. */
const begin = async (): Promise<readonly Run[]> => {
  const runs = await Promise.all(names.map(loadRun));
  // What happened while this was away is in the log, and cosigned, before it says that it is ready.
  for (const run of runs) await run({ seconds: 0 });
  return runs;
};

const runs = await begin().catch((error: unknown) => fail('The log did not start', error));
process.send?.({ ready: true });
await Promise.all(runs.map(forEver)).catch((error: unknown) => fail('The log ended', error));
