import { resolve } from 'node:path';

/** What `npm start` is told by the environment. */
export type Settings = {
  /** Where everything is kept: the store, keys, the secret, logs. */
  readonly dataDir: string;
  /** The exchange's port on 127.0.0.1. */
  readonly port: number;
  /** A DynamoDB-compatible store to use; undefined for the embedded one. */
  readonly storeEndpoint: string | undefined;
  /** How many logs are kept, and into how many slots the journal is cut. */
  readonly shards: number;
  readonly slots: number;
  /** Whether the terminal shows colours (https://no-color.org). */
  readonly colours: boolean;
  /** What child processes inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

const readPort = (text: string): number => {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new Error('PORT must be a number from 1 to 65535.');
  return port;
};

/** The bounds and what is taken when nothing is said are those of functions/runtime/env.ts. */
const readCount = (name: string, text: string, most: number): number => {
  const count = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most) throw new Error(`${name} must be a number from 1 to ${most}.`);
  return count;
};

const readEndpoint = (text: string | undefined): string | undefined => {
  if (text === undefined || text === '') return undefined;
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error('DYNAMODB_ENDPOINT must be a URL, for example http://127.0.0.1:8000.');
  }
  return text;
};

/** Reads the settings; throws an error that says which is wrong and what would be right. */
export const readSettings = (
  environment: Settings['environment'] = process.env,
  isTerminal: boolean = process.stdout.isTTY,
): Settings => ({
  dataDir: resolve(environment['ESTELAM_DATA'] ?? '.estelam'),
  port: readPort(environment['PORT'] ?? '8787'),
  shards: readCount('JOURNAL_SHARDS', environment['JOURNAL_SHARDS'] ?? '1', 64),
  slots: readCount('JOURNAL_SLOTS', environment['JOURNAL_SLOTS'] ?? '16', 1024),
  storeEndpoint: readEndpoint(environment['DYNAMODB_ENDPOINT']),
  // Set and not empty, whatever it says.
  colours: isTerminal && (environment['NO_COLOR'] ?? '') === '',
  environment,
});
