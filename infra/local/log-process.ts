/**
 * What AWS runs on a schedule, as a process of its own, for as long as the parent lives: the log, what
 * finishes changes of the registry, what rotates the exchange's key, and what erases. It can be stopped
 * at any moment, as a Lambda can.
 */
type Run = (event: object) => Promise<unknown>;

/** Go on for as long as they are told to. */
const lasting = [
  'sequence-log',
  'publish-log',
  'index-log',
  'run-exports',
  'run-erasures',
] as const;

/** Are over soon; every so many milliseconds they are due again. */
const recurring = {
  'settle-registry': 60_000,
  'rotate-key': 3_600_000,
  'publish-open-data': 3_600_000,
  'take-census': 3_600_000,
} as const;

type Name = (typeof lasting)[number] | keyof typeof recurring;

const isRun = (value: unknown): value is Run => typeof value === 'function';

/** Loads a function's handler by its path, as Lambda does. */
const loadRun = async (name: Name): Promise<Run> => {
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
  const runs = await Promise.all(lasting.map(loadRun));
  // What happened while this was away is in the log, and cosigned, before it says that it is ready.
  for (const run of runs) await run({ seconds: 0 });
  return runs;
};

/** Runs a function now and whenever it is due; it has told itself what it failed of. */
const recur = async (name: keyof typeof recurring): Promise<void> => {
  const run = await loadRun(name);
  const attempt = (): Promise<unknown> => run({}).catch(() => undefined);
  await attempt();
  setInterval(() => void attempt(), recurring[name]);
};

const runs = await begin().catch((error: unknown) => fail('The log did not start', error));
await Promise.all([
  recur('settle-registry'),
  recur('rotate-key'),
  recur('publish-open-data'),
  recur('take-census'),
]).catch((error: unknown) => fail('What runs by the clock did not start', error));
process.send?.({ ready: true });
await Promise.all(runs.map(forEver)).catch((error: unknown) => fail('The log ended', error));
