import { join } from 'node:path';
import { freePort } from '#infra/local/free-port.ts';
import { type LogKey, logKeys } from '#infra/local/log-keys.ts';
import type { Places } from '#infra/local/places.ts';
import { textIn } from '#infra/local/ready-message.ts';
import { type LocalWitness, witnessPolicy } from '#infra/local/witnesses.ts';
import type { Part } from './base.ts';
import { restartable } from './part.ts';

/** A witness at a port of its own, where it is again when it comes back. */
const startWitness = async (name: string, places: Places, { vkey: log }: LogKey) => {
  const { begin, part } = restartable({
    name: `The ${name} witness`,
    script: new URL('../../../shared/client/cli/main.ts', import.meta.url),
    args: [
      'witness',
      'serve',
      `--name=${name}.witness.local`,
      `--key=${join(places.witnesses, `${name}.pem`)}`,
      `--state=${join(places.witnesses, `${name}.json`)}`,
      `--port=${await freePort()}`,
      '--log',
      log,
    ],
    environment: {},
    log: join(places.logs, `witness-${name}.ndjson`),
  });
  const ready = await begin();
  const witness: LocalWitness = { name, vkey: textIn(ready, 'vkey'), url: textIn(ready, 'url') };
  return { witness, part };
};

/** The witnesses of a world, and what the exchange and the log are told of the log and of them. */
export const startTrust = async (places: Places, origin: string, started: AsyncDisposableStack) => {
  const [key] = await logKeys(places.logKeys, { origin, shards: 1 });
  if (key === undefined) throw new Error('The log has no key.');
  const witnesses = await Promise.all(
    ['first', 'second'].map(async (name) => {
      const { witness, part } = await startWitness(name, places, key);
      started.defer(part.stop);
      return { witness, part };
    }),
  );
  return {
    parts: witnesses.map(({ part }) => part),
    keyFile: key.file,
    settings: {
      LOG_VKEYS: key.vkey,
      LOG_WITNESS_POLICY: witnessPolicy(witnesses.map(({ witness }) => witness)),
    },
  };
};

/** Starts the process of the log; `environment` is its whole environment. */
export const startLog = async (
  places: Places,
  environment: Readonly<Record<string, string>>,
): Promise<Part> => {
  const { part } = restartable({
    name: 'The log',
    script: new URL('../../../infra/local/log-process.ts', import.meta.url),
    environment,
    log: join(places.logs, 'log.ndjson'),
  });
  await part.start();
  return part;
};
