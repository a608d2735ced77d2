/** `npm start` as its users run it: infra/local/main.ts in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { freePort } from '#infra/local/free-port.ts';
import { findStoreBinary } from '#infra/local/store.ts';
import { descendantsOf, until } from './processes.ts';
import { temporaryFolder } from './temporary-folder.ts';

const main = fileURLToPath(new URL('../../infra/local/main.ts', import.meta.url));

export type Environment = Readonly<Record<string, string>>;

export type Started = AsyncDisposable & {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<number | null>;
};

export const start = (environment: Environment, args: readonly string[] = []): Started => {
  const env = { ...process.env, DYNAMODB_ENDPOINT: '', ...environment };
  const child = spawn(process.execPath, [main, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.errors += text;
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  return {
    child,
    output: () => said.output,
    errors: () => said.errors,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/** Resolves when a text is shown; rejects with what was said when it ended before. */
export const shows = async (
  { output, errors, child }: Started,
  text: string | RegExp,
): Promise<void> => {
  await until(() => output().search(text) >= 0 || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(errors());
};

/** Resolves when the way on is shown, the last that it says. */
export const ready = (started: Started): Promise<void> => shows(started, 'Ctrl-C');

/** Everything it has started. */
export const familyOf = ({ child }: Pick<Started, 'child'>): readonly number[] =>
  descendantsOf(child.pid ?? 0);

/** A data directory and a port of its own. */
export const place = async () => {
  const folder = await temporaryFolder();
  const environment = { ESTELAM_DATA: folder.path, PORT: String(await freePort()) };
  return { ...folder, environment, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
};

export const skipWithoutStore = (context: TestContext): void => {
  context.skip(
    findStoreBinary() === undefined,
    'the embedded store has no binary for this machine',
  );
  context.skip(process.platform !== 'linux', 'processes are looked up in /proc');
};
