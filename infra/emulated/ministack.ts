import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../constructs/bundling.ts';
import { freePort } from '../local/free-port.ts';
import { exchangeAccount, region } from './aws.ts';

export type MiniStack = AsyncDisposable & { readonly endpoint: string };

const isUp = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(`${endpoint}/_ministack/health`)).ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
};

/** Ends the process and whatever it started: it leads a group of its own. */
const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined) return;
  const gone =
    child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(5_000, undefined, { ref: false })]);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is empty: all of it went with its leader.
  }
};

/**
 * Starts MiniStack on a free port of this machine only, remembering nothing between starts, and
 * enforcing IAM as AWS does: a function that lacks a grant fails here too.
 *
 * It gets an environment of its own making, because the functions it runs inherit that: they see
 * what CDK gave them and nothing of this machine. It runs them with the first `node` on the path.
 */
export const startMiniStack = async (
  python: string,
  directory: string,
  signal: AbortSignal,
): Promise<MiniStack> => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const logFile = `${directory}/ministack.log`;
  // Outside the project, so that a function finds no `node_modules` but what is in its bundle.
  const scratch = await mkdtemp(`${tmpdir()}/estelam-emulated-`);
  const log = await open(logFile, 'w');

  const child = spawn(python, ['-m', 'ministack'], {
    cwd: scratch,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: `${projectRoot}node_modules/.bin:${process.env['PATH'] ?? ''}`,
      HOME: scratch,
      TMPDIR: scratch,
      LANG: 'C.UTF-8',
      PYTHONUNBUFFERED: '1',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: 'localhost',
      MINISTACK_REGION: region,
      AWS_ACCESS_KEY_ID: exchangeAccount.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: exchangeAccount.credentials.secretAccessKey,
      AUTH: 'true',
      PERSIST_STATE: '0',
      LAMBDA_EXECUTOR: 'local',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
  });
  await log.close();
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);

  await using resources = new AsyncDisposableStack();
  resources.defer(() => rm(scratch, { recursive: true, force: true }));
  resources.defer(() => end(child));

  for (let attempt = 0; !(await isUp(endpoint)); attempt += 1) {
    signal.throwIfAborted();
    if (child.exitCode !== null || attempt > 300) {
      const text = await readFile(logFile, 'utf8');
      throw new Error(`MiniStack did not start:\n${text.trim().split('\n').slice(-15).join('\n')}`);
    }
    await Promise.race([sleep(100), failed]);
  }
  const owned = resources.move();
  return { endpoint, [Symbol.asyncDispose]: () => owned.disposeAsync() };
};
