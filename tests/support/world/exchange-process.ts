import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '#infra/local/free-port.ts';
import { compileCache } from '../compile-cache.ts';
import type { ExchangeProcess } from './base.ts';

const main = fileURLToPath(new URL('../../../infra/local/exchange-process.ts', import.meta.url));

/** Milliseconds an exchange may take to finish what it has begun. */
const patience = 5000;

const untilReady = async (child: ChildProcess, output: () => string): Promise<void> => {
  const [message]: unknown[] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => [undefined]),
  ]);
  if (typeof message !== 'object' || message === null || !('ready' in message)) {
    throw new Error(`The exchange did not start:\n${output()}`);
  }
};

/** Runs the exchange as a process; `variables` are its whole environment, but for its port. */
export const startExchangeProcess = async (
  variables: Readonly<Record<string, string>>,
  port?: number,
): Promise<ExchangeProcess> => {
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  const child = spawn(process.execPath, [main], {
    env: { ...compileCache(), ...variables, PORT: String(chosen) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk));
  const output = (): string => Buffer.concat(printed).toString('utf8');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), patience);
    await gone;
    clearTimeout(force);
  };
  try {
    await untilReady(child, output);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return { url, output, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
};
