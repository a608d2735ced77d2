import { once } from 'node:events';
import { createServer } from 'node:net';
import { lockFile } from '#shared/client/cli/file-lock.ts';

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

/**
 * Takes the data directory for this process; gives back how to let go of it. Two stores on one
 * database would each miss what the other writes. A lock goes with its process.
 */
export const lockData = (path: string, dataDir: string): (() => void) => {
  const lock = lockFile(path);
  if (lock === 'taken') {
    throw new Error(
      `${dataDir} is in use: stop what runs there, or set ESTELAM_DATA to another place.`,
    );
  }
  return lock;
};
