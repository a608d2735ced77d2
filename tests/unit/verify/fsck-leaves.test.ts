import { describe, expect, it } from 'vitest';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { configLeaf, lateLeaf, registryLeaf, withoutAnswer } from '#tests/support/log-leaves.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { built, entries, leaves } from './sample-files.ts';
import {
  cast,
  failuresOf,
  faultsOf,
  inquiryAt,
  otherNotes,
  verifyFiles,
  verifyLeaves,
} from './sample-log.ts';

describe('leaves that are in a right tree', () => {
  it('finds an inquiry that was made up in the name of a counter', async () => {
    const forged = await inquiryAt(41_000, { counter: await makeKey() });
    const report = await verifyLeaves([...leaves, forged.data]);
    expect(failuresOf(report)).toEqual(['message']);
    expect(faultsOf(report)).toEqual(['request-key-not-on-record@10']);
  });

  it('accuses nobody of a key that may be on record in another log of several', async () => {
    // Neither of its two keys is here, and it is one message.
    const strangers = {
      counter: await makeKey(),
      agency: await makeKey('Ed25519', cast.agency.owner),
    };
    const other = (await inquiryAt(41_000, strangers)).data;
    const ofSeveral = (shards: number) => [configLeaf({ shards }), ...leaves.slice(1), other];
    const report = await verifyLeaves(ofSeveral(3));
    expect(failuresOf(report)).toEqual([]);
    expect(otherNotes(report)).toEqual([{ note: 'key-elsewhere', count: 1, first: 10 }]);
    const whole = await verifyLeaves([configLeaf({ shards: 3 }), ...leaves.slice(1)]);
    const signedIn = ({ checks }: typeof report) =>
      checks.find(({ check }) => check === 'signatures')?.detail;
    // It does not count as one that was verified.
    expect(signedIn(report)).toBe(signedIn(whole));
    const later = [...leaves, configLeaf({ shards: 3 }), other];
    expect(faultsOf(await verifyLeaves(later))).toContain('request-key-not-on-record@11');
    for (const [shards, keys, faults] of [
      [2, [], ['request-key-not-on-record@10', 'answer-key-not-on-record@10']],
      [3, [], []],
    ] as const) {
      expect(faultsOf(await verifyLeaves(ofSeveral(shards), { keys }))).toEqual(faults);
    }
  });

  it('finds a signature that does not hold', async () => {
    const flip = (signature: Uint8Array) => signature.with(9, (signature[9] ?? 0) ^ 1);
    const forged = await inquiryAt(41_000, { request: { signature: flip } });
    const report = await verifyLeaves([...leaves, forged.data]);
    expect(faultsOf(report)).toEqual(['request-signature-invalid@10']);
    expect(failuresOf(await verifyLeaves([...leaves, forged.data], { depth: 'form' }))).toEqual([]);
  });

  it('takes a key whose leaf follows within ten seconds, and says so', async () => {
    const key = await makeKey('ES256', cast.counter.owner);
    const used = await inquiryAt(41_000, { counter: key });
    const follows = [...leaves, used.data, registryLeaf(key, testNow + 49_000)];
    const report = await verifyLeaves([...follows, (await inquiryAt(90_000)).data]);
    expect(failuresOf(report)).toEqual([]);
    expect(otherNotes(report)).toEqual([{ note: 'key-leaf-follows', count: 1, first: 10 }]);
  });

  it('waits for a key whose leaf follows several bundles behind', async () => {
    const key = await makeKey('ES256', cast.counter.owner);
    const used = await inquiryAt(41_000, { counter: key });
    const between = Array.from({ length: 1500 }, (_, n) =>
      registryLeaf(cast.counter, testNow + 41_000 + n, { version: n + 2 }),
    );
    const follows = [...leaves, used.data, ...between, registryLeaf(key, testNow + 49_000)];
    const report = await verifyLeaves(follows);
    expect(failuresOf(report)).toEqual([]);
    expect(otherNotes(report)).toEqual([{ note: 'key-leaf-follows', count: 1, first: 10 }]);
  });

  it('takes none whose leaf follows later, or follows late', async () => {
    const key = await makeKey('ES256', cast.counter.owner);
    const used = await inquiryAt(41_000, { counter: key });
    const next = (await inquiryAt(90_000)).data;
    const later = [...leaves, used.data, registryLeaf(key, testNow + 60_000), next];
    expect(faultsOf(await verifyLeaves(later))).toEqual(['request-key-not-on-record@10']);
    const backdated = registryLeaf(key, testNow + 41_000);
    const { leaf } = readLeaf(backdated);
    const id = leaf?.kind === 'registry' ? leaf.id : '';
    const late = [...leaves, used.data, next, backdated, lateLeaf(id, backdated, testNow)];
    expect(faultsOf(await verifyLeaves(late))).toEqual(['request-key-not-on-record@10']);
  });

  it('judges the last inquiries although no leaf follows', async () => {
    const forged = await inquiryAt(41_000, {
      agency: await makeKey('ES256', 'agency:civil-registry'),
    });
    expect(faultsOf(await verifyLeaves([...leaves, forged.data]))).toEqual([
      'answer-key-not-on-record@10',
    ]);
  });

  it('finds a leaf that has no form', async () => {
    const report = await verifyLeaves([
      ...leaves,
      Buffer.from('{"k":"erasure"}\n'),
      Buffer.from('x'),
    ]);
    expect(failuresOf(report)).toEqual(['malformed']);
    expect(faultsOf(report).toSorted()).toEqual(['not-lines@11', 'unknown-kind@10']);
  });

  it('finds an intent that was exchanged before it came into the log', async () => {
    const { intent, outcome } = await inquiryAt(41_000);
    const other = { ...intent, t: intent.t + 1 };
    const data = Buffer.from(`${JSON.stringify(other)}\n${JSON.stringify(outcome)}\n`);
    expect(faultsOf(await verifyLeaves([...leaves, data]))).toEqual(['intent-differs@10']);
  });

  it('finds leaves out of order, an id twice, and a log that begins without its settings', async () => {
    const swapped = leaves
      .with(4, leaves[9] ?? new Uint8Array())
      .with(9, leaves[4] ?? new Uint8Array());
    const report = await verifyLeaves(swapped);
    expect(failuresOf(report)).toEqual(['order']);
    expect(faultsOf(report)[0]).toBe('goes-back@5');
    const twice = await verifyLeaves([...leaves, leaves[9] ?? new Uint8Array()]);
    expect(faultsOf(twice)).toEqual(['id-twice@10']);
    expect(faultsOf(await verifyLeaves(leaves.slice(1)))).toEqual(['config-not-first@0']);
    const foreign = await verifyLeaves([...leaves, configLeaf({ shard: 1, shards: 2 })]);
    expect(faultsOf(foreign)).toEqual(['config-of-another@10']);
  });

  it('takes an entry that came late and says so', async () => {
    const straggler = await inquiryAt(3000);
    const marked = lateLeaf(straggler.id, straggler.data, testNow + 1_300_000);
    expect(failuresOf(await verifyLeaves([...leaves, straggler.data, marked]))).toEqual([]);
    expect(faultsOf(await verifyLeaves([...leaves, straggler.data]))).toEqual(['goes-back@10']);
  });

  it('finds a key that is unsound, or changes its owner', async () => {
    const stolen = registryLeaf({ ...cast.counter, owner: 'counter:1' }, testNow + 41_000, {
      version: 2,
    });
    expect(faultsOf(await verifyLeaves([...leaves, stolen]))).toEqual(['owner-changed@10']);
    const low = { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` } as const;
    const weak = registryLeaf({ ...cast.counter, jwk: low }, testNow + 41_000, { version: 2 });
    expect(faultsOf(await verifyLeaves([...leaves, weak]))).toEqual(['key-unsound@10']);
  });

  it('takes denials and failures, which have no answer', async () => {
    const timeout = await inquiryAt(41_000, { outcome: withoutAnswer('TIMEOUT') });
    expect(failuresOf(await verifyLeaves([...leaves, timeout.data]))).toEqual([]);
  });

  it('takes keys that another log of the exchange put on record', async () => {
    const { book } = await verifyFiles(built.files);
    const elsewhere = book.all().map((key) => ({ ...key, index: -1 }));
    const bare = [configLeaf(), ...entries];
    expect(failuresOf(await verifyLeaves(bare))).toEqual(['message']);
    expect(failuresOf(await verifyLeaves(bare, { keys: elsewhere }))).toEqual([]);
  });
});
