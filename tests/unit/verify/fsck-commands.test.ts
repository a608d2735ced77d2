import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { configLeaf, lateLeaf, registryLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, makeKey, testNow } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import {
  changeLeaf,
  changes,
  commanded,
  eventOf,
  furtherLeaf,
  keyChange,
  officers,
  start,
  timeOfChange,
} from './sample-commands.ts';
import { cast, failuresOf, faultsOf, inquiryAt, resultOf, verifyLeaves } from './sample-log.ts';

const inquiries = await Promise.all([0, 1000, 12_000].map((after) => inquiryAt(after)));
const leaves = [...commanded, ...inquiries.map(({ data }) => data)];

const begun = { note: `registry-begun-by ${officers.registrar.kid}`, count: 1, first: 2 };

const flip = (signature: Uint8Array): Uint8Array => signature.with(20, (signature[20] ?? 0) ^ 1);

describe('a log of commands', () => {
  it('is right, and says by which key its registry was begun', async () => {
    const report = await verifyLeaves(leaves);
    expect(failuresOf(report)).toEqual([]);
    expect(report.findings).toEqual([]);
    expect(report.notes).toEqual([begun]);
    expect(report.checks.find(({ check }) => check === 'signatures')?.detail).toBe(
      'of 3 inquiries and 10 commands, by keys on record',
    );
    expect(resultOf(report, 'rules of the registry')).toBe('skipped');
    expect(resultOf(report, 'numbers of changes')).toBe('skipped');
  });

  it('is not verified by its signatures when that is not asked for, and yet by its numbers', async () => {
    const forged = await changeLeaf(4, { message: { signature: flip } });
    const form = { depth: 'form' } as const;
    expect(failuresOf(await verifyLeaves(commanded.with(5, forged), form))).toEqual([]);
    const twice = await furtherLeaf(10, 0);
    expect(faultsOf(await verifyLeaves([...commanded, twice], form))).toEqual(['change-twice@12']);
  });

  it('is verified by the signatures of its commands alone, where it is read for its keys', async () => {
    const keys = { depth: 'keys' } as const;
    const forged = await changeLeaf(4, { message: { signature: flip } });
    expect(faultsOf(await verifyLeaves(commanded.with(5, forged), keys))).toEqual([
      'command-signature-invalid@5',
    ]);
    const unknown = await inquiryAt(13_000, { counter: await makeKey() });
    const report = await verifyLeaves([...leaves, unknown.data], keys);
    expect(failuresOf(report)).toEqual([]);
    expect(report.notes).toEqual([begun]);
    expect(resultOf(report, 'signatures')).toBe('skipped');
  });

  it('says how often the registry was changed without a command', async () => {
    const own = registryLeaf(await makeKey('ES256', cast.counter.owner), testNow);
    const report = await verifyLeaves([...commanded, own]);
    expect(failuresOf(report)).toEqual([]);
    expect(report.notes).toContainEqual({ note: 'changed-without-command', count: 1, first: 12 });
  });

  it('may have the key of a command in another log of several', async () => {
    const several = [configLeaf({ shards: 2 }), ...commanded.slice(1).toSpliced(3, 1)];
    const report = await verifyLeaves(several, { depth: 'keys' });
    expect(failuresOf(report)).toEqual([]);
    expect(report.notes.map(({ note }) => note)).toContain('key-elsewhere');
  });

  it('heeds a key that a command revoked, for inquiries and for commands', async () => {
    const revoked = { status: 'revoked', version: 2, revoked: { reason: 'lost', from: testNow } };
    const revoke = (key = cast.counter) =>
      furtherLeaf(11, 20_000, { do: 'key.revoke', entries: [keyChange(key, revoked)] });
    const used = async (after: number) => (await inquiryAt(after)).data;
    const before = [...leaves, await revoke()];
    const soon = await verifyLeaves([...before, await used(79_000)]);
    expect(failuresOf(soon)).toEqual([]);
    expect(soon.notes).toContainEqual({ note: 'key-just-ended', count: 1, first: 16 });
    expect(faultsOf(await verifyLeaves([...before, await used(80_000)]))).toEqual([
      'request-key-not-in-force@16',
    ]);
    // A command is judged by the state that it changes: no minute is given.
    const next = await furtherLeaf(12, 20_001, { by: officers.agency });
    const ended = [...leaves, await revoke(officers.agency), next];
    expect(faultsOf(await verifyLeaves(ended))).toEqual(['command-key-not-in-force@16']);
  });

  it('takes changes of one bucket and the next in any order: slots follow a secret one', async () => {
    const shuffled = fc.shuffledSubarray(changes.slice(0, 6), { minLength: 6 });
    await fc.assert(
      fc.asyncProperty(shuffled, async (some) => {
        const report = await verifyLeaves([...start, ...some]);
        const order = report.findings.filter(({ fault }) => fault !== 'goes-back');
        expect(order).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('waits for the key of an earlier change whose leaf follows several bundles behind', async () => {
    const key = await makeKey('ES256', cast.agency.owner);
    const brings = await furtherLeaf(11, 0, { do: 'key.add', entries: [keyEntryOf(key)] });
    const signed = await furtherLeaf(12, 1, { by: key });
    const between = Array.from({ length: 1100 }, (_, n) =>
      registryLeaf(officers.spare, testNow + 2 + n, { version: n + 2 }),
    );
    expect(faultsOf(await verifyLeaves([...commanded, signed, ...between, brings]))).toEqual([]);
  });

  it('does not take a key that a later change brings, wherever that stands', async () => {
    // Change 7 is signed by the key of change 3.
    const late = { n: 8, t: timeOfChange(7) } as const;
    const early = await changeLeaf(3, { ...late, entries: [keyEntryOf(officers.agency)] });
    const others = commanded.toSpliced(4, 1, await furtherLeaf(3, -44_000));
    const swapped = others.with(9, early).with(8, await changeLeaf(7, { n: 7 }));
    expect(faultsOf(await verifyLeaves(swapped.slice(0, 10)))).toEqual([
      'command-key-not-on-record@8',
    ]);
  });

  it('takes a change that is recorded late under its own id, or later under a new one', async () => {
    const [third] = changes.slice(2, 3);
    if (third === undefined) throw new Error('no change');
    const marked = lateLeaf(eventOf(third).id, third, testNow + 60_000);
    const rest = commanded.toSpliced(4, 1);
    const inTime = await inquiryAt(40_000);
    const report = await verifyLeaves([...rest, inTime.data, third, marked]);
    expect(failuresOf(report)).toEqual([]);
    const id = inquiryIdAt(testNow + 60_000);
    const later = await furtherLeaf(11, 0, { event: (made) => ({ ...made, id }) });
    expect(failuresOf(await verifyLeaves([...commanded, later]))).toEqual([]);
  });

  it('takes a change that was recorded twice as it is', async () => {
    const leaf = await furtherLeaf(11, 0);
    const again = { ...eventOf(leaf), id: inquiryIdAt(testNow + 60_000) };
    const repeated = recordLeafData(canonicalJson(again));
    expect(failuresOf(await verifyLeaves([...commanded, leaf, repeated]))).toEqual([]);
    const other = recordLeafData(canonicalJson({ ...again, t: testNow + 1 }));
    expect(faultsOf(await verifyLeaves([...commanded, leaf, other]))).toEqual(['change-twice@13']);
  });

  it('may follow what was changed without commands, whose numbers nobody can know', async () => {
    const before = [...start, ...Object.values(officers).map((key) => registryLeaf(key))];
    const first = await furtherLeaf(38, 0);
    const next = await furtherLeaf(39, 1000);
    expect(failuresOf(await verifyLeaves([...before, first, next]))).toEqual([]);
    expect(faultsOf(await verifyLeaves([...start, first]))).toEqual([
      'command-key-not-on-record@2',
    ]);
  });
});
