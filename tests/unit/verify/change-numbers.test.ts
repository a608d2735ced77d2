import { describe, expect, it } from 'vitest';
import { bucketLength } from '#shared/audit/address.ts';
import { lateness } from '#shared/client/verify/change-order.ts';
import { configLeaf, registryLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, makeKey, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { commanded, furtherLeaf, officers, timeOfChange } from './sample-commands.ts';
import { failuresOf, faultsOf, inquiryAt, verifyLeaves } from './sample-log.ts';

const stranger = await makeKey('ES256', officers.registrar.owner);

describe('the numbers of changes', () => {
  const after = (lateness + 2) * bucketLength;

  it('have no gap, once a late leaf can come no more', async () => {
    const gap = commanded.toSpliced(9, 2);
    const young = await verifyLeaves([...gap, (await inquiryAt(0)).data]);
    expect(failuresOf(young)).toEqual([]);
    expect(young.notes).toContainEqual({ note: 'change-not-there-yet', count: 1, first: 9 });
    const old = await verifyLeaves([...gap, (await inquiryAt(after)).data]);
    expect(failuresOf(old)).toEqual(['order']);
    expect(old.findings).toEqual([
      {
        failure: 'order',
        fault: 'change-missing',
        index: 9,
        detail: 'Changes 8 to 9 are not in the log.',
      },
    ]);
  });

  it('begin with 1', async () => {
    const first = await verifyLeaves([...commanded.toSpliced(2, 1), (await inquiryAt(after)).data]);
    expect(faultsOf(first)).toContain('change-missing@2');
  });

  it('may miss as many as were changed without a command, and no more', async () => {
    const puts = [4, 5].map((n) =>
      registryLeaf(officers.spare, timeOfChange(n), { version: n - 3 }),
    );
    const end = (await inquiryAt(after)).data;
    const kept = [...commanded.slice(0, 9), ...puts, await furtherLeaf(9, 0)];
    const some = [...kept, await furtherLeaf(11, 1000), end];
    const faults = faultsOf(await verifyLeaves(some)).filter((one) => one.startsWith('change'));
    expect(faults).toEqual([]);
    const more = [...kept, await furtherLeaf(12, 1000), end];
    expect(faultsOf(await verifyLeaves(more))).toContain('change-missing@12');
  });

  it('may miss any where the log is one of several', async () => {
    const settings = configLeaf({ shards: 2 });
    const gap = [settings, ...commanded.toSpliced(6, 2).slice(1), (await inquiryAt(after)).data];
    expect(faultsOf(await verifyLeaves(gap)).filter((one) => one.startsWith('change'))).toEqual([]);
    const twice = [settings, ...commanded.slice(1), await furtherLeaf(10, 0)];
    expect(faultsOf(await verifyLeaves(twice))).toEqual(['change-twice@12']);
  });

  it('go with time, and with their place in the log', async () => {
    const early = await furtherLeaf(12, 0);
    const late = await furtherLeaf(11, 40_000);
    const swapped = await verifyLeaves([...commanded, early, late]);
    expect(faultsOf(swapped)).toEqual(['change-goes-back@12', 'change-time-goes-back@12']);
  });

  it('may differ from their place by one bucket, since clocks differ', async () => {
    const id = inquiryIdAt(testNow - 1);
    const ahead = await furtherLeaf(12, 0, { event: (made) => ({ ...made, id }) });
    const report = await verifyLeaves([...commanded, ahead, await furtherLeaf(11, 0)]);
    expect(faultsOf(report)).toEqual([]);
  });

  it('of a change that is wrong are not held against those behind it', async () => {
    const agency = agencyOf('agency:post');
    const bad = await furtherLeaf(11, 0, { by: stranger, entries: [agency] });
    expect(faultsOf(await verifyLeaves([...commanded, bad, await furtherLeaf(12, 1000)]))).toEqual([
      'command-key-not-on-record@12',
    ]);
  });
});
