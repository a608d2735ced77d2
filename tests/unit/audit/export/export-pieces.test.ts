import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selecting } from '#shared/audit/export/belonging.ts';
import { ExportImpossible, type ExportPart } from '#shared/audit/export/export-order.ts';
import {
  exportBlock,
  exportHead,
  exportTail,
  openTree,
} from '#shared/audit/export/export-pieces.ts';
import { rangeBlocks } from '#shared/audit/export/range-tiles.ts';
import { maxOctal } from '#shared/audit/export/tar-header.ts';
import { LogFileMissing } from '#shared/audit/sequence/log-files.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { buildLog, policyText } from '#tests/support/log-builder.ts';
import { lateLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { plainLeaf } from '#tests/support/plain-leaves.ts';
import { exportOf, partOf } from '#tests/unit/verify/sample-export.ts';
import { built, changed, flipAt, long, without } from '#tests/unit/verify/sample-files.ts';

const collected = async (parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return concat(...all);
};

/** Makes an export as a job does that dies and is taken up again before every block. */
const madeInPieces = async (
  parts: readonly ExportPart[],
  policy: Uint8Array | undefined,
  diesAt: (block: number) => boolean,
): Promise<Uint8Array> => {
  const order = { parts, policy };
  const lines: Uint8Array[] = [];
  let many = 0;
  for (const part of parts) {
    for (let next = part.from; next < part.to; ) {
      const tree = await openTree(part, { from: next, to: part.to });
      for (const block of rangeBlocks({ from: next, to: part.to })) {
        many += 1;
        const { bytes } = await exportBlock(part, tree, block);
        // What was made and not remembered is made again.
        if (diesAt(many)) break;
        lines.push(bytes);
        next = block.first + block.count;
      }
    }
  }
  const size = lines.reduce((sum, { length }) => sum + length, 0);
  return concat(
    await collected(exportHead(order, size)),
    ...lines,
    await collected(exportTail(order, size)),
  );
};

describe('an export in pieces', () => {
  it('has the bytes of one made in one go, wherever its job dies', async () => {
    const bounds = fc.tuple(fc.nat({ max: long.size - 1 }), fc.nat({ max: long.size - 1 }));
    await fc.assert(
      fc.asyncProperty(
        bounds,
        fc.nat({ max: 8 }),
        fc.boolean(),
        async ([a, b], died, hasPolicy) => {
          const range = { from: Math.min(a, b), to: Math.max(a, b) + 1 };
          const policy = hasPolicy ? utf8(policyText()) : undefined;
          const parts = [partOf(long, range), partOf(built, { shard: 1 })];
          const pieces = await madeInPieces(parts, policy, (many) => many === died);
          expect(Buffer.compare(pieces, await exportOf(parts, policy))).toBe(0);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('tells of a block its rows, and all of its leaves', async () => {
    const part = partOf(built);
    const tree = await openTree(part);
    const [block = { first: 0, count: 0 }] = rangeBlocks(part);
    const { bytes, rows, leaves } = await exportBlock(
      part,
      tree,
      block,
      async (index) => index % 3 === 1,
    );
    expect([rows, leaves.length]).toEqual([3, built.size]);
    const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
    expect(lines.map((line) => /"index":(\d+)/.exec(line)?.[1])).toEqual(['1', '4', '7']);
  });

  it('compares leaves too that have no row', async () => {
    const path = bundlePath({ index: 1, width: 256 });
    const part = partOf({ ...long, files: changed(long.files, path, flipAt(9)) });
    const tree = await openTree(part);
    const none = exportBlock(part, tree, { first: 256, count: 256 }, async () => false);
    await expect(none).rejects.toThrow(ExportImpossible);
    const kept = await exportBlock(part, tree, { first: 0, count: 256 }, async () => false);
    expect([kept.rows, kept.bytes.length]).toEqual([0, 0]);
  });

  it('reads no tile but those of its step', async () => {
    const path = tilePath({ level: 0, index: 1, width: 256 });
    const part = partOf({ ...long, files: without(long.files, path) });
    await expect(openTree(part)).rejects.toThrow(LogFileMissing);
    const tree = await openTree(part, { from: 0, to: 256 });
    expect((await exportBlock(part, tree, { first: 0, count: 256 })).rows).toBe(256);
  });

  it('knows the leaf before a block, as far as the range goes', async () => {
    const own = plainLeaf();
    const other = plainLeaf({ signer: 'counter:2' });
    const select = selecting(
      { filter: {}, scope: [{ counter: 'counter:1' }] },
      async () => undefined,
    );
    const rowsOf = async (last: Uint8Array, from: number) => {
      const leaves = [...Array.from({ length: 255 }, () => other), last];
      const log = await buildLog([...leaves, lateLeaf(inquiryIdAt(testNow), last, testNow)]);
      const part = partOf(log, { from });
      const tree = await openTree(part);
      return (await exportBlock(part, tree, { first: 256, count: 1 }, select)).rows;
    };
    expect([await rowsOf(own, 0), await rowsOf(other, 0), await rowsOf(own, 256)]).toEqual([
      1, 0, 0,
    ]);
  });

  it('has no head for more than a tar can say', async () => {
    const head = exportHead({ parts: [partOf(built)] }, maxOctal + 1);
    await expect(collected(head)).rejects.toThrow(ExportImpossible);
  });
});
