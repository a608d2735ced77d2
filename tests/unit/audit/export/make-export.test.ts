import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readEntryLine } from '#shared/audit/export/entry-line.ts';
import { ExportImpossible } from '#shared/audit/export/export-order.ts';
import { memberNames, parseManifest } from '#shared/audit/export/manifest.ts';
import { LogFileMissing } from '#shared/audit/sequence/log-files.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { policyText } from '#tests/support/log-builder.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { exportOf, membersOf, partOf } from '#tests/unit/verify/sample-export.ts';
import {
  built,
  changed,
  flipAt,
  leaves,
  long,
  longLeaves,
  without,
} from '#tests/unit/verify/sample-files.ts';
import { logOf } from '#tests/unit/verify/sample-log.ts';

/** The system's tar; undefined when there is none. */
const listed = (path: string): string | undefined => {
  try {
    return execFileSync('tar', ['-tf', path], { encoding: 'utf8' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const entriesOf = (tar: Uint8Array) => {
  const text = Buffer.from(membersOf(tar).at(-1)?.bytes ?? []).toString('utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const read = readEntryLine(utf8(line));
      if (read.kind === 'malformed' || read.wrong !== undefined) throw new Error('a wrong line');
      return read.entry;
    });
};

describe('makeExport', () => {
  it('makes a manifest, a checkpoint, tiles and entries, in this order', async () => {
    const tar = await exportOf([partOf(long, { from: 300, to: 700 })], utf8(policyText()));
    const members = membersOf(tar);
    expect(members.map(({ name }) => name)).toEqual([
      'manifest.json',
      'policy.txt',
      'log/0/checkpoint',
      'log/0/tile/0/002.p/192',
      'log/0/tile/1/000.p/2',
      'log/0/tile/0/001',
      'entries.ndjson',
    ]);
    expect(parseManifest(members[0]?.bytes ?? utf8(''))).toEqual({
      v: 1,
      query: { kind: 'range', ranges: [{ shard: 0, from: 300, to: 700 }] },
      cut: [{ shard: 0, size: long.size, time: 1_800_000_060 }],
      checkpoints: ['log/0/checkpoint'],
      policy: memberNames.policy,
    });
    expect(Buffer.from(members[2]?.bytes ?? [])).toEqual(Buffer.from(long.checkpoint));
  });

  it('holds each leaf of its range once, and makes the same bytes each time', async () => {
    const bounds = fc.tuple(fc.nat({ max: long.size - 1 }), fc.nat({ max: long.size - 1 }));
    await fc.assert(
      fc.asyncProperty(bounds, async ([a, b]) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) + 1 };
        const tar = await exportOf([partOf(long, range)]);
        expect(Buffer.compare(tar, await exportOf([partOf(long, range)]))).toBe(0);
        const entries = entriesOf(tar);
        expect(entries.map(({ index }) => index)).toEqual(
          Array.from({ length: range.to - range.from }, (_, n) => range.from + n),
        );
        const wrong = entries.filter(
          ({ data, index }) => Buffer.compare(data, longLeaves[index] ?? utf8('')) !== 0,
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('makes the same of a log that has grown since', async () => {
    const part = partOf(built);
    const { files } = await logOf([...leaves, ...longLeaves.slice(10)]);
    const grown = { ...part, files: { get: async (path: string) => files.get(path) } };
    expect(files.has(tilePath({ level: 0, index: 0, width: leaves.length }))).toBe(false);
    expect(Buffer.compare(await exportOf([grown]), await exportOf([part]))).toBe(0);
  });

  it('is a tar to others', async (context) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'export.tar');
    const tar = await exportOf([partOf(long)]);
    await writeFile(path, tar);
    const names = listed(path);
    context.skip(names === undefined, 'there is no tar on this system');
    expect(names).toBe(
      membersOf(tar)
        .map(({ name }) => `${name}\n`)
        .join(''),
    );
  });

  const fullBundle = bundlePath({ index: 1, width: 256 });
  const fullTile = tilePath({ level: 0, index: 1, width: 256 });

  it.each<readonly [string, typeof long.files, new (...args: never) => Error]>([
    ['a bundle that is missing', without(long.files, fullBundle), LogFileMissing],
    ['a tile that is missing', without(long.files, fullTile), LogFileMissing],
    [
      'a bundle cut short',
      changed(long.files, fullBundle, (bytes) => bytes.subarray(1)),
      LogFileMissing,
    ],
    ['an altered entry', changed(long.files, fullBundle, flipAt(9)), ExportImpossible],
    ['an altered tile', changed(long.files, fullTile, flipAt(9)), ExportImpossible],
  ])('does not end with %s', async (_, files, kind) => {
    await expect(exportOf([partOf({ ...long, files })])).rejects.toThrow(kind);
    // What the range does not need is not asked for.
    expect(
      entriesOf(await exportOf([partOf({ ...long, files }, { from: 3, to: 256 })])),
    ).toHaveLength(253);
  });

  it('does not make what no manifest can say', async () => {
    for (const range of [{ from: 5, to: 5 }, { from: -1 }, { to: built.size + 1 }]) {
      await expect(exportOf([partOf(built, range)])).rejects.toThrow(z.ZodError);
    }
    const [first, second] = [partOf(built), partOf(built, { shard: 1 })];
    await expect(exportOf([second, first])).rejects.toThrow(z.ZodError);
    await expect(exportOf([])).rejects.toThrow(z.ZodError);
  });
});
