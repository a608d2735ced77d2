import { describe, expect, it } from 'vitest';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { readReceipt } from '#shared/client/verify/check-receipt.ts';
import type { Batch, JudgeSettings } from '#shared/client/verify/judge.ts';
import { judgeWith } from '#shared/client/verify/judge.ts';
import { keyBook } from '#shared/client/verify/key-book.ts';
import { keysOnRecord } from '#shared/client/verify/key-on-record.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { buildLog, policyText, testSigners } from '#tests/support/log-builder.ts';
import {
  configLeaf,
  keyLeaf,
  lateLeaf,
  receiptOf,
  registryLeaf,
} from '#tests/support/log-leaves.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { exportOf, partOf, verifyExport } from './sample-export.ts';
import { built, inquiries, leaves, long, longLeaves } from './sample-files.ts';
import { cast, failuresOf, firstLeaves, inquiryAt, logOf, resultOf } from './sample-log.ts';

const verifyRange = async (
  log: Parameters<typeof partOf>[0],
  range: Parameters<typeof partOf>[1] = {},
  options: Parameters<typeof verifyExport>[1] = {},
) => verifyExport(await exportOf([partOf(log, range)]), options);

/** The keys on record in the first leaves, as another log would give them. */
const keys = (
  await Promise.all(
    firstLeaves.map(async (data, index) => {
      const { leaf } = readLeaf(data);
      if (leaf?.kind !== 'registry' && leaf?.kind !== 'key') return [];
      const read = await keysOnRecord(leaf, index, false);
      return read.flatMap((key) => (typeof key === 'object' ? [{ ...key, index: -1 }] : []));
    }),
  )
).flat();

const elsewhere = 'keys outside of the range';

const stranger = await makeKey('ES256');
const forged = await logOf([...leaves, (await inquiryAt(50_000, { counter: stranger })).data]);
const bentSignature = (signature: Uint8Array) => signature.with(9, (signature[9] ?? 0) ^ 1);
const broken = await logOf([
  ...leaves,
  (await inquiryAt(50_000, { request: { signature: bentSignature } })).data,
]);

describe('the leaves of an export', () => {
  it('are judged as those of a log when the whole of it is there', async () => {
    const report = await verifyRange(built);
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'signatures')?.detail).toBe(
      'of 6 inquiries, by keys on record',
    );
    expect(resultOf(report, elsewhere)).toBeUndefined();
    expect(failuresOf(await verifyRange(forged))).toEqual(['message']);
    expect(failuresOf(await verifyRange(broken))).toEqual(['message']);
  });

  it('are not judged by keys that are not in the range, and that is said', async () => {
    const report = await verifyRange(built, { from: 4 });
    expect(failuresOf(report)).toEqual([]);
    const check = report.checks.find((one) => one.check === elsewhere);
    expect(check?.result).toBe('skipped');
    expect(check?.detail).toContain('the signatures of 12 messages');
    const signatures = report.checks.find((one) => one.check === 'signatures');
    expect(signatures?.detail).toBe('of 0 inquiries, by keys on record');
    // The counter's key is on record here, and the agency's is not.
    const half = await verifyRange(broken, { from: 2, to: 3 });
    expect(failuresOf(half)).toEqual([]);
    expect(failuresOf(await verifyRange(broken, { from: 2 }))).toEqual(['message']);
  });

  it('are judged by keys that stand on record elsewhere', async () => {
    expect(keys).toHaveLength(3);
    const report = await verifyRange(built, { from: 4 }, { keys });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, elsewhere)).toBeUndefined();
    expect(failuresOf(await verifyRange(forged, { from: 4 }, { keys }))).toEqual(['message']);
    expect(failuresOf(await verifyRange(broken, { from: 4 }, { keys }))).toEqual(['message']);
    expect(failuresOf(await verifyRange(forged, { from: 4 }))).toEqual([]);
  });

  it('are not judged by their signatures when that is not asked for', async () => {
    const form = await verifyRange(forged, {}, { depth: 'form' });
    expect(failuresOf(form)).toEqual([]);
    expect(resultOf(form, 'signatures')).toBe('skipped');
    const hashes = await verifyRange(forged, {}, { depth: 'hashes' });
    expect(failuresOf(hashes)).toEqual([]);
    expect(resultOf(hashes, 'entries')).toBe('skipped');
  });

  it('are judged elsewhere when a judge is started', async () => {
    const batches: Batch[] = [];
    const startJudge = (settings: JudgeSettings, many: number) => {
      const book = keyBook();
      const judge = judgeWith(book, settings);
      expect([settings.origin, many]).toEqual(['exchange.example/log/0', built.size]);
      return {
        room: 2,
        learn: (learned: readonly Parameters<typeof book.learn>[0][]) =>
          learned.forEach(book.learn),
        judge: (batch: Batch) => {
          batches.push(batch);
          return judge(batch);
        },
      };
    };
    expect(failuresOf(await verifyRange(built, {}, { startJudge }))).toEqual([]);
    expect(batches.map(({ first, width }) => [first, width])).toEqual([[0, built.size]]);
  });

  it('have their form and their order', async () => {
    const swapped = await logOf([...leaves.slice(0, -2), ...leaves.slice(-2).toReversed()]);
    expect(failuresOf(await verifyRange(swapped))).toEqual(['order']);
    const malformed = await logOf(leaves.with(5, utf8('no leaf')));
    expect(failuresOf(await verifyRange(malformed, { from: 5 }))).toEqual(['malformed']);
  });

  it('are not held to what stands just outside of the range', async () => {
    const late = await inquiryAt(1500);
    const marked = await logOf([
      ...leaves,
      late.data,
      lateLeaf(late.id, late.data, testNow + 60_000),
    ]);
    const unmarked = await logOf([...leaves, late.data]);
    expect(failuresOf(await verifyRange(marked))).toEqual([]);
    expect(failuresOf(await verifyRange(unmarked))).toEqual(['order']);
    // Its notice stands behind the range; or it stands before, and its notice is here.
    expect(failuresOf(await verifyRange(marked, { to: marked.size - 1 }))).toEqual([]);
    expect(failuresOf(await verifyRange(marked, { from: marked.size - 1 }))).toEqual([]);
    // A notice without its entry is one wherever it stands, but there.
    const alone = await logOf([...leaves, lateLeaf(late.id, late.data, testNow + 60_000)]);
    expect(failuresOf(await verifyRange(alone, { from: alone.size - 2 }))).toEqual(['order']);
  });
});

