import { readFile, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf, makeFile } from './durable-file.ts';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

/** The locks that this very process holds. */
const held = new Set<string>();

/**
 * Whether the process that a lock names has surely gone: it was one of this machine, and is not there.
 * One with the number of this process was another before it, as in a container that starts anew.
 */
const isStale = (path: string, lock: string): boolean => {
  const [, digits = '', host] = /^([1-9][0-9]*) (.+)\n$/.exec(lock) ?? [];
  const pid = Number(digits);
  if (pid === 0 || host !== hostname()) return false;
  return pid === process.pid ? !held.has(path) : !isRunning(pid);
};

/**
 * Takes over the lock of a process that has gone. Of several that want to, one does: a second lock
 * stands meanwhile. A crash in these few lines leaves it behind, and then nobody starts.
 */
const takeOver = async (path: string, mine: string): Promise<boolean> => {
  const inTurn = `${path}.turn`;
  if (!(await makeFile(inTurn, mine))) return false;
  try {
    if (!isStale(path, await readFile(path, 'utf8'))) return false;
    await unlink(path);
    return await makeFile(path, mine);
  } finally {
    await unlink(inTurn);
  }
};

/**
 * Takes `file` for this process alone, by a lock file beside it that names its process and machine;
 * gives back how to let go of it. Rejects when another may have it: two witnesses of one memory could
 * sign two trees of one log.
 */
export const lockFile = async (file: string): Promise<() => Promise<void>> => {
  const path = `${file}.lock`;
  const mine = `${process.pid} ${hostname()}\n`;
  if (!(await makeFile(path, mine)) && !(await takeOver(path, mine))) {
    throw new Error(
      `${file} is in use: another process holds ${path}. If surely none does, delete ${path}* and start again.`,
    );
  }
  held.add(path);
  return async () => {
    held.delete(path);
    await unlink(path);
  };
};
