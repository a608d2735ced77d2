import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export type Store = {
  /** The base URL of a DynamoDB-compatible store. */
  readonly endpoint: string;
  readonly close: () => Promise<void>;
};

/** Milliseconds the store may take until it answers. */
const startTime = 10_000;

/** The embedded store's binary; undefined where npm has none for this machine. */
export const findStoreBinary = (): string | undefined => {
  try {
    const found = createRequire(import.meta.url).resolve(
      `@dynoxide/${platform()}-${arch()}/package.json`,
    );
    const binary = join(dirname(found), platform() === 'win32' ? 'dynoxide.exe' : 'dynoxide');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
};

const isAnswering = async (endpoint: string): Promise<boolean> => {
  try {
    await (await fetch(endpoint, { method: 'POST', body: '{}' })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
};

const untilAnswering = async (endpoint: string, child: ChildProcess): Promise<void> => {
  const deadline = performance.now() + startTime;
  while (!(await isAnswering(endpoint))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(
        'The embedded store did not start; its database file may be in use or damaged.',
      );
    }
    await wait(20);
  }
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5000);
  await once(child, 'exit');
  clearTimeout(force);
};

/**
 * Starts the embedded DynamoDB on a file in `dataDir`, or in memory when none is named. Rejects with
 * a message for the person at the terminal when there is no binary for this machine.
 */
export const startStore = async ({
  dataDir,
  port,
}: {
  readonly dataDir?: string;
  readonly port?: number;
}): Promise<Store> => {
  const binary = findStoreBinary();
  if (binary === undefined) {
    throw new Error(
      `There is no embedded store for ${platform()}-${arch()}: set DYNAMODB_ENDPOINT to a DynamoDB-compatible store.`,
    );
  }
  const chosen = port ?? (await freePort());
  const where = dataDir === undefined ? [] : ['--db-path', join(dataDir, 'store.sqlite')];
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const child = spawn(
    binary,
    ['serve', '--host', '127.0.0.1', '--port', String(chosen), ...where],
    {
      stdio: 'ignore',
    },
  );
  const endpoint = `http://127.0.0.1:${chosen}`;
  try {
    await untilAnswering(endpoint, child);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return { endpoint, close: () => stop(child) };
};
