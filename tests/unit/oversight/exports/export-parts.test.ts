import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { cutParts, exportParts } from '#shared/oversight/exports/export-parts.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { linkKey } from './exporting.ts';

const id = inquiryIdAt(testNow);

const given = async function* (
  pieces: readonly Uint8Array[],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
};

const cut = async (pieces: readonly Uint8Array[], most: number) => {
  const parts: Uint8Array[] = [];
  for await (const part of cutParts(given(pieces), most)) parts.push(concat(...part));
  return parts;
};

const anyPieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

describe('cutting pieces into parts', () => {
  it('loses nothing, and makes no part that is empty or too large', async () => {
    await fc.assert(
      fc.asyncProperty(anyPieces, fc.integer({ min: 1, max: 30 }), async (pieces, most) => {
        const parts = await cut(pieces, most);
        expect(Buffer.compare(concat(...parts), concat(...pieces))).toBe(0);
        expect(parts.every(({ length }) => length > 0 && length <= most)).toBe(true);
      }),
    );
  });

  it('keeps a piece whole where it can', async () => {
    const pieces = ['abc', 'def', 'ghi', 'a long one'].map(utf8);
    const parts = await cut(pieces, 7);
    expect(parts.map((part) => Buffer.from(part).toString())).toEqual([
      'abcdef',
      'ghi',
      'a long ',
      'one',
    ]);
  });
});

describe('the parts of an export', () => {
  it('are kept sealed, and opened as they were put', async () => {
    const { store, dump } = memoryObjectStore();
    const parts = exportParts(store, linkKey, id);
    const long = fc.constant(new Uint8Array(150_000).map((_, n) => n % 251));
    const some = fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), long), { maxLength: 3 });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(some, async (pieces) => {
        n += 1;
        const mark = await parts.put(`lines/${n}`, pieces);
        expect(Buffer.compare(await parts.mark(`lines/${n}`), mark)).toBe(0);
        const kept = (await parts.get(`lines/${n}`)) ?? utf8('none');
        expect(Buffer.compare(kept, concat(...pieces))).toBe(0);
      }),
      { numRuns: 30 },
    );
    await parts.put('lines/0', [utf8('a fact of a person')]);
    const boxes = [...dump().values()].map((box) => Buffer.from(box).toString('latin1'));
    expect(boxes.some((box) => box.includes('person'))).toBe(false);
  });

  it('are sealed alike each time, and otherwise under another name or for another export', async () => {
    const boxOf = async (name: string, export_ = id, key = linkKey) => {
      const { store, dump } = memoryObjectStore();
      await exportParts(store, key, export_).put(name, [utf8('the same')]);
      return Buffer.from([...dump().values()][0] ?? []).toString('hex');
    };
    const first = await boxOf('lines/0');
    expect(await boxOf('lines/0')).toBe(first);
    const others = [
      await boxOf('lines/1'),
      await boxOf('lines/0', inquiryIdAt(testNow + 1)),
      await boxOf('lines/0', id, Buffer.alloc(32, 8)),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('have a mark that is of their bytes and their name, however they are cut into pieces', async () => {
    const markOf = async (name: string, ...pieces: readonly string[]) => {
      const parts = exportParts(memoryObjectStore().store, linkKey, id);
      return Buffer.from(await parts.put(name, pieces.map(utf8))).toString('hex');
    };
    const mark = await markOf('lines/0', 'one', 'two');
    expect(await markOf('lines/0', 'onetwo')).toBe(mark);
    const others = [
      await markOf('lines/0', 'onetwo '),
      await markOf('lines/1', 'onetwo'),
      await markOf('lines/0', ''),
      await markOf('lines/0'),
    ];
    expect(new Set([mark, ...others]).size).toBe(4);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'can be put again after a put that broke (%s), but for another',
    async (fault) => {
      const { store, faults } = memoryObjectStore();
      const parts = exportParts(store, linkKey, id);
      faults.breakCall('putIfAbsent', fault);
      const broken = parts.put('lines/0', [utf8('one')]);
      await expect(broken).rejects.toMatchObject({ name: 'store-unavailable' });
      await parts.put('lines/0', [utf8('one')]);
      await parts.put('lines/0', [utf8('one')]);
      const other = parts.put('lines/0', [utf8('another')]);
      await expect(other).rejects.toMatchObject({ name: 'PartDiffers' });
      expect(await parts.settle('lines/0', utf8('another'))).toEqual(utf8('one'));
      expect(await parts.get('lines/0')).toEqual(utf8('one'));
    },
  );

  it('are not opened when a byte of them is another, or they are of another place', async () => {
    const { store, peek, overwrite } = memoryObjectStore();
    const parts = exportParts(store, linkKey, id);
    await parts.put('lines/0', [utf8('one')]);
    const key = `export/${id}/lines/0`;
    const box = peek(key) ?? new Uint8Array();
    overwrite(`export/${id}/lines/1`, box);
    await expect(parts.get('lines/1')).rejects.toMatchObject({ name: 'PartDamaged' });
    for (let at = 0; at < box.length; at += 1) {
      overwrite(
        key,
        box.map((byte, n) => (n === at ? byte ^ 1 : byte)),
      );
      await expect(parts.get('lines/0')).rejects.toMatchObject({ name: 'PartDamaged' });
      await expect(parts.mark('lines/0')).rejects.toMatchObject({ name: 'PartDamaged' });
    }
    for (const length of [0, 1, 12, 28, box.length - 1]) {
      overwrite(key, box.slice(0, length));
      await expect(parts.get('lines/0')).rejects.toMatchObject({ name: 'PartDamaged' });
    }
    overwrite(key, undefined);
    await expect(parts.mark('lines/0')).rejects.toMatchObject({ name: 'PartDamaged' });
    expect(await parts.get('lines/0')).toBeUndefined();
  });
});
