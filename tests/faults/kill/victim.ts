/** An installation of `npm start` that is killed, and what its data directory holds meanwhile. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { tables } from '#infra/local/tables.ts';
import { familyOf, shows, start } from '#tests/support/npm-start.ts';
import { commandOf, noneLeft, until } from '#tests/support/processes.ts';
import type { Chance } from './chance.ts';

/**
 * How a round ends. `all`: every process of it at once. `serving`: the exchange and the log, whereupon
 * the rest stops by itself. `batch`: every process, within a second of a batch being staged.
 */
export const ends = ['all', 'serving', 'batch'] as const;
export type End = (typeof ends)[number];

export type Victim = AsyncDisposable & {
  /** The checkpoint that everybody can read now. */
  readonly checkpoint: () => Uint8Array;
  readonly kill: (end: End, chance: Chance) => Promise<void>;
  /** Any operation of its store. */
  readonly store: ReturnType<typeof dynamoClient>;
};

const isServing = (pid: number): boolean => /exchange-process|log-process/.test(commandOf(pid));

/** The port of the embedded store stands on its command line, and nowhere else. */
const storeOf = (family: readonly number[], origin: string): Victim['store'] => {
  const command = family.map(commandOf).find((text) => text.includes('store.sqlite'));
  const [, port] = /--port\0([0-9]+)\0/.exec(command ?? '') ?? [];
  if (port === undefined) throw new Error('The embedded store is not among the processes.');
  return dynamoClient(
    readEnv({
      ...tables,
      ESTELAM_ORIGIN: origin,
      ESTELAM_SECRET_FILE: 'not read',
      DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}`,
    }),
  );
};

/** How many batches were ever staged. */
const stagedIn = (data: string): number =>
  readdirSync(join(data, 'staging', 'staging', '0')).filter((name) => !name.startsWith('.')).length;

/** Milliseconds after which a log that is fed and stages nothing has stopped. */
const patience = 180_000;

/** Resolves as soon as another batch is staged. */
const nextBatch = async (data: string): Promise<void> => {
  const before = stagedIn(data);
  const given = AbortSignal.timeout(patience);
  await until(() => stagedIn(data) > before || given.aborted);
  if (stagedIn(data) === before) throw new Error('The log takes nothing in any more.');
};

/** Starts everything without the demonstration, and waits until it answers. */
export const startVictim = async (data: string, port: string): Promise<Victim> => {
  await using owned = new AsyncDisposableStack();
  const started = owned.use(start({ ESTELAM_DATA: data, PORT: port }, ['--no-demo']));
  await shows(started, 'Ctrl-C');
  const origin = `http://127.0.0.1:${port}`;
  const { status } = await fetch(`${origin}/healthz`);
  if (status !== 200) throw new Error(`It is not well: ${status}.`);
  const store = storeOf(familyOf(started), origin);
  const kept = owned.move();
  return {
    checkpoint: () => readFileSync(join(data, 'objects', 'log', '0', 'checkpoint')),
    store,
    kill: async (end, chance) => {
      if (end === 'batch') {
        await nextBatch(data);
        await wait(chance.between(0, 300));
      }
      const family = familyOf(started);
      const victims =
        end === 'serving' ? family.filter(isServing) : [...family, started.child.pid ?? 0];
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      await started.ended;
      await noneLeft(family);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};
