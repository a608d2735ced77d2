import { describe, expect, it } from 'vitest';
import { bucketLength } from '#shared/audit/address.ts';
import { entryChecks } from '#shared/client/cli/entry-checks.ts';
import { reportText } from '#shared/client/cli/show-report.ts';
import { lateness } from '#shared/client/verify/change-order.ts';
import { testOrigin } from '#tests/support/log-builder.ts';
import { makeKey } from '#tests/support/messages.ts';
import {
  changeLeaf,
  changes,
  commanded,
  furtherLeaf,
  officers,
  withChange,
} from './sample-commands.ts';
import { exportOf, partOf, verifyExport } from './sample-export.ts';
import {
  cast,
  failuresOf,
  faultsOf,
  inquiryAt,
  logOf,
  resultOf,
  verifyFiles,
  verifyLeaves,
} from './sample-log.ts';

const last = await inquiryAt((lateness + 2) * bucketLength);
const leaves = [...commanded, last.data];
const log = await logOf(leaves);
const gapped = await logOf(leaves.toSpliced(9, 2));
const forged = await logOf(await withChange(9, { by: await makeKey('ES256', cast.agency.owner) }));
const whole = await verifyFiles(log.files);
const keys = whole.book.all().map((key) => ({ ...key, index: -1 }));

const verifyRange = async (
  of: Parameters<typeof partOf>[0],
  range: Parameters<typeof partOf>[1] = {},
  options: Parameters<typeof verifyExport>[1] = {},
) => verifyExport(await exportOf([partOf(of, range)]), options);

const elsewhere = 'keys outside of the range';

const signaturesOf = ({ checks }: Awaited<ReturnType<typeof verifyRange>>) =>
  checks.find(({ check }) => check === 'signatures')?.detail;

describe('the commands of an export', () => {
  it('are judged as those of a log when the whole of it is there', async () => {
    const report = await verifyRange(log);
    expect(failuresOf(report)).toEqual([]);
    expect(report.notes).toEqual(whole.notes);
    expect(signaturesOf(report)).toBe('of 1 inquiry and 10 commands, by keys on record');
    expect(failuresOf(await verifyRange(forged))).toEqual(['message']);
    expect(failuresOf(await verifyRange(gapped))).toEqual(['order']);
  });

  it('are not judged by keys that are not in the range, and that is said', async () => {
    const report = await verifyRange(log, { from: 9, to: 12 });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, elsewhere)).toBe('skipped');
    expect(signaturesOf(report)).toBe('of 0 inquiries, by keys on record');
    expect(failuresOf(await verifyRange(forged, { from: 9 }))).toEqual([]);
  });

  it('are judged by keys that stand on record elsewhere', async () => {
    const report = await verifyRange(log, { from: 9 }, { keys });
    expect(failuresOf(report)).toEqual([]);
    expect(signaturesOf(report)).toBe('of 1 inquiry and 3 commands, by keys on record');
    expect(resultOf(report, elsewhere)).toBeUndefined();
    expect(failuresOf(await verifyRange(forged, { from: 9 }, { keys }))).toEqual(['message']);
  });

  it('miss no number in the first leaves of a log, but for what a late leaf may still fill', async () => {
    const later = await inquiryAt((lateness + 5) * bucketLength);
    const longer = await logOf([...leaves.toSpliced(9, 2), later.data]);
    const most = await verifyRange(longer, { to: longer.size - 1 });
    expect(failuresOf(most)).toEqual(['order']);
    expect(most.findings).toMatchObject([{ fault: 'change-missing', index: 9 }]);
    const young = await verifyRange(longer, { to: longer.size - 2 });
    expect([failuresOf(young), resultOf(young, 'changes')]).toEqual([[], 'noted']);
  });

  it('may miss numbers where it is a part, and never change their order', async () => {
    const part = await verifyRange(gapped, { from: 3 });
    expect(failuresOf(part)).toEqual([]);
    expect(part.notes).toEqual([]);
    expect(resultOf(part, 'changes of a part of a log')).toBe('skipped');
    const twice = await logOf([...commanded, await furtherLeaf(10, 0)]);
    expect(failuresOf(await verifyRange(twice, { from: 3 }))).toEqual(['order']);
  });
});

describe('one entry of a command', () => {
  const check = async (data: Uint8Array | undefined, index: number) =>
    (await entryChecks(data, index, testOrigin, whole)).map(({ check: name, result }) => [
      name,
      result,
    ]);

  it('is verified by the keys on record before it', async () => {
    for (const [n, data] of changes.entries()) {
      expect(await check(data, n + 2)).toEqual([
        ['entry', 'passed'],
        ['signatures', 'passed'],
      ]);
    }
    const bad = await changeLeaf(5, { by: cast.counter });
    expect(await check(bad, 6)).toEqual([
      ['entry', 'passed'],
      ['signatures, command-key-not-on-record', 'failed'],
    ]);
  });

  it('says which key began the registry, and what it cannot say without keys', async () => {
    const [, signatures] = await entryChecks(changes[0], 2, testOrigin, whole);
    expect(signatures?.detail).toContain(officers.registrar.kid);
    const [, without] = await entryChecks(changes[0], 2, testOrigin, undefined);
    expect(without?.result).toBe('skipped');
  });
});

describe('the report of a log of commands', () => {
  it('names the key that began the registry, and gaps that may be filled', async () => {
    const young = await verifyLeaves(commanded.toSpliced(9, 2));
    expect(faultsOf(young)).toEqual([]);
    const text = reportText({ what: './log', ...young }, false);
    expect(text).toContain(`publishes its key ${officers.registrar.kid}, the first at leaf 2`);
    expect(text).toContain('1 gaps in the numbers of changes');
  });
});
