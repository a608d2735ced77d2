import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Child = {
  /** The first message of the process, which says that it is ready; rejects when there is none. */
  readonly ready: Promise<object>;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Milliseconds a process has to end by itself once it is asked to. */
const patience = 8000;

const readyMessage = async (child: ChildProcess, name: string): Promise<object> => {
  const [message]: readonly unknown[] = await Promise.race([
    once(child, 'message'),
    // Not its exit, which can be told before its last message is.
    once(child, 'disconnect').then(() => [undefined]),
  ]);
  if (typeof message !== 'object' || message === null) {
    throw new Error(`${name} ended before it was ready.`);
  }
  if ('failed' in message) throw new Error(String(message.failed));
  return message;
};

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(force);
};

/**
 * Starts a script in a process of its own. What it prints goes to `log`; a channel to
 * it stands open, and by its end the process learns that this one is gone, however it went.
 */
export const startChild = (options: {
  readonly name: string;
  readonly script: URL;
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: string;
}): Child => {
  const { name, script, args = [], environment, log } = options;
  const output = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], {
    env: { ...environment },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ready = readyMessage(child, name);
  // Whoever stops everything while a process is still starting has no more use for this.
  ready.catch(() => undefined);
  const ended = once(child, 'exit').then(() => undefined);
  return { ready, ended, stop: () => stopChild(child) };
};
