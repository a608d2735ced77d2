import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { httpLog } from '#shared/client/cli/http-log.ts';
import { LogUnreadable } from '#shared/client/verify/log-reader.ts';
import { AccessClaims } from '#shared/message/claims.ts';
import type { LogFiles } from '#tests/support/log-builder.ts';
import { makeKey } from '#tests/support/messages.ts';
import {
  failuresOf,
  firstLeaves,
  inquiriesAt,
  logOf,
  verifyFiles,
} from '../unit/verify/sample-log.ts';

type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

/** Serves the files of a log below `/log/0`, unless `first` answers. */
const serve = async (files: LogFiles, first: Answer = () => false) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/log/0/', '');
    asked.push(path);
    if (first(path, request, response)) return;
    const bytes = files.get(path);
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    url: `${origin}/log/0`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const leaves = [...firstLeaves, ...(await inquiriesAt([0, 1000])).map(({ data }) => data)];
const built = await logOf(leaves);
const bundle = bundlePath({ index: 0, width: leaves.length });
const tile = { level: 0, index: 0, width: leaves.length } as const;

const isEntries = (path: string): boolean => path.startsWith('tile/entries/');

const auditorKey = await makeKey('ES256', 'auditor:court');
const auditor = { participant: auditorKey.owner, signer: auditorKey.signer };

describe('httpLog', () => {
  it('verifies a log that is served, compressed or not', async () => {
    await using plain = await serve(built.files);
    const reader = httpLog(plain.url, undefined);
    expect(failuresOf(await verifyFiles(new Map(), { reader }))).toEqual([]);
    await using zipped = await serve(built.files, (path, _, response) => {
      const bytes = built.files.get(path) ?? '';
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes));
      return true;
    });
    const other = httpLog(`${zipped.url}/`, undefined);
    expect(failuresOf(await verifyFiles(new Map(), { reader: other }))).toEqual([]);
  });

  it('reads the full tile where the partial one is gone', async () => {
    const full = new Uint8Array(8192).fill(7);
    await using log = await serve(new Map([[tilePath({ ...tile, width: 256 }), full]]));
    const read = await httpLog(log.url, undefined).tile(tile);
    expect(read).toEqual(Buffer.alloc(leaves.length * 32, 7));
    expect(log.asked).toEqual([tilePath(tile), tilePath({ ...tile, width: 256 })]);
  });

  it('says undefined for what is not there', async () => {
    await using log = await serve(new Map());
    const reader = httpLog(log.url, undefined);
    expect(await reader.checkpoint()).toBeUndefined();
    expect(await reader.bundle({ index: 0, width: 256 })).toBeUndefined();
  });

  it('comes back after a refusal that passes', async () => {
    let refused = 0;
    await using log = await serve(built.files, (_, __, response) => {
      refused += 1;
      if (refused > 2) return false;
      response.writeHead(503, { 'retry-after': '0' }).end();
      return true;
    });
    const checkpoint = await httpLog(log.url, undefined).checkpoint();
    expect(checkpoint).toEqual(Buffer.from(built.checkpoint));
    expect(log.asked).toHaveLength(3);
  });

  it('gives up on a log that keeps refusing', async () => {
    await using log = await serve(built.files, (_, __, response) => {
      response.writeHead(500, { 'retry-after': '0' }).end();
      return true;
    });
    await expect(httpLog(log.url, undefined).checkpoint()).rejects.toThrow(LogUnreadable);
    expect(log.asked).toHaveLength(5);
  });

  it('says what to do when entries are for auditors', async () => {
    await using log = await serve(built.files, (path, _, response) => {
      if (isEntries(path)) response.writeHead(401).end();
      return isEntries(path);
    });
    const reader = httpLog(log.url, undefined);
    await expect(verifyFiles(new Map(), { reader })).rejects.toThrow('--hashes-only');
    expect(failuresOf(await verifyFiles(new Map(), { reader, depth: 'hashes' }))).toEqual([]);
  });

  it('reads entries as an auditor, with a token of its own for each, and nothing else', async () => {
    const tokens: (string | undefined)[] = [];
    await using log = await serve(built.files, (path, { headers }) => {
      tokens.push(headers.authorization);
      return isEntries(path) && headers.authorization === undefined;
    });
    const reader = httpLog(log.url, auditor);
    await reader.checkpoint();
    await reader.tile(tile);
    expect(tokens).toEqual([undefined, undefined]);
    await reader.bundle({ index: 0, width: leaves.length });
    await reader.bundle({ index: 0, width: leaves.length });
    const [, , first, second] = tokens;
    expect(first).not.toBe(second);
    const payload = first?.replace('Bearer ', '').split('.')[1] ?? '';
    const claims = AccessClaims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    expect(claims).toMatchObject({
      iss: 'auditor:court',
      aud: log.origin,
      htm: 'GET',
      htu: `${log.url}/${bundle}`,
    });
  });

  it('follows no redirect: a token names its address', async () => {
    await using log = await serve(built.files, (_, __, response) => {
      response.writeHead(302, { location: '/elsewhere', 'retry-after': '0' }).end();
      return true;
    });
    await expect(httpLog(log.url, undefined).checkpoint()).rejects.toThrow(LogUnreadable);
    expect(log.asked).not.toContain('/elsewhere');
  });

  it('stops at a body that is larger than it can be', async () => {
    await using log = await serve(built.files, (_, __, response) => {
      response.end(new Uint8Array(8193));
      return true;
    });
    await expect(httpLog(log.url, undefined).tile(tile)).rejects.toThrow('larger than it can be');
  });

  it('says so when nobody answers', async () => {
    const log = await serve(built.files);
    await log[Symbol.asyncDispose]();
    await expect(httpLog(log.url, undefined).checkpoint()).rejects.toThrow('was not answered');
  });
});
