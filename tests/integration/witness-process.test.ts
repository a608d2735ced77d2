import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { formatAddCheckpoint } from '#shared/audit/add-checkpoint.ts';
import { readCosignatures } from '#shared/audit/read-cosignatures.ts';
import { formatVerifierKey, parseVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { lockFile } from '#shared/client/cli/file-lock.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { growthOver, leavesOf, textOver } from '#tests/support/test-log.ts';

const program = fileURLToPath(new URL('../../shared/client/cli/main.ts', import.meta.url));

const origin = 'exchange.example/log/0';
const logVkey = formatVerifierKey(noteKey(origin, 'ed25519').verifier);
const name = 'witness.example/w';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

const run = (args: readonly string[]) => {
  const child = fork(program, ['witness', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  started.push(child);
  const said = { output: '', errors: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.errors += text;
  });
  return {
    child,
    said,
    message: once(child, 'message').then(([message]): unknown => message),
    exited: once(child, 'exit'),
    /** And everything it said is here. */
    ended: once(child, 'close'),
  };
};

const isFree = (state: string): boolean => {
  const lock = lockFile(`${state}.lock`);
  if (lock === 'taken') return false;
  lock();
  return true;
};

/** A folder for one witness, and how it is started. */
const place = async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const [state, key] = [join(folder.path, 'state.json'), join(folder.path, 'key.pem')];
  const identity = ['--name', name, '--key', key];
  const args = [...identity, '--state', state, '--log', logVkey];
  return { state, key, identity, args };
};

const Ready = z.strictObject({ ready: z.literal(true), url: z.url(), vkey: z.string() });

const startWitness = async (args: readonly string[]) => {
  const witness = run([...args, '--port', '0']);
  return { ...witness, ...Ready.parse(await witness.message) };
};

const post = async (url: string, old: number, size: number): Promise<Response> =>
  fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: Uint8Array.from(formatAddCheckpoint(await growthOver(origin, old, leavesOf(size)))),
  });

