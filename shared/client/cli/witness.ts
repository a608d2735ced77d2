import { once } from 'node:events';
import type { Server } from 'node:http';
import { Command, InvalidArgumentError } from 'commander';
import {
  formatVerifierKey,
  parseVerifierKey,
  type VerifierKey,
  VerifierKeyInvalid,
} from '#shared/audit/tlog/verifier-key.ts';
import { witnessService } from '#shared/audit/witness-service.ts';
import { openKeyFile } from './witness/key-file.ts';
import { startWitnessServer, type Told } from './witness/server.ts';
import { openStateFile } from './witness/state-file.ts';

type KeyOptions = { readonly name: string; readonly key: string };

type ServeOptions = KeyOptions & {
  readonly log: readonly VerifierKey[];
  readonly state: string;
  readonly host: string;
  readonly port: number;
};

const readPort = (text: string): number => {
  const port = /^(?:0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
};

const readLog = (vkey: string, before: readonly VerifierKey[] = []): readonly VerifierKey[] => {
  try {
    return [...before, parseVerifierKey(vkey)];
  } catch (error) {
    throw error instanceof VerifierKeyInvalid ? new InvalidArgumentError(error.message) : error;
  }
};

const addressOf = (server: Server): string => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const { family, port } = address;
  return `http://${family === 'IPv6' ? `[${address.address}]` : address.address}:${port}`;
};

/** Resolves when the process is asked to end, or its parent is gone. */
const asked = (): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => resolve());
  });

const print = (told: Told): void => {
  process.stdout.write(`${JSON.stringify(told)}\n`);
};

const serve = async ({ name, log, state, key, host, port }: ServeOptions): Promise<void> => {
  const ending = asked();
  const signer = await openKeyFile(key, name);
  const { store, close } = await openStateFile(state);
  try {
    const service = witnessService({ logs: log, latest: store, signer, now: Date.now });
    const server = await startWitnessServer(service, { host, port }, print);
    const url = addressOf(server);
    const vkey = formatVerifierKey(signer.verifier);
    process.stderr.write(`${name} witnesses at ${url} as ${vkey}\n`);
    process.send?.({ ready: true, url, vkey });
    await ending;
    server.close();
    server.closeIdleConnections();
    await once(server, 'close');
  } finally {
    await close();
  }
};

const showKey = async ({ name, key }: KeyOptions): Promise<void> => {
  const { verifier } = await openKeyFile(key, name);
  process.stdout.write(`${formatVerifierKey(verifier)}\n`);
};

/** What does not start says why in one line, to the terminal and to a parent that waits for it. */
const orSayWhy = async (command: Command, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    const failed = error instanceof Error ? error.message : 'unknown error';
    process.send?.({ failed });
    command.error(`error: ${failed}`);
  } finally {
    // A channel to a parent would keep this process.
    if (process.connected) process.disconnect();
  }
};

const withKey = (command: Command): Command =>
  command
    .requiredOption('--name <name>', 'the name to sign under, such as witness.example/w')
    .requiredOption('--key <file>', 'the Ed25519 key (PEM of PKCS#8); made when it is missing');

/** `estelam witness`: a witness of logs on one machine (C2SP tlog-witness); `witness key` shows its key. */
export const witnessCommand = (): Command => {
  const command = new Command('witness').description(
    'cosign the checkpoints of logs that only grow (C2SP tlog-witness)',
  );
  const serving = withKey(command.command('serve', { isDefault: true }))
    .description('serve POST /add-checkpoint')
    .requiredOption(
      '--log <vkey...>',
      'the key of a log to watch; more than one may follow',
      readLog,
    )
    .requiredOption('--state <file>', 'where to remember the last tree of each log')
    .option('--port <number>', 'the port to listen at; 0 for any', readPort, 8790)
    .option('--host <address>', 'the address to listen at', '127.0.0.1')
    .action(() => orSayWhy(serving, () => serve(serving.opts<ServeOptions>())));
  const showing = withKey(command.command('key'))
    .description('print the verifier key of a witness')
    .action(() => orSayWhy(showing, () => showKey(showing.opts<KeyOptions>())));
  return command;
};
