import { describe, expect, it } from 'vitest';
import { registryLeaf } from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';
import { counter, indexOf } from './reading-filtered.ts';
import {
  bentLines,
  bentMember,
  bentMembers,
  lineOf,
  membersOf,
  partOf,
  verifyExport,
} from './sample-export.ts';
import { flipAt, long, longLeaves } from './sample-files.ts';
import { filteredOf } from './sample-filtered.ts';
import { cast, failuresOf, logOf, resultOf } from './sample-log.ts';

describe('a filtered export of several tiles', async () => {
  const parts = [partOf(long, { from: 100, to: 600 })];
  const tar = await filteredOf({ counter }, { parts });
  const names = membersOf(tar).map(({ name }) => name);

  it('has its leaf tiles behind its rows', async () => {
    expect(names).toEqual([
      'manifest.json',
      'log/0/checkpoint',
      'log/0/tile/0/002.p/192',
      'log/0/tile/1/000.p/2',
      'census.ndjson',
      'entries.ndjson',
      'log/0/tile/0/000',
      'log/0/tile/0/001',
    ]);
    expect(failuresOf(await verifyExport(tar))).toEqual([]);
  });

  it.each(names)('does not pass without %s, nor with it twice', async (name) => {
    const without = bentMembers(tar, (members) => members.filter((one) => one.name !== name));
    expect(failuresOf(await verifyExport(without))).toEqual(['malformed']);
    const twice = bentMembers(tar, (members) =>
      members.flatMap((one) => (one.name === name ? [one, one] : [one])),
    );
    expect(failuresOf(await verifyExport(twice))).toEqual(['malformed']);
  });

  it('does not pass with another tile', async () => {
    for (const name of names.filter((one) => one.includes('/tile/'))) {
      const report = await verifyExport(bentMember(tar, name, flipAt(40)));
      expect(failuresOf(report)).toEqual(['tree']);
    }
  });

  it('names the rows that differ, in the edge and before it', async () => {
    const replaced = registryLeaf(cast.counter, testNow - 60_000, { version: 9000 });
    const bent = bentLines(tar, (lines) =>
      lines.map((line) =>
        [150, 300, 550].includes(indexOf(line))
          ? lineOf({ shard: 0, index: indexOf(line), data: replaced })
          : line,
      ),
    );
    const found = (await verifyExport(bent)).findings.filter(({ failure }) => failure === 'tree');
    expect(found.map(({ fault, index }) => `${fault}@${index}`)).toEqual([
      'leaf-differs@150',
      'leaf-differs@300',
      'leaf-differs@550',
    ]);
  });

  it('shows that the log has only grown, where its tiles reach', async () => {
    for (const [size, result] of [
      [300, 'passed'],
      [512, 'passed'],
    ] as const) {
      const { checkpoint: bytes } = await logOf(longLeaves.slice(0, size));
      const report = await verifyExport(tar, { previous: [{ name: 'before', bytes }] });
      expect([size, resultOf(report, 'before'), failuresOf(report)]).toEqual([size, result, []]);
    }
    const { checkpoint: bytes } = await logOf(longLeaves.slice(1, 301));
    const report = await verifyExport(tar, { previous: [{ name: 'before', bytes }] });
    expect(failuresOf(report)).toEqual(['fork']);
  });
});
