import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { exchangeId as localExchangeId } from '#infra/local/installation.ts';
import { findStoreBinary, freePort } from '#infra/local/store.ts';
import { exchangeId } from '#shared/inquiry/exchange.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const main = fileURLToPath(new URL('../../infra/local/main.ts', import.meta.url));

type Started = AsyncDisposable & {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<number | null>;
};

type Environment = Readonly<Record<string, string>>;

const start = (environment: Environment, args: readonly string[] = []): Started => {
  const env = { ...process.env, DYNAMODB_ENDPOINT: '', ...environment };
  const child = spawn(process.execPath, [main, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.errors += text;
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  return {
    child,
    output: () => said.output,
    errors: () => said.errors,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(10);
};

/** Resolves when the way on is shown; rejects with what was said when it ended before. */
const ready = async ({ output, errors, child }: Started): Promise<void> => {
  await until(() => output().includes('Ctrl-C') || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(errors());
};

const childrenOf = (pid: number): readonly number[] => {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const own = text.trim().split(' ').filter(Boolean).map(Number);
    return own.flatMap((child) => [child, ...childrenOf(child)]);
  } catch {
    return [];
  }
};

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

const familyOf = ({ child }: Started): readonly number[] => childrenOf(child.pid ?? 0);

/** A process that was killed may stand as a zombie until somebody asks: it has no command left. */
const noneLeft = (pids: readonly number[]): Promise<void> =>
  until(() => pids.every((pid) => commandOf(pid) === ''));

const skipWithoutStore = (context: TestContext): void => {
  context.skip(
    findStoreBinary() === undefined,
    'the embedded store has no binary for this machine',
  );
  context.skip(process.platform !== 'linux', 'processes are looked up in /proc');
};

const place = async () => {
  const folder = await temporaryFolder();
  const environment = { ESTELAM_DATA: folder.path, PORT: String(await freePort()) };
  return { ...folder, environment, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
};

describe('npm start', () => {
  it('shows one inquiry from the signature to the verified receipt, and how to go on', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    await using started = start(folder.environment);
    await ready(started);
    const shown = started.output();
    expect(shown).toMatch(/signs a request .*decides .*answers .*a receipt that it has verified/s);
    expect(shown).toMatch(/lastNameMatches +false/);
    expect(shown).toContain(`curl http://127.0.0.1:${folder.environment.PORT}/v1/services`);
    expect(shown).not.toContain('\u001b[');
    expect(started.errors()).toBe('');
    const logs = await readFile(join(folder.path, 'logs', 'exchange.ndjson'), 'utf8');
    expect(logs).toContain('"outcome":"NO_MATCH"');
    expect(logs).not.toContain('0499370899');
  });

  it('stops everything it started when it is asked to, and keeps its data', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    const inquiryNumber = async (): Promise<string | undefined> => {
      await using started = start(folder.environment);
      await ready(started);
      const family = familyOf(started);
      expect(family.length).toBeGreaterThanOrEqual(4);
      started.child.kill('SIGTERM');
      expect(await started.ended).toBe(0);
      await noneLeft(family);
      return /demo no\. ([0-9]+)/.exec(started.output())?.[1];
    };
    expect([await inquiryNumber(), await inquiryNumber()]).toEqual(['1', '2']);
  });

  it('leaves nothing running when it is killed itself', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    await using started = start(folder.environment);
    await ready(started);
    const family = familyOf(started);
    started.child.kill('SIGKILL');
    await started.ended;
    await noneLeft(family);
    expect(family.map(commandOf).join('')).toBe('');
  });

  it.each(['exchange-process', 'store-process', 'agencies/main'])(
    'stops, and says so, when %s dies',
    async (script, ...rest) => {
      const [context] = rest.filter((one) => typeof one === 'object');
      if (context !== undefined) skipWithoutStore(context);
      await using folder = await place();
      await using started = start(folder.environment);
      await ready(started);
      const family = familyOf(started);
      const victim = family.find((pid) => commandOf(pid).includes(script));
      process.kill(victim ?? 0, 'SIGTERM');
      expect(await started.ended).toBe(1);
      expect(started.errors()).toMatch(/^Stopped, because the .+ ended; see its log.*\n$/);
      await noneLeft(family);
    },
  );

  it('signs as the exchange that agencies expect', () => {
    expect(localExchangeId).toBe(exchangeId);
  });
});

describe('npm start says in one line what would be right', () => {
  const refused = async (environment: Environment, args: readonly string[] = []) => {
    await using started = start(environment, args);
    const code = await started.ended;
    expect(code).toBe(1);
    expect(started.errors()).toMatch(/^[^\n]+\n$/);
    return started.errors();
  };

  it('when its port or its data is in use', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    await using other = await temporaryFolder();
    await using started = start(folder.environment);
    await ready(started);
    const samePort = { ...folder.environment, ESTELAM_DATA: other.path };
    expect(await refused(samePort)).toMatch(/^Port [0-9]+ is in use: .*set PORT/);
    const sameData = { ...folder.environment, PORT: String(await freePort()) };
    expect(await refused(sameData)).toMatch(/ is in use by process [0-9]+: .*set ESTELAM_DATA/);
  });

  it('when the data directory cannot be written', async () => {
    await using folder = await place();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    const said = await refused({ ...folder.environment, ESTELAM_DATA: join(file, 'data') });
    expect(said).toContain('cannot be written: set ESTELAM_DATA');
  });

  it('when PORT is no port', async () => {
    expect(await refused({ PORT: 'http' })).toContain('PORT must be a number from 1 to 65535.');
  });

  it('when the store cannot be reached', async () => {
    await using folder = await place();
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const said = await refused({ ...folder.environment, DYNAMODB_ENDPOINT: nobody });
    expect(said).toContain(`The store at ${nobody} cannot be used`);
  });

  it('when the database is damaged', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    writeFileSync(join(folder.path, 'store.sqlite'), 'no database '.repeat(1000));
    expect(await refused(folder.environment)).toContain('embedded store did not start');
  });

  it('when an agency is told to behave in an unknown way', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    const said = await refused(folder.environment, ['--behave', 'police=rude']);
    expect(said).toContain('--behave police=… takes one of: normal, down');
  });

  it('and takes over a lock whose process is gone', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    writeFileSync(join(folder.path, 'running.pid'), `${gone.pid ?? 0}\n`);
    await using started = start(folder.environment);
    await ready(started);
    expect(started.output()).toContain('Ctrl-C');
  });
});
