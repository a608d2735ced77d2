import { once } from 'node:events';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Throws when something listens on the port already. */
export const checkPortFree = async (port: number): Promise<void> => {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    const denied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
    const said = denied
      ? `Port ${port} needs more rights: set PORT to one above 1023.`
      : `Port ${port} is in use: stop what listens there, or set PORT to another.`;
    throw new Error(said, { cause });
  }
  server.close();
  await once(server, 'close');
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const tryLock = (path: string): boolean => {
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Takes the data directory for this process; gives back how to let go of it. Two stores on one
 * database would each miss what the other writes. A lock whose process is gone is taken over.
 */
export const lockData = (path: string, dataDir: string): (() => void) => {
  if (!tryLock(path)) {
    const holder = Number(readFileSync(path, 'utf8'));
    if (Number.isInteger(holder) && holder > 0 && holder !== process.pid && isRunning(holder)) {
      throw new Error(
        `${dataDir} is in use by process ${holder}: stop it, or set ESTELAM_DATA to another place.`,
      );
    }
    unlinkSync(path);
    if (!tryLock(path)) throw new Error(`${dataDir} was taken by another start just now.`);
  }
  return () => unlinkSync(path);
};
