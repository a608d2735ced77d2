import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Where ports are looked for: above those that services have by custom, and below those that the system
 * gives to connections (from 32768 on Linux, from 49152 elsewhere). A port of the system's own range may
 * be a connection's before anybody listens at it, or while its server is down.
 */
const range = { from: 20_000, to: 32_768 };

const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'EADDRINUSE' || error.code === 'EACCES');

/** Whether the system gave a port, as the promise tells. */
const isGiven = async (taken: Promise<unknown>): Promise<boolean> => {
  try {
    await taken;
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
};

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1');
  if (!(await isGiven(once(server, 'listening')))) return false;
  server.close();
  await once(server, 'close');
  return true;
};

/** Takes UDP's port of the same number, which nobody needs: until it ends, no process that asks here gets that number. */
const reserve = async (port: number): Promise<boolean> => {
  const note = createSocket('udp4').unref();
  note.bind({ port, address: '127.0.0.1', exclusive: true });
  if (await isGiven(once(note, 'listening'))) return true;
  note.close();
  return false;
};

/** A port of this machine at which nobody listens, and which nobody else is given here while this process runs. */
export const freePort = async (): Promise<number> => {
  const count = range.to - range.from;
  const start = randomInt(count);
  for (let step = 0; step < count; step += 1) {
    const port = range.from + ((start + step) % count);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`No port from ${range.from} to ${range.to - 1} is free.`);
};
