import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAtMost } from '../../kernel/read-at-most.ts';
import { pauseBefore } from '../retry.ts';
import { signAccess } from '../sign-access.ts';
import type { Asker } from '../sign-request.ts';
import { type LogReader, LogUnreadable, type ReadPath, readerOf } from '../verify/log-reader.ts';
import { limitOf } from './resource-limit.ts';

/** Who reads: entry bundles are for auditors, unless the operator opens them to everybody. */
export type Auditor = Pick<Asker, 'participant' | 'signer'>;

/** Milliseconds for one try, body and all. */
const timeout = 60_000;

const isPassing = (status: number): boolean => status === 429 || status >= 500;

const clock = { now: () => Date.now(), random: (length: number) => randomBytes(length) };

const headersFor = async (
  url: URL,
  path: string,
  auditor: Auditor | undefined,
): Promise<Readonly<Record<string, string>>> => {
  if (auditor === undefined || !path.startsWith('tile/entries/')) return {};
  // A token is for one reading: every try has its own.
  const token = await signAccess(url.pathname, url.origin, { ...auditor, ...clock });
  return { authorization: `Bearer ${token}` };
};

const bodyOf = async (reply: Response, path: string): Promise<Uint8Array> => {
  const bytes = await readAtMost(reply.body ?? new ReadableStream(), limitOf(path));
  if (bytes === undefined) throw new LogUnreadable(`${path} is larger than it can be.`);
  return bytes;
};

type Tried =
  | { readonly reply: Response; readonly bytes: Uint8Array | undefined }
  | { readonly cause: unknown };

const tryOnce = async (url: URL, path: string, auditor: Auditor | undefined): Promise<Tried> => {
  const headers = await headersFor(url, path, auditor);
  try {
    const reply = await fetch(url, {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    if (reply.status === 200) return { reply, bytes: await bodyOf(reply, path) };
    await reply.body?.cancel();
    return { reply, bytes: undefined };
  } catch (cause) {
    if (cause instanceof LogUnreadable) throw cause;
    return { cause };
  }
};

const refusal = (path: string, status: number): LogUnreadable => {
  const isEntries = path.startsWith('tile/entries/');
  if (isEntries && (status === 401 || status === 403)) {
    return new LogUnreadable(
      'Entries of this log are for auditors: give --participant and --key, or check what is ' +
        'public with estelam verify --hashes-only.',
    );
  }
  return new LogUnreadable(`${path} was answered with status ${status}.`);
};

const read = async (
  url: URL,
  path: string,
  auditor: Auditor | undefined,
): Promise<Uint8Array | undefined> => {
  for (let tried = 1; ; tried += 1) {
    const got = await tryOnce(url, path, auditor);
    const reply = 'reply' in got ? got.reply : undefined;
    if ('bytes' in got && got.bytes !== undefined) return got.bytes;
    if (reply?.status === 404 || reply?.status === 410) return undefined;
    const isFinal = reply !== undefined && !isPassing(reply.status);
    const pause = isFinal ? undefined : pauseBefore(tried, reply, clock);
    if (pause === undefined) {
      if (reply !== undefined) throw refusal(path, reply.status);
      throw new LogUnreadable(`${path} was not answered.`, 'cause' in got ? got : undefined);
    }
    await sleep(pause);
  }
};

/** The files of a log by its URL; redirects are not followed. */
export const httpPaths = (base: string, auditor: Auditor | undefined): ReadPath => {
  const prefix = base.endsWith('/') ? base : `${base}/`;
  return (path) => read(new URL(path, prefix), path, auditor);
};

/** A log by its URL, for example `https://exchange.example/log/0`. */
export const httpLog = (base: string, auditor: Auditor | undefined): LogReader =>
  readerOf(httpPaths(base, auditor));
