import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answers } from '#functions/read-log/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import { startServer } from '#infra/local/server.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import { makeExchange } from '#tests/support/exchange.ts';
import { manyInquiries } from '#tests/support/many-inquiries.ts';

const source = fileURLToPath(new URL('./go/reader.go', import.meta.url));

const run = promisify(execFile);

/** Nothing of Go's may be fetched: the reader stands on its standard library alone. */
const environment = { ...process.env, GOPROXY: 'off', GOTOOLCHAIN: 'local', GO111MODULE: 'off' };

const hasGo = async (): Promise<boolean> => {
  try {
    await run('go', ['version'], { env: environment });
    return true;
  } catch {
    return false;
  }
};

/** The log of an exchange over memory twins, served on this machine. */
const serveLog = async (inquiries: number) => {
  const test = await makeExchange({ settings: { logEntries: 'public' } });
  const text = await test.request();
  await test.submit(text);
  await manyInquiries(test, text, inquiries - 1, 10);
  await test.log.sequence();
  const observe = { outcome: () => {}, bug: () => {} };
  const meters = test.meters.store;
  const reading = { ...test.exchange, meters, noteAccess: noteAccess(test.exchange) };
  const made = answers(async () => reading);
  const handler = serve(() => ({ answers: made, observe }));
  const server = await startServer(new Map([['read-log', handler]]), 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/log/0`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

describe('a reader in Go, on its standard library alone', () => {
  it('reads the log as C2SP tlog-tiles has it', { timeout: 120_000 }, async ({ skip }) => {
    skip(!(await hasGo()), 'no Go on this machine');
    await using log = await serveLog(200);
    const directory = await mkdtemp(join(tmpdir(), 'estelam-go-'));
    try {
      const program = join(directory, 'reader');
      await run('go', ['build', '-o', program, source], { env: environment, cwd: directory });
      const { stdout } = await run(program, [log.url]);
      expect(JSON.parse(stdout)).toEqual({
        size: 201,
        ['root_holds']: true,
        ['entries_hold']: true,
        uncompressed: true,
        ['not_modified']: 304,
        missing: 404,
        type: 'text/plain; charset=utf-8',
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
