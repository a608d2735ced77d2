import { describe, expect, it } from 'vitest';
import { problemDocument } from '#shared/api/problem-document.ts';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { parseProofFile } from '#shared/audit/tlog/proof-file.ts';
import type { CheckedReceipt } from '#shared/client/check-reply.ts';
import { checkProof } from '#shared/client/inquiry-proof.ts';
import { UntrustedReply } from '#shared/client/untrusted-reply.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { policyText, testSigners } from '#tests/support/log-builder.ts';
import { type Disturb, question, replyOf, type Wired, wire } from './exchange-transport.ts';

const isProof = (url: string): boolean => url.endsWith('/proof');

type Asked = Wired & { readonly id: string; readonly receipt: CheckedReceipt };

/** An inquiry that was answered, and is not in the log yet. */
const asked = async (disturb?: Disturb): Promise<Asked> => {
  const wired = await wire(disturb);
  const { inqId: id, ...result } = await wired.client.ask(question);
  if (result.kind !== 'answered') throw new Error('The inquiry was not answered.');
  return { ...wired, id, receipt: result.receipt };
};

const logged = async (disturb?: Disturb): Promise<Asked> => {
  const stage = await asked(disturb);
  await stage.test.log.sequence();
  await stage.test.log.witness();
  return stage;
};

const failedCheck = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((caught: unknown) => caught);
  return error instanceof UntrustedReply ? error.check : `not untrusted: ${String(error)}`;
};

describe('a client that wants a proof', () => {
  it('gets it checked: what it keeps can be checked again', async () => {
    const { client, test, id, receipt, pauses } = await logged();
    const { policy } = test.log;
    const proof = await client.proof(id, { policy, receipt });
    expect(pauses).toEqual([]);
    expect(proof).toMatchObject({ index: 1n, checkpoint: { checkpoint: { size: 2n } } });
    expect(checkProof(proof.bytes, { policy, receipt })).toEqual(proof);
    expect(parseProofFile(proof.bytes)?.extra).toEqual(proof.leaf);
  });

  it('waits while it is pending, as long as it is told to', async () => {
    const stage = await asked();
    const { client, test, id, receipt, pauses } = stage;
    const sequencing: Disturb = async ({ url }, honest) => {
      if (isProof(url) && pauses.length === 1) {
        await test.log.steps();
        await test.log.witness();
      }
      return honest();
    };
    stage.disturbLater(sequencing);
    const proof = await client.proof(id, { policy: test.log.policy, receipt });
    expect(proof.index).toBe(1n);
    expect(pauses).toEqual([27_000]);
  });

  it('gives up when its patience is over, and says that it is pending', async () => {
    const { client, test, id, receipt, pauses } = await asked();
    const how = { policy: test.log.policy, receipt, patience: 40_000 };
    await expect(client.proof(id, how)).rejects.toMatchObject({
      name: 'ReadRefused',
      problem: { name: 'proof-pending', status: 404 },
      retryAfter: 5000,
    });
    expect(pauses).toEqual([27_000, 5000, 5000]);
    await expect(client.proof(id, { ...how, patience: 1999 })).rejects.toThrow('proof-pending');
    expect(pauses).toHaveLength(3);
  });

  it('is not made to ask without a pause', async () => {
    const pending = new Problem('proof-pending', 'Not yet.');
    const context = { language: 'en', requestId: 'r', now: 0, status: 404 } as const;
    const stage = await asked();
    stage.disturbLater(async () =>
      replyOf(404, problemDocument(pending, context), { 'retry-after': '0' }),
    );
    const how = { policy: stage.test.log.policy, receipt: stage.receipt, patience: 10_000 };
    await expect(stage.client.proof(stage.id, how)).rejects.toThrow('proof-pending');
    expect(stage.pauses).toEqual(Array.from({ length: 10 }, () => 1000));
  });

  it('is told at once that there is no such inquiry', async () => {
    const { client, test, receipt, pauses } = await logged();
    const none = '019b76da-a800-7000-8000-000000000000';
    await expect(client.proof(none, { policy: test.log.policy, receipt })).rejects.toMatchObject({
      problem: { name: 'not-found' },
    });
    expect(pauses).toEqual([]);
  });

  it('comes back after a lost connection', async () => {
    const stage = await logged();
    let lost = 0;
    stage.disturbLater((_, honest) => {
      lost += 1;
      return lost === 1 ? Promise.reject(new TypeError('fetch failed')) : honest();
    });
    const { policy } = stage.test.log;
    const proof = await stage.client.proof(stage.id, { policy, receipt: stage.receipt });
    expect(proof.index).toBe(1n);
  });
});

describe('a client that gets a proof which does not hold', () => {
  const bent = async (change: (text: string) => string) => {
    const stage = await logged();
    stage.disturbLater(async (_, honest) => replyOf(200, change(await (await honest()).text())));
    const { policy } = stage.test.log;
    return failedCheck(stage.client.proof(stage.id, { policy, receipt: stage.receipt }));
  };

  it.each([
    ['nothing', () => '', 'shape'],
    ['a page', () => '<html>', 'shape'],
    ['no entry', (text: string) => text.replace(/^extra .*\n/m, ''), 'shape'],
    ['a line more', (text: string) => text.replace('\n\n', '\nx\n\n'), 'shape'],
    ['another index', (text: string) => text.replace('index 1', 'index 0'), 'proof-invalid'],
    ['an index outside', (text: string) => text.replace('index 1', 'index 2'), 'proof-invalid'],
    ['no path', (text: string) => text.replace(/^(index 1)\n[^\n]+\n/m, '$1\n'), 'proof-invalid'],
    [
      'an entry with a byte changed',
      (text: string) => text.replace(/^extra (.{10})./m, 'extra $1A'),
      'proof-not-ours',
    ],
    [
      'a checkpoint of another size',
      (text: string) => text.replace(/(log\/0\n)2\n/, '$13\n'),
      'checkpoint-untrusted',
    ],
    [
      'a checkpoint that one witness less has seen',
      (text: string) => text.replace(/— witness\.example\/a .*\n/, ''),
      'checkpoint-untrusted',
    ],
    [
      'a checkpoint that the log did not sign',
      (text: string) => text.replace(/— exchange\.example\/log\/0 .*\n/, ''),
      'checkpoint-untrusted',
    ],
  ] as const)('%s: %s', async (_, change, check) => {
    expect(await bent(change)).toBe(check);
  });

  it('of another inquiry: its own receipt does not name it', async () => {
    const stage = await asked();
    const other = await stage.client.ask({ ...question, seq: 2 });
    await stage.test.log.sequence();
    await stage.test.log.witness();
    const { policy } = stage.test.log;
    const proof = stage.client.proof(other.inqId, { policy, receipt: stage.receipt });
    expect(await failedCheck(proof)).toBe('proof-not-ours');
  });

  it('of another log than the receipt names', async () => {
    const stage = await logged();
    const claims = { ...stage.receipt.claims, log: 'exchange.example/log/1' };
    const receipt = { ...stage.receipt, claims };
    const proof = stage.client.proof(stage.id, { policy: stage.test.log.policy, receipt });
    expect(await failedCheck(proof)).toBe('proof-not-ours');
  });

  it('under a policy of other keys than the exchange would suggest', async () => {
    const { client, id, receipt } = await logged();
    const stranger = testSigners('stranger.example/log/0');
    const policy = parsePolicy(utf8(policyText(stranger, 0)));
    expect(await failedCheck(client.proof(id, { policy, receipt }))).toBe('checkpoint-untrusted');
  });
});
