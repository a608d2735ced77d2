import { describe, expect, it } from 'vitest';
import { readReceipt } from '#shared/client/verify/check-receipt.ts';
import { receiptOf, registryLeaf } from '#tests/support/log-leaves.ts';
import { makeKey, testNow, withMembers } from '#tests/support/messages.ts';
import {
  cast,
  failuresOf,
  firstLeaves,
  inquiriesAt,
  inquiryAt,
  logOf,
  resultOf,
  verifyFiles,
  verifyLeaves,
} from './sample-log.ts';

const { exchange } = cast;
const inquiries = await inquiriesAt([0, 1000, 2000]);
const [inquiry] = inquiries;
if (inquiry === undefined) throw new Error('no inquiry');
const leaves = [...firstLeaves, ...inquiries.map(({ data }) => data)];
const { files } = await logOf(leaves);

type Bend = Omit<Parameters<typeof receiptOf>[1], 'exchange'> & {
  readonly exchange?: typeof exchange;
};

const receiptFor = async (bend: Bend = {}, of = inquiry) => {
  const receipt = readReceipt(await receiptOf(of, { exchange, ...bend }));
  if (receipt === undefined) throw new Error('no receipt');
  return receipt;
};

const failuresWith = async (bend: Bend) =>
  failuresOf(await verifyFiles(files, { receipts: [await receiptFor(bend)] }));

describe('readReceipt', () => {
  it('reads a receipt with or without a newline at its end', async () => {
    const token = await receiptOf(inquiry, { exchange });
    expect(readReceipt(token)?.claims.inq_id).toBe(inquiry.id);
    expect(readReceipt(`${token}\n`)?.token).toBe(token);
    expect(readReceipt(`${token}\r\n`)?.token).toBe(token);
  });

  it('reads nothing else', async () => {
    const token = await receiptOf(inquiry, { exchange });
    for (const other of ['', 'x', `${token}\n\n`, ` ${token}`, `${token}~`, inquiry.intent.req]) {
      expect(readReceipt(other)).toBeUndefined();
    }
    const surplus = { claims: withMembers({ note: 'x' }) };
    expect(readReceipt(await receiptOf(inquiry, { exchange, ...surplus }))).toBeUndefined();
  });
});

describe('receipts and a log', () => {
  it('finds the leaf of each receipt', async () => {
    const receipts = await Promise.all(inquiries.map((one) => receiptFor({}, one)));
    const report = await verifyFiles(files, { receipts });
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.filter(({ check }) => check.startsWith('receipt '))).toHaveLength(6);
  });

  it('finds that an entry was dropped after its receipt', async () => {
    const without = leaves.filter((data) => data !== inquiry.data);
    const report = await verifyLeaves(without, { receipts: [await receiptFor()] });
    expect(failuresOf(report)).toEqual(['receipt']);
  });

  it('finds that a log was rewritten with the real key', async () => {
    const other = await inquiryAt(0, { id: inquiry.id });
    const rewritten = leaves.map((data) => (data === inquiry.data ? other.data : data));
    expect(failuresOf(await verifyLeaves(rewritten))).toEqual([]);
    const report = await verifyLeaves(rewritten, { receipts: [await receiptFor()] });
    expect(failuresOf(report)).toEqual(['receipt']);
  });

  it('finds a receipt that promises a leaf in another log', async () => {
    expect(await failuresWith({ origin: 'exchange.example/log/1' })).toEqual(['receipt']);
  });

  it.each([
    ['outcome', { outcome: 'NOT_FOUND' }],
    ['answer', { answer_s256: 'A'.repeat(43) }],
    ['missing answer', { answer_s256: undefined }],
    ['request', { req_s256: 'A'.repeat(43) }],
    ['id', { inq_id: '01a3185c-0000-7000-8000-000000000000' }],
    ['withheld fields', { withheld: ['firstName'] }],
    ['rule', { decision: { effect: 'allow', rule: 'licence-valid', registry: 12 } }],
    ['effect', { decision: { effect: 'deny', rule: 'open-service', registry: 12 } }],
    ['version', { decision: { effect: 'allow', rule: 'open-service', registry: 13 } }],
  ])('finds a receipt that says another %s than its leaf', async (_, members) => {
    expect(await failuresWith({ claims: withMembers(members) })).toEqual(['message']);
  });

  it('finds a receipt that the exchange did not sign', async () => {
    expect(await failuresWith({ exchange: await makeKey() })).toEqual(['message']);
    const flip = (signature: Uint8Array) => signature.with(9, (signature[9] ?? 0) ^ 1);
    expect(await failuresWith({ signature: flip })).toEqual(['message']);
  });

  it('finds a receipt that is signed by a participant', async () => {
    expect(await failuresWith({ exchange: cast.counter })).toEqual(['message']);
    const posing = await makeKey('ES256', 'counter:1');
    const more = [...leaves, registryLeaf(posing, testNow + 3000)];
    const receipts = [await receiptFor({ exchange: posing })];
    expect(failuresOf(await verifyLeaves(more, { receipts }))).toEqual(['message']);
  });

  it('says what it did not check when entries are not read', async () => {
    const receipt = await receiptFor();
    const report = await verifyFiles(files, { depth: 'hashes', receipts: [receipt] });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, `receipt ${inquiry.id}, leaf`)).toBe('passed');
    expect(resultOf(report, `receipt ${inquiry.id}, signature`)).toBe('skipped');
  });
});
