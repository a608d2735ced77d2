import { describe, expect, it } from 'vitest';
import { LogUnreadable } from '#shared/client/verify/log-reader.ts';
import { signCheckpoint, testSigners } from '#tests/support/log-builder.ts';
import { built, changed, long, longLeaves, without } from './sample-files.ts';
import { failuresOf, logOf, readFiles, resultOf, verifyFiles, verifyLeaves } from './sample-log.ts';

describe('fsck', () => {
  it('finds nothing wrong with an honest log, and says what it did not check', async () => {
    const report = await verifyFiles(built.files);
    expect(failuresOf(report)).toEqual([]);
    for (const name of ['checkpoint', 'tree', 'form', 'order', 'signatures']) {
      expect(resultOf(report, name)).toBe('passed');
    }
    for (const name of ['withheld', 'decisions', 'facts', 'owners']) {
      expect(resultOf(report, name)).toBe('skipped');
    }
  });

  it('verifies logs of every width, from nothing to several tiles', async () => {
    for (const size of [0, 1, 2, 255, 256, 257, 512, 513]) {
      const report = await verifyLeaves(longLeaves.slice(0, size));
      expect([size, failuresOf(report)]).toEqual([size, []]);
    }
  });

  it('reads partial tiles from full ones where they are gone', async () => {
    const half = await logOf(longLeaves.slice(0, 300));
    const gone = ['tile/0/001.p/44', 'tile/entries/001.p/44'];
    const files = gone.reduce(without, new Map([...long.files, ...half.files]));
    expect(failuresOf(await verifyFiles(files))).toEqual([]);
  });

  it('says nothing but the checkpoint when there is none, or none to believe', async () => {
    const absent = await verifyFiles(without(built.files, 'checkpoint'));
    expect(failuresOf(absent)).toEqual(['unreadable']);
    expect(resultOf(absent, 'everything else')).toBe('skipped');
    const other = await signCheckpoint(
      { size: 10n, root: built.root },
      { signers: testSigners('other.example/log/0') },
    );
    const unsigned = await verifyFiles(new Map(built.files).set('checkpoint', other));
    expect(failuresOf(unsigned)).toEqual(['unsigned']);
    const crlf = changed(built.files, 'checkpoint', (bytes) =>
      Buffer.from(Buffer.from(bytes).toString().replaceAll('\n', '\r\n')),
    );
    expect(failuresOf(await verifyFiles(crlf))).toEqual(['malformed']);
  });

  it('refuses a checkpoint without the quorum: a view that the witnesses did not see', async () => {
    const signers = testSigners();
    const alone = { ...signers, witnesses: signers.witnesses.slice(0, 1) };
    const { size, root } = built;
    const checkpoint = await signCheckpoint({ size: BigInt(size), root }, { signers: alone });
    const files = new Map(built.files).set('checkpoint', checkpoint);
    expect(failuresOf(await verifyFiles(files))).toEqual(['unsigned']);
  });

  it('rejects when a file cannot be had, rather than to guess', async () => {
    const reader = {
      ...readFiles(built.files),
      bundle: () => Promise.reject(new LogUnreadable('down')),
    };
    await expect(verifyFiles(built.files, { reader })).rejects.toThrow(LogUnreadable);
  });
});
