import { once } from 'node:events';
import { expect, it } from 'vitest';
import { answers } from '#functions/read-log/handler.ts';
import { type Handler, serve } from '#functions/runtime/http.ts';
import { startServer } from '#infra/local/server.ts';
import { httpLog } from '#shared/client/cli/http-log.ts';
import { fsck } from '#shared/client/verify/fsck.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import { makeExchange, sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { manyInquiries } from '#tests/support/many-inquiries.ts';
import { makeKey } from '#tests/support/messages.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';

/** A log of so many inquiries, served to an auditor whose every reading becomes a leaf of it. */
const startLog = async (inquiries: number) => {
  const key = await makeKey('ES256', 'auditor:court');
  const registry = [...sampleEntries(await testKeys()), keyEntryOf(key), agencyOf(key.owner)];
  const test = await makeExchange({ registry });
  const text = await test.request();
  await test.submit(text);
  await manyInquiries(test, text, inquiries - 1, 10);
  await test.log.sequence();
  await test.log.witness();
  const serving: { handler?: Handler } = {};
  const handler: Handler = async (event) => {
    if (serving.handler === undefined) throw new Error('Nothing is served yet.');
    return serving.handler(event);
  };
  const server = await startServer(new Map([['read-log', handler]]), 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const { exchange, log } = test;
  const reading = {
    ...exchange,
    settings: { ...exchange.settings, origin },
    // Tokens are made by the clock of this machine, leaves by that of the test.
    now: Date.now,
    meters: test.meters.store,
    noteAccess: noteAccess(exchange),
  };
  const made = answers(async () => reading);
  serving.handler = serve(() => ({
    answers: made,
    observe: { outcome: () => {}, bug: () => {} },
  }));
  return {
    log,
    verify: () =>
      fsck({
        reader: httpLog(`${origin}/log/0`, { participant: key.owner, signer: key.signer }),
        policy: log.policy,
        depth: 'form',
      }),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

it('an auditor verifies a log that grows by the reading of it, once and again', async () => {
  await using site = await startLog(600);
  const first = await site.verify();
  expect(first.checks.filter(({ result }) => result === 'failed')).toEqual([]);
  expect(first.checkpoint?.leaves).toBe(601);

  await site.log.sequence();
  await site.log.witness();
  const second = await site.verify();

  expect(second.checks.filter(({ result }) => result === 'failed')).toEqual([]);
  expect(second.findings).toEqual([]);
  // Three bundles were read.
  expect(second.checkpoint?.leaves).toBe(604);
  const form = second.checks.find(({ check }) => check === 'form');
  expect(form?.detail).toBe('every leaf has its form, 3 reads');
});
