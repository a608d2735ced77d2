import { describe, expect, it } from 'vitest';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { judgePool } from '#shared/client/cli/judge-pool.ts';
import { type Batch, judgeWith } from '#shared/client/verify/judge.ts';
import { testOrigin } from '#tests/support/log-builder.ts';
import { registryLeaf } from '#tests/support/log-leaves.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import {
  cast,
  failuresOf,
  faultsOf,
  firstLeaves,
  inquiriesAt,
  inquiryAt,
  logOf,
  verifyFiles,
} from '../unit/verify/sample-log.ts';

const settings = { origin: testOrigin, signatures: true };
const inquiries = await inquiriesAt([0, 1000, 2000]);
const forged = await inquiryAt(3000, { counter: await makeKey() });
const flip = (signature: Uint8Array) => signature.with(9, (signature[9] ?? 0) ^ 1);
const broken = await inquiryAt(4000, { response: { signature: flip } });
const entries = [...inquiries, forged, broken].map(({ data }) => data);
const leaves = [...firstLeaves, ...entries];

const batchOf = (data: readonly Uint8Array[], first: number): Batch => ({
  first,
  bytes: formatBundle(data),
  width: data.length,
});

describe('judgePool', () => {
  it('judges as one thread does, batch by batch', async () => {
    const { book } = await verifyFiles((await logOf(firstLeaves)).files);
    const batches = [batchOf(leaves, 0), batchOf(entries, 4), batchOf(entries.slice(3), 7)];
    await using pool = judgePool(2, settings);
    pool.learn(book.all());
    const here = await Promise.all(batches.map(judgeWith(book, settings)));
    expect(await Promise.all(batches.map(pool.judge))).toEqual(here);
    expect(here[0]).toMatchObject({
      waiting: [7],
      findings: [{ fault: 'answer-signature-invalid', index: 8 }],
    });
  });

  it('has room for the keys of a country', async () => {
    await using pool = judgePool(1, settings);
    const { book } = await verifyFiles((await logOf(firstLeaves)).files);
    const [key] = book.all();
    if (key === undefined) throw new Error('no key');
    for (let from = 0; from < 100_000; from += 1000) {
      const many = Array.from({ length: 1000 }, (_, n) => {
        const name = String(from + n).padStart(43, '0');
        return { ...key, kid: name, jwk: { ...key.jwk, x: name } };
      });
      pool.learn(many);
      await pool.judge(batchOf([], 0));
    }
    expect((await pool.judge(batchOf(entries, 4))).ids).toHaveLength(entries.length);
  });

  it('lets the caller keep the bytes', async () => {
    const batch = batchOf(entries, 4);
    const before = Uint8Array.from(batch.bytes);
    await using pool = judgePool(1, settings);
    await pool.judge(batch);
    expect(batch.bytes).toEqual(before);
  });

  it('verifies a whole log in threads as in one', async () => {
    const padding = Array.from({ length: 600 }, (_, n) =>
      registryLeaf(cast.counter, testNow - 50_000 + n * 50, { version: n + 2 }),
    );
    const { files } = await logOf([...firstLeaves, ...padding, ...entries]);
    await using owned = new AsyncDisposableStack();
    const here = await verifyFiles(files);
    const inThreads = await verifyFiles(files, {
      startJudge: (judgeSettings) => owned.use(judgePool(2, judgeSettings)),
    });
    expect(failuresOf(here)).toEqual(['message']);
    expect(inThreads.checks).toEqual(here.checks);
    expect(faultsOf(inThreads).toSorted()).toEqual(faultsOf(here).toSorted());
  });

  it('rejects what is still open when its threads end', async () => {
    const pool = judgePool(1, settings);
    const open = pool.judge(batchOf(entries, 4));
    const [judged] = await Promise.allSettled([open, pool[Symbol.asyncDispose]()]);
    expect(judged).toMatchObject({ reason: { message: 'A thread of the verification ended.' } });
  });
});
