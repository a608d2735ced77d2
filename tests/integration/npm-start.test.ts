import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { freePort } from '#infra/local/free-port.ts';
import { exchangeId as localExchangeId } from '#infra/local/installation.ts';
import { parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { exchangeId } from '#shared/inquiry/exchange.ts';
import {
  type Environment,
  familyOf,
  place,
  ready,
  type Started,
  shows,
  skipWithoutStore,
  start,
} from '../support/npm-start.ts';
import { commandOf, noneLeft } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { verifyGrowing } from '../support/verify-process.ts';

/** A start takes seconds, the way of the first inquiry into the log tens of them, more on a busy machine. */
const patience = 300_000;

/** Without the demonstration, where a test has no use for it. */
const quietly = ['--no-demo'];

/** The checkpoint that a log publishes: of which log, and how large it is. */
const checkpointAt = async (origin: string, shard = 0) => {
  const answer = await fetch(`${origin}/log/${shard}/checkpoint`);
  expect(answer.status).toBe(200);
  const note = parseNote(new Uint8Array(await answer.arrayBuffer()));
  const checkpoint = note && parseCheckpoint(note.text);
  return { origin: checkpoint?.origin, size: Number(checkpoint?.size ?? 0n) };
};

const Urls = z.record(z.string(), z.url());

const originOf = ({ PORT }: Environment): string => `http://127.0.0.1:${PORT}`;

const victimIn = (family: readonly number[], script: string): number => {
  const victim = family.find((pid) => commandOf(pid).includes(script));
  if (victim === undefined) throw new Error(`There is no process of ${script}.`);
  return victim;
};

describe('npm start', () => {
  it(
    'shows an inquiry from the signature to its proof in the log, which everybody can check, and goes on with that log',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      const { PORT } = folder.environment;
      const origin = originOf(folder.environment);
      const first = await runOnce(folder.environment, async (started) => {
        const shown = started.output();
        expect(shown).toMatch(
          /signs a request .*decides .*answers .*a receipt that it has verified.*witnesses cosign/s,
        );
        expect(shown).toMatch(/lastNameMatches +false/);
        expect(shown).toMatch(
          new RegExp(`stands at [0-9]+ of [0-9]+ in 127.0.0.1:${PORT}/log/0\n`),
        );
        expect(shown).toMatch(new RegExp(`signed +✓ by the log, 127.0.0.1:${PORT}/log/0\n`));
        // In the order in which they answered.
        for (const witness of ['first', 'second']) {
          expect(shown).toMatch(new RegExp(`cosigned +✓ by ${witness}\\.witness\\.local at 20`));
        }
        expect(shown).toContain('42 signed commands');
        expect(shown).toContain(`curl ${origin}/v1/services`);
        expect(shown).toContain(`curl ${origin}/log/0/checkpoint`);
        expect(shown).not.toContain('\u001b[');
        expect(started.errors()).toBe('');
        return { size: (await checkpointAt(origin)).size, shown };
      });

      const { logs, witnesses, groups } = parsePolicy(
        readFileSync(join(folder.path, 'policy.txt')),
      );
      expect(logs.map(({ key, url }) => [key.name, url])).toEqual([
        [`127.0.0.1:${PORT}/log/0`, `${origin}/log/0`],
      ]);
      expect(witnesses.map(({ key }) => key.name)).toEqual([
        'first.witness.local',
        'second.witness.local',
      ]);
      expect(groups).toMatchObject([{ threshold: 2 }]);

      const said = readdirSync(join(folder.path, 'logs'));
      expect(said.toSorted()).toEqual([
        'agencies.ndjson',
        'citizens.log',
        'exchange.ndjson',
        'log.ndjson',
        'store.log',
        'witness-first.ndjson',
        'witness-second.ndjson',
      ]);
      const told = said
        .map((name) => readFileSync(join(folder.path, 'logs', name), 'utf8'))
        .join('');
      expect(told).toContain('"outcome":"NO_MATCH"');
      expect(told).toContain(
        `{"origin":"127.0.0.1:${PORT}/log/0","size":"${first.size}","status":200}`,
      );
      for (const value of ['0499370899', '1985-03-21', 'مریم', 'محمدی', 'demo-1', 'operator-7']) {
        expect(told).not.toContain(value);
      }

      const second = await runOnce(folder.environment, async (started) => ({
        size: (await checkpointAt(origin)).size,
        shown: started.output(),
      }));
      expect([first, second].map(({ shown }) => /demo no\. ([0-9]+)/.exec(shown)?.[1])).toEqual([
        '1',
        '2',
      ]);
      expect(second.size).toBeGreaterThan(first.size);
      // The agencies are where they were, so that the registry lacks nothing.
      expect(second.shown).not.toContain('signed command');
    },
    patience,
  );

  /** Starts it, looks at it and at its log while it runs, and stops it as Ctrl-C does. */
  const runOnce = async <Result>(
    environment: Environment & { readonly ESTELAM_DATA: string },
    look: (started: Started) => Promise<Result>,
  ): Promise<Result> => {
    await using started = start(environment);
    await ready(started);
    const result = await look(started);
    const verified = await verifyGrowing(
      environment.ESTELAM_DATA,
      'objects/log/0',
      '--policy',
      'policy.txt',
    );
    expect({ code: verified.code, errors: verified.errors }).toEqual({ code: 0, errors: '' });
    const family = familyOf(started);
    expect(family).toHaveLength(8);
    started.child.kill('SIGINT');
    expect(await started.ended).toBe(0);
    await noneLeft(family);
    return result;
  };

  it(
    'leaves nothing running when it is killed itself',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      await using started = start(folder.environment, quietly);
      await ready(started);
      expect(started.output()).not.toContain('signs a request');
      const family = familyOf(started);
      started.child.kill('SIGKILL');
      await started.ended;
      await noneLeft(family);
      expect(family.map(commandOf).join('')).toBe('');
    },
    patience,
  );

  it.for([
    { script: 'exchange-process', name: 'the exchange' },
    { script: 'store-process', name: 'the embedded store' },
    { script: 'agencies/main', name: 'the sample agencies' },
    { script: 'log-process', name: 'the log' },
    { script: '--name=second.witness.local', name: 'the second witness' },
  ])(
    'stops, and says so, when $script dies',
    { timeout: patience },
    async ({ script, name }, context) => {
      skipWithoutStore(context);
      await using folder = await place();
      await using started = start(folder.environment, quietly);
      await ready(started);
      const family = familyOf(started);
      process.kill(victimIn(family, script), 'SIGKILL');
      expect(await started.ended).toBe(1);
      expect(started.errors()).toBe(
        `Stopped, because ${name} ended; see its log beside the data.\n`,
      );
      await noneLeft(family);
    },
  );

  it(
    'stops all the same while the first inquiry is on its way into the log',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      await using started = start(folder.environment);
      await shows(started, 'sealing takes');
      const family = familyOf(started);
      started.child.kill('SIGTERM');
      expect(await started.ended).toBe(0);
      expect(started.errors()).toBe('');
      await noneLeft(family);
    },
    patience,
  );

  it(
    'goes on with a seed that was broken off, and says where the agencies are now',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      const { environment, path } = folder;
      const agenciesFile = join(path, 'agencies.json');
      {
        await using started = start(environment, quietly);
        await shows(started, 'signed commands');
        const family = familyOf(started);
        started.child.kill('SIGKILL');
        await started.ended;
        await noneLeft(family);
      }
      expect(existsSync(agenciesFile)).toBe(false);
      {
        await using started = start(environment, quietly);
        await ready(started);
      }
      const urls = Urls.parse(JSON.parse(readFileSync(agenciesFile, 'utf8')));
      const taken = createServer();
      taken.listen(Number(new URL(urls['police'] ?? '').port), '127.0.0.1');
      await once(taken, 'listening');
      try {
        await using started = start(environment, quietly);
        await ready(started);
        expect(started.output()).toContain('taking in 1 signed command …');
      } finally {
        taken.close();
      }
      const moved = Urls.parse(JSON.parse(readFileSync(agenciesFile, 'utf8')));
      expect(moved['police']).not.toBe(urls['police']);
      expect({ ...moved, police: '' }).toEqual({ ...urls, police: '' });
    },
    patience,
  );

  it(
    'keeps as many logs as it is told to, each with its key',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      const { environment } = folder;
      await using started = start({ ...environment, JOURNAL_SHARDS: '2' }, quietly);
      await ready(started);
      const { logs } = parsePolicy(readFileSync(join(folder.path, 'policy.txt')));
      const names = [0, 1].map((shard) => `127.0.0.1:${environment.PORT}/log/${shard}`);
      expect(logs.map(({ key }) => key.name)).toEqual(names);
      for (const shard of [0, 1]) {
        const { origin, size } = await checkpointAt(originOf(environment), shard);
        expect(origin).toBe(names[shard]);
        expect(size).toBeGreaterThan(0);
      }
    },
    patience,
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

  it(
    'when its port or its data is in use',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      await using other = await temporaryFolder();
      await using started = start(folder.environment, quietly);
      await ready(started);
      const samePort = { ...folder.environment, ESTELAM_DATA: other.path };
      expect(await refused(samePort)).toMatch(/^Port [0-9]+ is in use: .*set PORT/);
      const sameData = { ...folder.environment, PORT: String(await freePort()) };
      expect(await refused(sameData)).toMatch(/ is in use: .*set ESTELAM_DATA/);
    },
    patience,
  );

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

  it(
    'when what the log began with is another now',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      const { environment, path } = folder;
      const { PORT } = environment;
      {
        await using started = start(environment, quietly);
        await ready(started);
      }
      const port = String(await freePort());
      const other = [{ PORT: port }, { JOURNAL_SHARDS: '2' }, { JOURNAL_SLOTS: '8' }];
      const before = [`PORT=${PORT}`, 'JOURNAL_SHARDS=1', 'JOURNAL_SLOTS=16'];
      for (const [n, change] of other.entries()) {
        expect(await refused({ ...environment, ...change })).toBe(
          `The log in ${path} began with ${before[n]}: set that again, or ESTELAM_DATA to another place.\n`,
        );
      }
      const key = join(path, 'secrets', 'log-0.pem');
      writeFileSync(key, 'no key');
      expect(await refused(environment)).toBe(
        `${key} holds no Ed25519 key: put back the one that the log began with.\n`,
      );
      unlinkSync(key);
      const notThatKey = `${key} is not the key that the log began with: put that one back.\n`;
      expect(await refused(environment)).toBe(notThatKey);
      expect(await refused(environment)).toBe(notThatKey);
    },
    patience,
  );

  it(
    'when a witness cannot start',
    async (context) => {
      skipWithoutStore(context);
      await using folder = await place();
      {
        await using started = start(folder.environment, quietly);
        await ready(started);
      }
      const file = join(folder.path, 'witnesses', 'second.json');
      const kept = readFileSync(file);
      writeFileSync(file, '{}');
      expect(await refused(folder.environment)).toBe(
        `The second witness, which signs with ${join(folder.path, 'witnesses', 'second.pem')}, did not start: ${file} is damaged: restore it. A witness that forgot what it signed must not sign again.\n`,
      );
      writeFileSync(file, kept);
      writeFileSync(join(folder.path, 'witnesses', 'first.pem'), 'no key');
      expect(await refused(folder.environment)).toMatch(
        /^The first witness, which signs with .*first\.pem, did not start: The private key is no PEM of PKCS#8/,
      );
    },
    patience,
  );

  it.for([
    { name: 'JOURNAL_SHARDS', value: 'two', most: 64 },
    { name: 'JOURNAL_SHARDS', value: '0', most: 64 },
    { name: 'JOURNAL_SLOTS', value: '1025', most: 1024 },
  ])('when $name is $value', async ({ name, value, most }) => {
    expect(await refused({ [name]: value })).toBe(`${name} must be a number from 1 to ${most}.\n`);
  });

  it('when the functions are told what they cannot do, and not that the store fails', async (context) => {
    skipWithoutStore(context);
    await using folder = await place();
    const said = await refused({ ...folder.environment, MERGE_DELAY_SECONDS: '5' });
    expect(said).toContain('The environment is not right: MERGE_DELAY_SECONDS');
  });
});
