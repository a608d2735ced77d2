import { describe, expect, it } from 'vitest';
import { accessDisputedExample } from '#events/access-disputed.ts';
import { holdSetExample } from '#events/hold-set.ts';
import { subjectErasedExample } from '#events/subject-erased.ts';
import { accessLeaf, lateLeaf, recordLeaf, registryLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, makeKey, testNow } from '#tests/support/messages.ts';
import { dayBefore, stated, statementLeaf } from '#tests/support/statements.ts';
import { censusLeaf } from './sample-complete.ts';
import { exportOf, partOf, verifyExport } from './sample-export.ts';
import { leaves } from './sample-files.ts';
import {
  cast,
  failuresOf,
  faultsOf,
  inquiryAt,
  logOf,
  otherNotes,
  verifyLeaves,
} from './sample-log.ts';

/** After the last of the sample's leaves. */
const t = testNow + 41_000;
const stamp = () => ({ id: inquiryIdAt(t), t });

const noted = [
  accessLeaf(t),
  accessLeaf(t, { act: 'bundle', filter: '{"bundle":0,"shard":0}', n: 256 }),
  recordLeaf({ ...subjectErasedExample, ...stamp() }),
  recordLeaf({ ...holdSetExample, ...stamp() }),
  censusLeaf(leaves, { from: 0, to: leaves.length, t }),
  await statementLeaf(stated(dayBefore(testNow)), { key: cast.counter, now: t }),
  recordLeaf({ ...accessDisputedExample, ...stamp() }),
];

const formOf = async (all: readonly Uint8Array[]): Promise<string | undefined> =>
  (await verifyLeaves(all)).checks.find(({ check }) => check === 'form')?.detail;

describe('leaves of what was done with the log', () => {
  it('are verified and counted', async () => {
    const report = await verifyLeaves([...leaves, ...noted]);
    expect([failuresOf(report), otherNotes(report)]).toEqual([[], []]);
    expect(await formOf([...leaves, ...noted])).toBe(
      'every leaf has its form, 2 reads, 1 erasure, 1 hold set, 1 census, 1 statement, 1 dispute',
    );
    expect(await formOf(leaves)).toBe('every leaf has its form');
  });

  it('are verified and counted in an export', async () => {
    const log = await logOf([...leaves, ...noted]);
    const from = leaves.length + 1;
    const report = await verifyExport(await exportOf([partOf(log, { from })]));
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'form')?.detail).toBe(
      'every leaf has its form, 1 read, 1 erasure, 1 hold set, 1 census, 1 statement, 1 dispute',
    );
  });

  it('are told to be unchecked where nothing can be checked', async () => {
    const { checks } = await verifyLeaves([...leaves, ...noted]);
    const skipped = checks.flatMap(({ check, result }) => (result === 'skipped' ? [check] : []));
    expect(skipped).toEqual(expect.arrayContaining(['reads', 'erasures']));
  });

  it('have their form', async () => {
    const bent = accessLeaf(t, { filter: '{"b":1,"a":1}' });
    const report = await verifyLeaves([...leaves, bent]);
    expect(failuresOf(report)).toEqual(['malformed']);
    expect(faultsOf(report)).toEqual([`wrong-members@${leaves.length}`]);
  });

  it('have their place, and say so when they came late', async () => {
    const behind = accessLeaf(testNow);
    const next = (await inquiryAt(90_000)).data;
    const wrong = await verifyLeaves([...leaves, next, behind]);
    expect(faultsOf(wrong)).toEqual([`goes-back@${leaves.length + 1}`]);
    const id = inquiryIdAt(testNow);
    const late = accessLeaf(testNow, { id });
    const right = await verifyLeaves([...leaves, next, late, lateLeaf(id, late, t)]);
    expect(faultsOf(right)).toEqual([]);
  });

  it('put no key on record, and do not hide the ones that are', async () => {
    const key = await makeKey('ES256', cast.counter.owner);
    const used = await inquiryAt(41_000, { counter: key });
    const without = await verifyLeaves([...leaves, ...noted, used.data]);
    expect(faultsOf(without)).toEqual([
      `request-key-not-on-record@${leaves.length + noted.length}`,
    ]);
    const registered = registryLeaf(key, testNow + 40_500);
    const report = await verifyLeaves([...leaves, registered, ...noted, used.data]);
    expect(faultsOf(report)).toEqual([]);
  });
});
