import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '#shared/audit/address.ts';
import type { Places } from '#shared/audit/log-index.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { checkpointKey, cosignedKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { checkInclusion } from '#shared/audit/tlog/check.ts';
import { openCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { keysOf, satisfies } from '#shared/audit/tlog/policy.ts';
import { parseProofFile } from '#shared/audit/tlog/proof-file.ts';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import { proveInquiry } from '#shared/inquiry/prove-inquiry.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { makeExchange, receiptOf, recordsOf, type TestExchange } from '#tests/support/exchange.ts';
import { manyInquiries } from '#tests/support/many-inquiries.ts';

const owner = 'counter:72110345';

const refusalOf = async (work: Promise<unknown>): Promise<Problem> => {
  const answer = await work.catch((error: unknown) => error);
  if (answer instanceof Problem) return answer;
  throw new Error('It was not refused.', { cause: answer });
};

/** Everything that a proof must be, judged by whoever has the policy only. */
const openProof = (bytes: Uint8Array, { log }: Pick<TestExchange, 'log'>) => {
  const file = parseProofFile(bytes);
  const signed = file && openCheckpoint(file.checkpoint, keysOf(log.policy));
  if (file?.extra === undefined || signed === undefined) throw new Error('This is no proof.');
  const { size, root, origin } = signed.checkpoint;
  const leaf = leafHash(file.extra);
  return {
    index: Number(file.index),
    size: Number(size),
    origin,
    leaf: toBase64Url(leaf),
    lines: Buffer.from(file.extra).toString('utf8').split('\n'),
    believed: satisfies(log.policy, signed),
    included: checkInclusion({ leaf, index: file.index, size, root, proof: file.proof }),
  };
};

type Proven = TestExchange & {
  readonly address: Address;
  readonly receipt: string;
  readonly prove: (change?: Partial<Exchange>, counter?: string) => Promise<Uint8Array>;
};

/** An inquiry that was answered, and is not in the log yet. */
const asked = async (parts: Parameters<typeof makeExchange>[0] = {}): Promise<Proven> => {
  const test = await makeExchange(parts);
  const text = await test.request();
  const { receipt } = await test.submit(text);
  const address = test.addressOf(text);
  const prove = (change: Partial<Exchange> = {}, counter = owner) =>
    proveInquiry({ ...test.exchange, ...change })(address.id, counter);
  return { ...test, address, receipt, prove };
};

const logged = async (): Promise<Proven> => {
  const test = await asked();
  await test.log.sequence();
  await test.log.witness();
  return test;
};

/** The exchange's log with another index. */
const indexed = ({ exchange }: Proven, places: Places): Partial<Exchange> => ({
  log: { ...exchange.log, index: { find: async () => places } },
});

const nothing: Places = { ranges: [], late: [] };

describe('the proof of an inquiry', () => {
  it('shows the very leaf of the receipt in the log that the receipt names', async () => {
    const test = await logged();
    await test.log.feedIndex();
    const { leaf, log } = receiptOf(test.receipt);
    const proof = openProof(await test.prove(), test);
    expect(proof).toMatchObject({ leaf, origin: log, believed: true, included: true, size: 2 });
    const { intent, outcome } = recordsOf(test.journal, test.address);
    expect(proof.lines).toEqual([intent, outcome, '']);
  });

  it('is for the counter that asked, as if it did not exist for everybody else', async () => {
    const test = await logged();
    for (const counter of ['counter:72110346', 'agency:civil-registry', '']) {
      const refusal = await refusalOf(test.prove({}, counter));
      const unknown = await refusalOf(
        proveInquiry(test.exchange)('019b76da-a800-7000-8000-000000000000', owner),
      );
      expect(refusal.name).toBe('not-found');
      expect([refusal.detail, refusal.extras]).toEqual([unknown.detail, unknown.extras]);
    }
  });

  it.each(['', 'x', '019B76DA-A800-7000-8000-000000000000', '../019b76da'])(
    'is not found under %j, and nothing is read for it',
    async (id) => {
      const { exchange, journal } = await makeExchange();
      expect((await refusalOf(proveInquiry(exchange)(id, owner))).name).toBe('not-found');
      expect(journal.faults.calls('read')).toBe(0);
    },
  );

  it('cannot be had while the journal or the objects cannot be read', async () => {
    const test = await logged();
    test.journal.faults.breakCall('read', 'not-persisted');
    expect((await refusalOf(test.prove())).name).toBe('store-unavailable');
    test.log.objects.faults.breakCall('get', 'not-persisted');
    expect((await refusalOf(test.prove())).name).toBe('store-unavailable');
  });

  it('is never given when it does not hold', async () => {
    const test = await logged();
    const key = [...test.log.objects.dump().keys()].find((one) => one.includes('/tile/0/')) ?? '';
    const bytes = test.log.objects.dump().get(key) ?? new Uint8Array();
    test.log.objects.overwrite(
      key,
      bytes.map((byte, n) => (n === 3 ? byte ^ 1 : byte)),
    );
    await expect(test.prove()).rejects.toThrow('do not fit');
  });

  it('is never given for another leaf than the receipt promised', async () => {
    const test = await logged();
    const key = [...test.log.objects.dump().keys()].find((one) => one.includes('/entries/')) ?? '';
    const bundle = Buffer.from(test.log.objects.dump().get(key) ?? []).toString('latin1');
    const bent = Buffer.from(bundle.replace('"ms":', '"mz":'), 'latin1');
    expect(bent.toString('latin1')).not.toBe(bundle);
    test.log.objects.overwrite(key, bent);
    await expect(test.prove()).rejects.toThrow('another leaf');
  });
});

describe('a proof that is pending', () => {
  it.each([
    [0, 27],
    [1, 27],
    [1500, 26],
    [24_500, 3],
    [25_000, 2],
    [26_500, 2],
    [27_000, 5],
    [3_600_000, 5],
  ])('%i ms after the inquiry is to be asked for again in %i s', async (later, seconds) => {
    const test = await asked();
    test.clock.advance(later);
    const { name, status, extras } = await refusalOf(test.prove());
    expect([name, status, extras.retryAfter]).toEqual(['proof-pending', 404, seconds]);
  });

  it('is pending for the counter that asked, and nothing at all for another', async () => {
    const test = await asked();
    expect((await refusalOf(test.prove({}, 'counter:72110346'))).name).toBe('not-found');
    expect((await refusalOf(test.prove())).name).toBe('proof-pending');
  });

  it('is pending until a quorum of witnesses has seen the log', async () => {
    const test = await asked();
    await test.log.sequence();
    expect(test.log.objects.dump().has(checkpointKey(0))).toBe(true);
    expect((await refusalOf(test.prove())).name).toBe('proof-pending');
    await test.log.witness();
    expect(openProof(await test.prove(), test).included).toBe(true);
  });

  it('is pending while the cosigned tree is an older one', async () => {
    const test = await makeExchange();
    await test.log.sequence();
    await test.log.witness();
    const text = await test.request();
    await test.submit(text);
    await test.log.sequence();
    const prove = () => proveInquiry(test.exchange)(test.addressOf(text).id, owner);
    expect((await refusalOf(prove())).name).toBe('proof-pending');
    await test.log.witness();
    expect(openProof(await prove(), test)).toMatchObject({ index: 1, size: 2, included: true });
  });

  it('needs no witness where no quorum is asked for', async () => {
    const test = await asked();
    await test.log.sequence();
    const policy = async () => ({ ...test.log.policy, quorum: 'none' });
    const log = { ...test.exchange.log, policy };
    expect(openProof(await test.prove({ log }), test).included).toBe(true);
  });

  it('is pending under a policy that its checkpoint does not satisfy any more', async () => {
    const test = await logged();
    const { groups, ...rest } = test.log.policy;
    const stricter = { ...rest, groups: [...groups], witnesses: rest.witnesses.slice(0, 1) };
    const log = { ...test.exchange.log, policy: async () => stricter };
    expect((await refusalOf(test.prove({ log }))).name).toBe('proof-pending');
  });

  it('is an alarm, not a delay, when the checkpoint is not signed by the log', async () => {
    const test = await logged();
    const bytes = test.log.objects.dump().get(cosignedKey(0)) ?? new Uint8Array();
    test.log.objects.overwrite(
      cosignedKey(0),
      bytes.map((byte, n) => (n === 5 ? byte ^ 1 : byte)),
    );
    await expect(test.prove()).rejects.toThrow('not signed by its log');
  });

  it('says so of an inquiry that has no outcome yet', async () => {
    const test = await makeExchange();
    const text = await test.request();
    test.journal.faults.breakCall('putOutcome', 'not-persisted');
    await expect(test.submit(text)).rejects.toThrow('store-unavailable');
    await test.log.sequence();
    await test.log.witness();
    // The tombstone stands now, and is what is proven.
    const proof = await proveInquiry(test.exchange)(test.addressOf(text).id, owner);
    expect(openProof(proof, test).lines[1]).toContain('"out":"ABORTED"');
  });
});

describe('the index', () => {
  const wrong: readonly [string, (test: Proven) => Places][] = [
    ['says nothing', () => nothing],
    [
      'points to the entry of somebody else',
      ({ address: { bucket, slot } }) => ({
        ranges: [{ bucket, slot, start: 0, count: 1 }],
        late: [],
      }),
    ],
    [
      'points behind the end of the log',
      ({ address: { bucket, slot } }) => ({
        ranges: [{ bucket, slot, start: 2, count: Number.MAX_SAFE_INTEGER }],
        late: [],
      }),
    ],
    [
      'points before its beginning, and between two entries',
      ({ address: { bucket, slot, id } }) => ({
        ranges: [{ bucket, slot, start: -5, count: 4 }],
        late: [{ bucket, slot, id, index: 0.5 }],
      }),
    ],
    [
      'points everywhere',
      ({ address: { bucket, slot, id } }) => ({
        ranges: Array.from({ length: 1000 }, () => ({ bucket, slot, start: 0, count: 1 })),
        late: Array.from({ length: 1000 }, () => ({ bucket, slot, id, index: 0 })),
      }),
    ],
  ];

  it.each(wrong)('%s, and the inquiry is found by the log itself', async (_, placesOf) => {
    const test = await logged();
    const gets = test.log.objects.faults.calls('get');
    const proof = openProof(await test.prove(indexed(test, placesOf(test))), test);
    expect(proof).toMatchObject({ index: 1, included: true });
    expect(test.log.objects.faults.calls('get') - gets).toBeLessThan(8);
  });

  it('cannot be read, and the inquiry is found by the log itself', async () => {
    const test = await logged();
    test.log.index.faults.breakCall('find', 'not-persisted');
    expect(openProof(await test.prove(), test).included).toBe(true);
  });
});

describe('a late entry', () => {
  /** An inquiry whose rows reach the journal after its bucket was sealed. */
  const lateInquiry = async (): Promise<Proven> => {
    const test = await asked();
    const other = await makeExchange();
    const [entry] = test.journal.dump();
    if (entry?.intent === undefined || entry.outcome === undefined) throw new Error('No rows.');
    await other.log.steps();
    await other.log.sequence();
    await other.journal.store.putIntent(entry.address, entry.intent);
    await other.journal.store.putOutcome(entry.address, entry.outcome);
    other.clock.advance(30 * 60_000);
    await other.log.steps();
    await other.log.witness();
    const prove = (change: Partial<Exchange> = {}, counter = owner) =>
      proveInquiry({ ...other.exchange, ...change })(entry.address.id, counter);
    return { ...other, address: entry.address, receipt: test.receipt, prove };
  };

  it('is proven by the late row of the index, with the leaf that its receipt promised', async () => {
    const test = await lateInquiry();
    await test.log.feedIndex();
    const proof = openProof(await test.prove(), test);
    const { leaf } = receiptOf(test.receipt);
    expect(proof).toMatchObject({ leaf, index: 1, size: 3, believed: true, included: true });
  });

  it('is pending while the index is lost, and never somebody else’s', async () => {
    const test = await lateInquiry();
    expect((await refusalOf(test.prove())).name).toBe('proof-pending');
    const { bucket, slot, id } = test.address;
    const poisoned = { ranges: [], late: [0, 2].map((index) => ({ bucket, slot, id, index })) };
    expect((await refusalOf(test.prove(indexed(test, poisoned)))).name).toBe('proof-pending');
  });
});

describe('after the journal has let go of its rows', () => {
  const forgotten = () => ({ journal: memoryJournalStore().store });

  it.each([true, false])('a proof is still found (by the index: %s)', async (fed) => {
    const test = await logged();
    if (fed) await test.log.feedIndex();
    test.clock.advance(15 * 86_400_000);
    const { leaf } = receiptOf(test.receipt);
    expect(openProof(await test.prove(forgotten()), test)).toMatchObject({ leaf, included: true });
  });

  it('the leaf itself says whose it is', async () => {
    const test = await logged();
    await test.log.feedIndex();
    const refusal = await refusalOf(test.prove(forgotten(), 'counter:72110346'));
    expect(refusal.name).toBe('not-found');
  });

  it('what is in no log is not found, and not pending for ever', async () => {
    const test = await asked();
    expect((await refusalOf(test.prove(forgotten()))).name).toBe('not-found');
    await test.log.sequence();
    expect((await refusalOf(test.prove(forgotten()))).name).toBe('not-found');
  });

  it('half of them gone, the other half is not enough to compare', async () => {
    const test = await logged();
    const [entry] = test.journal.dump();
    const journal = memoryJournalStore();
    if (entry?.intent !== undefined) await journal.store.putIntent(test.address, entry.intent);
    expect(openProof(await test.prove({ journal: journal.store }), test).included).toBe(true);
  });
});

describe('logs around the borders of bundles', () => {
  const sizes = [255, 256, 257, 511, 512, 513];

  it.each(sizes)('prove each inquiry of %i entries, with and without the index', async (size) => {
    const test = await makeExchange();
    const text = await test.request();
    await test.submit(text);
    // One is the setting at the beginning, one was asked above.
    const made = await manyInquiries(test, text, size - 2, 40);
    await test.log.sequence();
    await test.log.witness();
    const addresses = [test.addressOf(text), ...made];
    const seen = new Set<number>();
    const without = { ...test.exchange, log: { ...test.exchange.log, index: empty } };
    await test.log.feedIndex();
    for (const [n, { id }] of addresses.entries()) {
      const by = n % 8 === 0 ? without : test.exchange;
      const proof = openProof(await proveInquiry(by)(id, owner), test);
      expect(proof).toMatchObject({ size, included: true, believed: true });
      expect(proof.lines[0]).toContain(`"id":"${id}"`);
      seen.add(proof.index);
    }
    expect(seen.size).toBe(size - 1);
    expect(Math.min(...seen)).toBe(1);
  });

  it('prove any inquiry by whatever the index says', async () => {
    const test = await makeExchange();
    const text = await test.request();
    await test.submit(text);
    const made = await manyInquiries(test, text, 300, 40);
    await test.log.sequence();
    await test.log.witness();
    const place = fc.integer({ min: -3, max: 400 });
    const range = fc.record({ start: place, count: fc.integer({ min: -3, max: 400 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...made),
        fc.array(range, { maxLength: 5 }),
        fc.array(place, { maxLength: 5 }),
        async ({ id, bucket, slot }, ranges, late) => {
          const find = async () => ({
            ranges: ranges.map((one) => ({ bucket, slot, ...one })),
            late: late.map((index) => ({ id, bucket, slot, index })),
          });
          const log = { ...test.exchange.log, index: { find } };
          const proof = await proveInquiry({ ...test.exchange, log })(id, owner);
          const opened = openProof(proof, test);
          expect(opened.included).toBe(true);
          expect(opened.lines[0]).toContain(`"id":"${id}"`);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const empty: Exchange['log']['index'] = { find: async () => nothing };