describe('estelam witness', () => {
  it('cosigns what grows, over HTTP', async () => {
    const { args } = await place();
    const { url, vkey } = await startWitness(args);
    const response = await post(url, 0, 3);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = textOver(origin, { leaves: leavesOf(3) });
    const line = readCosignatures(await response.text(), text, parseVerifierKey(vkey));
    expect(line?.name).toBe(name);
    const conflict = await post(url, 0, 5);
    expect(conflict.status).toBe(409);
    expect(conflict.headers.get('content-type')).toBe('text/x.tlog.size');
    expect(await conflict.text()).toBe('3\n');
  });

  it('shows its key and those of its logs', async () => {
    const { args } = await place();
    const { url, vkey } = await startWitness(args);
    const page = await (await fetch(url)).text();
    expect(page).toContain(`witness ${name} ${vkey}\n`);
    expect(page).toContain(`log ${logVkey}\n`);
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(404);
  });

  it('remembers what it signed when it is killed', async () => {
    const { args } = await place();
    const first = await startWitness(args);
    expect((await post(first.url, 0, 3)).status).toBe(200);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await startWitness(args);
    expect(second.vkey).toBe(first.vkey);
    const forgotten = await post(second.url, 0, 5);
    expect([forgotten.status, await forgotten.text()]).toEqual([409, '3\n']);
    const body = formatAddCheckpoint(await growthOver(origin, 3, leavesOf(3, ' forked')));
    const split = { method: 'POST', body: Uint8Array.from(body) };
    expect((await fetch(`${second.url}/add-checkpoint`, split)).status).toBe(409);
    expect((await post(second.url, 3, 5)).status).toBe(200);
  });

  it('has a tree on record whenever it was killed after it had answered', async () => {
    const { args } = await place();
    const sizes = [1, 2, 3];
    for (const [n, size] of sizes.entries()) {
      const { url, child, ended } = await startWitness(args);
      expect((await post(url, sizes[n - 1] ?? 0, size)).status).toBe(200);
      child.kill('SIGKILL');
      await ended;
    }
  });

  it('does not start on the state of another that runs', async () => {
    const { args } = await place();
    const { url } = await startWitness(args);
    const second = run([...args, '--port', '0']);
    expect(JSON.stringify(await second.message)).toMatch(/failed.*state\.json is in use/);
    expect(await second.ended).toEqual([1, null]);
    expect(second.said.errors).toMatch(/^error: .*state\.json is in use/m);
    expect((await post(url, 0, 3)).status).toBe(200);
  });

  it.each([
    ['its state is damaged', 'state', 'secret', /is damaged: restore it/],
    ['its key is none', 'key', 'secret', /no PEM of PKCS#8/],
  ] as const)('does not start when %s', async (_, file, text, why) => {
    const files = await place();
    await writeFile(files[file], text);
    const { said, ended } = run([...files.args, '--port', '0']);
    expect(await ended).toEqual([1, null]);
    expect(said.errors).toMatch(why);
    expect(said.errors).not.toContain('secret');
    expect(await readFile(files[file], 'utf8')).toBe(text);
  });

  it('does not start on a port that is taken, and lets go of its state', async () => {
    const { args, state } = await place();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { said, ended } = run([...args, '--port', String(port)]);
    expect(await ended).toEqual([1, null]);
    expect(said.errors).toContain('EADDRINUSE');
    expect(isFree(state)).toBe(true);
  });

  it.each([
    ['port', ['--port', '65536'], /A port is a number from 0 to 65535/],
    ['log', ['--log', 'nonsense'], /This is no verifier key/],
  ])('says which %s is not right', async (_, more, why) => {
    const { args } = await place();
    const { said, ended } = run([...args, ...more]);
    expect(await ended).toEqual([2, null]);
    expect(said.errors).toMatch(why);
  });

  it.each([
    ['it is asked to by SIGTERM', (child: ChildProcess) => child.kill('SIGTERM')],
    ['it is asked to by SIGINT', (child: ChildProcess) => child.kill('SIGINT')],
    ['its parent is gone', (child: ChildProcess) => child.disconnect()],
  ])('ends when %s, and lets go of its state', async (_, end) => {
    const { args, state } = await place();
    const { url, child, exited } = await startWitness(args);
    // A connection that is kept must not hold it.
    await (await post(url, 0, 3)).text();
    end(child);
    expect(await exited).toEqual([0, null]);
    expect(isFree(state)).toBe(true);
  });

  it('says where it listens, and of each request its origin, size and status', async () => {
    const { args } = await place();
    const { url, vkey, child, said, ended } = await startWitness(args);
    await post(url, 0, 3);
    await post(url, 0, 5);
    await fetch(`${url}/secret?secret`, { method: 'POST', body: 'secret' });
    child.kill('SIGTERM');
    await ended;
    expect(said.errors).toBe(`${name} witnesses at ${url} as ${vkey}\n`);
    const lines = said.output.trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { origin, size: '3', status: 200 },
      { origin, size: '5', status: 409 },
      { status: 404 },
    ]);
  });

  it('answers 503 while its state cannot be had', async () => {
    const { args, state } = await place();
    const { url } = await startWitness(args);
    const text = await readFile(state, 'utf8');
    await rm(state);
    const refused = await post(url, 0, 3);
    expect([refused.status, await refused.text()]).toEqual([
      503,
      'Nothing was signed; try again shortly.\n',
    ]);
    await writeFile(state, text);
    expect((await post(url, 0, 3)).status).toBe(200);
  });
});

describe('estelam witness key', () => {
  it('makes a key, and prints it as the witness shows it', async () => {
    const { args, identity, key } = await place();
    const printed = async (): Promise<string> => {
      const { child, said, ended } = run(['key', ...identity]);
      await ended;
      expect(child.exitCode).toBe(0);
      return said.output;
    };
    const first = await printed();
    expect(((await stat(key)).mode & 0o777).toString(8)).toBe('600');
    expect(await printed()).toBe(first);
    expect((await startWitness(args)).vkey).toBe(first.trim());
    expect(parseVerifierKey(first.trim())).toMatchObject({ name, type: 'cosignature' });
  });

  it('refuses a name that cannot stand in a note', async () => {
    const { key } = await place();
    const { said, ended } = run(['key', '--name', 'a+b', '--key', key]);
    expect(await ended).toEqual([1, null]);
    expect(said.errors).toContain('The name of the key is not allowed.');
    expect(existsSync(key)).toBe(false);
  });
});
