import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '#infra/local/free-port.ts';

const program = fileURLToPath(new URL('../../infra/local/exchange-process.ts', import.meta.url));

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts the exchange as a process; nothing of this process's environment but what is named. */
const start = (port: number | string, settings: Readonly<Record<string, string>> = {}) => {
  const child = fork(program, {
    env: { PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  started.push(child);
  const said: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return { child, ended: once(child, 'exit'), message: once(child, 'message'), said };
};

const settings = {
  ESTELAM_ORIGIN: 'https://exchange.example',
  JOURNAL_TABLE: 'journal',
  REGISTRY_TABLE: 'registry',
  ESTELAM_SECRET_FILE: '/nowhere/secret',
  LOG_LEVEL: 'SILENT',
} as const;

describe('the exchange as a process', () => {
  it('says when it listens, answers, and ends on SIGTERM', async () => {
    const port = await freePort();
    const { child, message, ended } = start(port, settings);
    expect(await message).toEqual([{ ready: true }, undefined]);
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    // It has no secret here, and says so as a problem.
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('/problems/signer-unavailable"');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('ends when its parent is gone', async () => {
    const { child, message, ended } = start(await freePort(), settings);
    await message;
    child.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  it('says that its port is taken, and ends', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { message, ended } = start(port, settings);
    const failed = `Port ${port} is in use: stop what listens there, or set PORT.`;
    expect(await message).toEqual([{ failed }, undefined]);
    expect(await ended).toEqual([1, null]);
    other.close();
    await once(other, 'close');
  });

  it.each(['nine', '70000', '-1'])('says that %s is no port, and ends', async (port) => {
    const { message, ended } = start(port, settings);
    expect(JSON.stringify(await message)).toMatch(/The exchange did not start: .*port/);
    expect(await ended).toEqual([1, null]);
  });

  it('tells the terminal, and nobody else, which settings are missing', async () => {
    const port = await freePort();
    const { child, message, said, ended } = start(port, { LOG_LEVEL: 'SILENT' });
    await message;
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"message":"Internal Server Error"}');
    child.kill('SIGTERM');
    await ended;
    expect(said.join('')).toContain('The environment is not right: ESTELAM_ORIGIN: ');
  });
});