const receiptFor = async (of = inquiries[0], origin?: string) => {
  if (of === undefined) throw new Error('no inquiry');
  const parts = origin === undefined ? cast : { ...cast, origin };
  const receipt = readReceipt(
    await receiptOf(of, { exchange: parts.exchange, ...(origin !== undefined && { origin }) }),
  );
  if (receipt === undefined) throw new Error('no receipt');
  return receipt;
};

describe('receipts and an export', () => {
  it('find their leaf in it', async () => {
    const receipts = await Promise.all(inquiries.map((one) => receiptFor(one)));
    const report = await verifyRange(built, {}, { receipts });
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.filter(({ check }) => check.startsWith('receipt '))).toHaveLength(12);
  });

  it('convict the log when the whole of it is there and their leaf is not', async () => {
    const receipts = [await receiptFor()];
    const dropped = await logOf(leaves.toSpliced(4, 1));
    expect(failuresOf(await verifyRange(dropped, {}, { receipts }))).toEqual(['receipt']);
  });

  it('leave it open when their leaf may stand outside of the range', async () => {
    const receipts = [await receiptFor()];
    const name = `receipt ${inquiries[0]?.id}`;
    const outside = await verifyRange(built, { from: 5 }, { receipts });
    expect(failuresOf(outside)).toEqual([]);
    expect(resultOf(outside, `${name}, leaf`)).toBe('skipped');
    expect(resultOf(outside, `${name}, signature`)).toBe('skipped');
    const inside = await verifyRange(built, { from: 4, to: 5 }, { receipts, keys });
    expect(failuresOf(inside)).toEqual([]);
    expect(resultOf(inside, `${name}, leaf`)).toBe('passed');
    expect(resultOf(inside, `${name}, signature`)).toBe('passed');
  });

  it('convict the exchange when they say something else, or are of another log', async () => {
    const other = await receiptFor(inquiries[0], 'exchange.example/log/1');
    expect(failuresOf(await verifyRange(built, { from: 4 }, { receipts: [other] }))).toEqual([
      'receipt',
    ]);
    const token = await receiptOf(inquiries[0] ?? (await inquiryAt(0)), {
      exchange: cast.exchange,
      claims: (claims) =>
        typeof claims === 'object' && claims !== null
          ? { ...claims, outcome: 'NOT_FOUND' }
          : claims,
    });
    const lying = readReceipt(token);
    const receipts = lying === undefined ? [] : [lying];
    expect(failuresOf(await verifyRange(built, { from: 4 }, { receipts }))).toEqual(['message']);
  });
});

