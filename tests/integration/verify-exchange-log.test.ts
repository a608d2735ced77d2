import { expect, it } from 'vitest';
import { putLeaf } from '#shared/audit/put-leaf.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { readReceipt } from '#shared/client/verify/check-receipt.ts';
import { fsck } from '#shared/client/verify/fsck.ts';
import { readerOf } from '#shared/client/verify/log-reader.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { nameOf } from '#shared/registry/entry.ts';
import { identityFacts, makeExchange, sampleEntries } from '#tests/support/exchange.ts';
import { withInquiry } from '#tests/support/messages.ts';
import { entryText } from '#tests/support/registry.ts';

it('finds nothing wrong with what the exchange itself has logged, and every receipt in it', async () => {
  const made = await makeExchange();
  const { exchange, clock, log, keys } = made;
  const { journal, settings, random, now } = exchange;
  const recording = { journal, layout: settings.layout, now, random };
  // As an early release recorded what it wrote without a command.
  for (const entry of sampleEntries(keys)) {
    const { kind, key } = nameOf(entry);
    const about = { kind, key, n: entry.version, entry: entryText(entry) };
    await putLeaf(recording, (id, t) => ({ v: 1, k: 'registry', id, t, ...about }));
  }
  const { kid, jwk } = keys.exchange;
  await putLeaf(recording, (id, t) => ({
    v: 1,
    k: 'key',
    id,
    t,
    kid,
    jwk: canonicalJson(jwk),
  }));
  clock.advance(15_000);

  const receipts: string[] = [];
  const ask = async (parts: Parameters<typeof made.request>[0] = {}): Promise<void> => {
    const { receipt } = await made.submit(await made.request(parts));
    receipts.push(receipt);
    clock.advance(1000);
  };
  await ask();
  await ask({ key: keys.otherCounter });
  await ask({ claims: (claims) => withInquiry({ purpose: 'curiosity' })(claims) });
  made.say({ outcome: 'NOT_FOUND' });
  await ask();
  made.say({ facts: { ...identityFacts, shoeSize: '42' } });
  await ask();
  made.say({ requestDigest: 'A'.repeat(43) });
  await ask();
  made.agencies.play(async () => ({ kind: 'timeout' }));
  await ask();
  await log.sequence();
  const earlier = await log.objects.store.get(logKey(0, 'checkpoint'));
  made.say({ facts: identityFacts });
  await ask();
  await log.sequence();
  await log.witness();

  const report = await fsck({
    reader: readerOf((path) => log.objects.store.get(logKey(0, path))),
    policy: log.policy,
    depth: 'all',
    previous: [{ name: 'earlier', bytes: earlier ?? new Uint8Array() }],
    receipts: receipts.map(readReceipt).filter((receipt) => receipt !== undefined),
  });
  expect(report.findings).toEqual([]);
  expect(report.checks.filter(({ result }) => result === 'failed')).toEqual([]);
  expect(report.checks.filter(({ check }) => check.startsWith('receipt '))).toHaveLength(16);
});
