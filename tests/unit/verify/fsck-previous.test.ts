import { describe, expect, it } from 'vitest';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { policyText, signCheckpoint, testSigners } from '#tests/support/log-builder.ts';
import { built, bundle, changed, flipAt, leaves } from './sample-files.ts';
import { failuresOf, inquiryAt, logOf, resultOf, verifyFiles } from './sample-log.ts';

describe('earlier checkpoints', () => {
  const before = async (count: number) => ({
    name: `at ${count}`,
    bytes: (await logOf(leaves.slice(0, count))).checkpoint,
  });

  it('takes a log that has only grown', async () => {
    const previous = [await before(0), await before(1), await before(7), await before(10)];
    const report = await verifyFiles(built.files, { previous });
    expect(failuresOf(report)).toEqual([]);
    expect(previous.map(({ name }) => resultOf(report, name))).toEqual(Array(4).fill('passed'));
  });

  it('finds a log that was rewritten with the real key', async () => {
    const rewritten = await logOf(leaves.toSpliced(5, 1));
    const previous = [await before(7)];
    const report = await verifyFiles(rewritten.files, { previous });
    expect(failuresOf(report)).toEqual(['fork']);
    expect(failuresOf(await verifyFiles(rewritten.files))).toEqual([]);
  });

  it('finds two trees of one size', async () => {
    const other = await logOf([...leaves.slice(0, -1), (await inquiryAt(40_000)).data]);
    const previous = [{ name: 'other view', bytes: other.checkpoint }];
    expect(failuresOf(await verifyFiles(built.files, { previous }))).toEqual(['fork']);
  });

  it('finds a log that has become smaller', async () => {
    const shorter = await logOf(leaves.slice(0, 8));
    const report = await verifyFiles(shorter.files, { previous: [await before(10)] });
    expect(failuresOf(report)).toEqual(['fork']);
    expect(report.checks.find(({ check }) => check === 'at 10')?.detail).toContain('removed');
  });

  it('convicts nobody by files that are not the signed tree', async () => {
    const previous = [await before(7)];
    const report = await verifyFiles(changed(built.files, bundle, flipAt(100)), { previous });
    expect(failuresOf(report)).not.toContain('fork');
    expect(resultOf(report, 'at 7')).toBe('skipped');
  });

  it('accuses no log by the checkpoint of another, although the policy believes both', async () => {
    const other = testSigners('other.example/log/0');
    const both = parsePolicy(utf8(`log ${formatVerifierKey(other.log.verifier)}\n${policyText()}`));
    const { root } = await logOf(leaves.slice(0, 7));
    const tree = { size: 700n, root };
    const bytes = await signCheckpoint(tree, { origin: 'other.example/log/0', signers: other });
    const previous = [{ name: 'other log', bytes }];
    const report = await verifyFiles(built.files, { policy: both, previous });
    expect(failuresOf(report)).toEqual(['malformed']);
  });

  it('needs no witness, but the key of this very log', async () => {
    const { root } = await logOf(leaves.slice(0, 7));
    const tree = { size: 7n, root };
    const alone = { ...testSigners(), witnesses: [] };
    const unseen = { name: 'unseen', bytes: await signCheckpoint(tree, { signers: alone }) };
    expect(failuresOf(await verifyFiles(built.files, { previous: [unseen] }))).toEqual([]);
    const signers = testSigners('other.example/log/0');
    const foreign = { name: 'foreign', bytes: await signCheckpoint(tree, { signers }) };
    expect(failuresOf(await verifyFiles(built.files, { previous: [foreign] }))).toEqual([
      'unsigned',
    ]);
    const junk = { name: 'junk', bytes: new Uint8Array(9) };
    expect(failuresOf(await verifyFiles(built.files, { previous: [junk] }))).toEqual(['malformed']);
  });
});