describe('an export and earlier checkpoints', () => {
  const earlier = async (data: readonly Uint8Array[]) => [
    { name: 'before', bytes: (await logOf(data)).checkpoint },
  ];

  it('shows that the log has only grown, where its tiles reach', async () => {
    for (const size of [256, 300, 512, long.size]) {
      const previous = await earlier(longLeaves.slice(0, size));
      const report = await verifyRange(long, { from: 100, to: 600 }, { previous });
      expect([size, failuresOf(report), resultOf(report, 'before')]).toEqual([size, [], 'passed']);
    }
  });

  it('says so where they do not', async () => {
    const previous = await earlier(longLeaves.slice(0, 300));
    const report = await verifyRange(long, { from: 0, to: 10 }, { previous });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'before')).toBe('skipped');
  });

  it('finds that the log signed two histories, or has become smaller', async () => {
    const rewritten = await earlier(longLeaves.slice(1, 301));
    expect(
      failuresOf(await verifyRange(long, { from: 100, to: 600 }, { previous: rewritten })),
    ).toEqual(['fork']);
    const larger = await earlier(longLeaves);
    expect(failuresOf(await verifyRange(built, {}, { previous: larger }))).toEqual(['fork']);
    const previous = [{ name: 'before', bytes: utf8('no checkpoint') }];
    expect(failuresOf(await verifyRange(built, {}, { previous }))).toEqual(['malformed']);
  });
});

describe('an export of several logs', async () => {
  const origin = 'exchange.example/log/1';
  const later = await Promise.all([5000, 6000].map((after) => inquiryAt(after)));
  const other = await buildLog(
    [configLeaf({ origin, shard: 1, shards: 2 }), ...later.map(({ data }) => data)],
    { origin },
  );
  const log = `log ${formatVerifierKey(testSigners(origin).log.verifier)}\n`;
  const policy = parsePolicy(utf8(`${log}${policyText()}`));
  const tar = await exportOf([partOf(built), partOf(other, { shard: 1 })]);

  it('judges each by its own checkpoint, and by the keys of those before', async () => {
    const report = await verifyExport(tar, { policy });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'log 0: checkpoint')).toBe('passed');
    expect(resultOf(report, 'log 1: checkpoint')).toBe('passed');
    expect(resultOf(report, elsewhere)).toBeUndefined();
    expect(failuresOf(await verifyExport(tar))).toEqual(['unsigned']);
  });

  it('does not pass where one stands in the place of another, or is of another exchange', async () => {
    const twice = await exportOf([partOf(built, { to: 5 }), partOf(built, { shard: 1, from: 5 })]);
    expect(failuresOf(await verifyExport(twice, { policy }))).toEqual(['malformed']);
    const far = 'other.example/log/1';
    const alien = await buildLog([configLeaf({ origin: far, shard: 1 })], { origin: far });
    const known = parsePolicy(
      utf8(`log ${formatVerifierKey(testSigners(far).log.verifier)}\n${policyText()}`),
    );
    const mixed = await exportOf([partOf(built), partOf(alien, { shard: 1 })]);
    expect(failuresOf(await verifyExport(mixed, { policy: known }))).toEqual(['malformed']);
  });

  it('finds the leaf of a receipt in the log that it names', async () => {
    const receipts = [await receiptFor(), await receiptFor(later[0], origin)];
    expect(failuresOf(await verifyExport(tar, { policy, receipts }))).toEqual([]);
    const wrong = [
      await receiptFor(later[0]),
      await receiptFor(later[1], 'exchange.example/log/7'),
    ];
    expect(failuresOf(await verifyExport(tar, { policy, receipts: wrong }))).toEqual([
      'receipt',
      'receipt',
    ]);
  });

  it('compares an earlier checkpoint with the log that it is of', async () => {
    const previous = [built, other].map(({ checkpoint: bytes }, n) => ({
      name: `before ${n}`,
      bytes,
    }));
    const report = await verifyExport(tar, { policy, previous });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'log 0: before 0')).toBe('passed');
    expect(resultOf(report, 'log 1: before 1')).toBe('passed');
    const alien = await buildLog(leaves, { origin: 'other.example/log/0' });
    const strangers = [{ name: 'alien', bytes: alien.checkpoint }];
    expect(failuresOf(await verifyExport(tar, { policy, previous: strangers }))).toEqual([
      'malformed',
    ]);
  });

  it('says of a finding in which log it is', async () => {
    const bad = await buildLog([configLeaf({ origin, shard: 1 }), utf8('no leaf')], { origin });
    const report = await verifyExport(await exportOf([partOf(built), partOf(bad, { shard: 1 })]), {
      policy,
    });
    expect(report.findings.map(({ index, detail }) => [index, detail.slice(0, 7)])).toEqual([
      [1, 'Log 1: '],
    ]);
  });

  it('leaves out the keys it does not know', async () => {
    const keyless = await logOf([
      configLeaf(),
      keyLeaf(cast.exchange),
      registryLeaf(cast.agency),
      inquiries[0]?.data ?? utf8(''),
    ]);
    const report = await verifyExport(
      await exportOf([partOf(keyless), partOf(other, { shard: 1 })]),
      { policy },
    );
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, elsewhere)).toBe('skipped');
  });
});
