import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { freePort } from './free-port.ts';

export type Store = {
  /** The base URL of a DynamoDB-compatible store. */
  readonly endpoint: string;
  readonly close: () => Promise<void>;
};

type OwnStore = Store & {
  readonly pid: number;
  /** Resolves when the store has ended, however it did. */
  readonly ended: Promise<void>;
};

/** Milliseconds the store may take until it listens. */
const startTime = 10_000;

const thisMachine = `${platform()}-${arch()}`;

/** The embedded store's binary; undefined where npm has none for the machine, as `linux-x64`. */
export const findStoreBinary = (machine: string = thisMachine): string | undefined => {
  try {
    const found = createRequire(import.meta.url).resolve(`@dynoxide/${machine}/package.json`);
    const binary = join(dirname(found), platform() === 'win32' ? 'dynoxide.exe' : 'dynoxide');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
};

type StoreProcess = ChildProcessByStdio<null, null, Readable>;

/** Undefined once the store listens, as it says itself; else what it said when it ended. */
const whyNotListening = async (child: StoreProcess): Promise<string | undefined> => {
  const known = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => known.resolve('it said nothing.'), startTime);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (words: string) => {
    said = (said + words).slice(-1000);
    if (said.includes('listening on')) known.resolve(undefined);
  });
  child.once('error', ({ message }) => known.resolve(message));
  child.once('close', () => known.resolve(said.trim().replace(/^error: /, '')));
  try {
    return await known.promise;
  } finally {
    clearTimeout(timer);
  }
};

const stop = async (child: StoreProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5000);
  await once(child, 'exit');
  clearTimeout(force);
};

/**
 * Has the file of the database, and what may stand beside it, for its owner only: the store itself makes
 * it for everybody to read, in a directory that was there with whatever mode. Where a disk knows no modes
 * they stay as they are.
 */
const keepPrivate = async (database: string): Promise<void> => {
  await (await open(database, 'a', 0o600)).close();
  for (const path of [database, `${database}-wal`, `${database}-shm`]) {
    await chmod(path, 0o600).catch(() => undefined);
  }
};

/**
 * Starts the embedded DynamoDB on a file in `dataDir`, or in memory when none is named; `pid` is its
 * process. Rejects with a message for the person at the terminal when there is no binary for the
 * machine, or when the store cannot start: its port is taken, or its file is not a database.
 */
export const startStore = async ({
  dataDir,
  port,
  machine = thisMachine,
}: {
  readonly dataDir?: string;
  readonly port?: number;
  readonly machine?: string;
}): Promise<OwnStore> => {
  const binary = findStoreBinary(machine);
  if (binary === undefined) {
    throw new Error(
      `There is no embedded store for ${machine}: set DYNAMODB_ENDPOINT to a DynamoDB-compatible store.`,
    );
  }
  const chosen = port ?? (await freePort());
  const database = dataDir === undefined ? undefined : join(dataDir, 'store.sqlite');
  const where = database === undefined ? [] : ['--db-path', database];
  if (database !== undefined) {
    await mkdir(dirname(database), { recursive: true, mode: 0o700 });
    await keepPrivate(database);
  }
  const serve = ['serve', '--host', '127.0.0.1', '--port', String(chosen), ...where];
  const child = spawn(binary, serve, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const reason = await whyNotListening(child);
  const { pid } = child;
  if (reason !== undefined || pid === undefined) {
    await stop(child);
    throw new Error(`The embedded store did not start: ${reason ?? 'it has no process.'}`);
  }
  return { endpoint: `http://127.0.0.1:${chosen}`, ended, pid, close: () => stop(child) };
};
