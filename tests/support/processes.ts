/** The processes of this machine as /proc tells of them: on Linux only. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** A process's children, their children, and so on. */
export const descendantsOf = (pid: number): readonly number[] => {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const own = text.trim().split(' ').filter(Boolean).map(Number);
    return own.flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return [];
  }
};

/** Its command line; empty when it has gone, or stands as a zombie until somebody asks. */
export const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

/** Resolves when something has become true. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(10);
};

export const noneLeft = (pids: readonly number[]): Promise<void> =>
  until(() => pids.every((pid) => commandOf(pid) === ''));
