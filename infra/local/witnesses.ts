import { join } from 'node:path';
import { startChild } from './child.ts';
import type { Keep } from './installation.ts';
import type { LogKey } from './log-keys.ts';
import type { Places } from './places.ts';
import { textIn } from './ready-message.ts';

/** A witness that runs: how a tlog-policy names it. */
export type LocalWitness = { readonly name: string; readonly vkey: string; readonly url: string };

/** Two, so that a quorum is more than one opinion; a real one has operators of its own. */
const names = ['first', 'second'] as const;

/** Starts the witnesses of this installation, each a process with a key and a memory of its own. */
export const startWitnesses = (
  environment: Readonly<Record<string, string | undefined>>,
  places: Places,
  logs: readonly LogKey[],
  keep: Keep,
): Promise<readonly LocalWitness[]> =>
  Promise.all(
    names.map(async (name) => {
      const key = join(places.witnesses, `${name}.pem`);
      const child = startChild({
        name: `The ${name} witness`,
        script: new URL('../../shared/client/cli/main.ts', import.meta.url),
        args: [
          'witness',
          'serve',
          `--name=${name}.witness.local`,
          `--key=${key}`,
          `--state=${join(places.witnesses, `${name}.json`)}`,
          '--port=0',
          '--log',
          ...logs.map(({ vkey }) => vkey),
        ],
        environment,
        log: join(places.logs, `witness-${name}.ndjson`),
      });
      const ready = await keep(`the ${name} witness`, child).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : 'unknown error';
        const said = `The ${name} witness, which signs with ${key}, did not start: ${why}`;
        throw new Error(said, { cause });
      });
      return { name, vkey: textIn(ready, 'vkey'), url: textIn(ready, 'url') };
    }),
  );

/** The witnesses and their quorum, all of them, as lines of a C2SP tlog-policy. */
export const witnessPolicy = (witnesses: readonly LocalWitness[]): string =>
  [
    ...witnesses.map(({ name, vkey, url }) => `witness ${name} ${vkey} ${url}`),
    `group witnesses all ${witnesses.map(({ name }) => name).join(' ')}`,
    'quorum witnesses',
    '',
  ].join('\n');
