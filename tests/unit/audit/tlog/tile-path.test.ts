import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundlePath, parsePath, type Resource, tilePath } from '#shared/audit/tlog/tile-path.ts';

const anyIndex = fc.oneof(
  fc.nat({ max: 2000 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
);
const anyWidth = fc.integer({ min: 1, max: 256 });

const format = (resource: Resource): string => {
  switch (resource.kind) {
    case 'checkpoint':
      return 'checkpoint';
    case 'tile':
      return tilePath(resource);
    case 'bundle':
      return bundlePath(resource);
  }
};

describe('the path of a tile', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 1, index: 7, width: 1 }, 'tile/1/007.p/1'],
    [{ level: 63, index: 999, width: 255 }, 'tile/63/999.p/255'],
    [{ level: 0, index: 1000, width: 256 }, 'tile/0/x001/000'],
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 2, index: 1_000_000, width: 17 }, 'tile/2/x001/x000/000.p/17'],
  ])('of %j is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parsePath(path)).toEqual({ kind: 'tile', ...tile });
  });

  it('gives every tile back', () => {
    fc.assert(
      fc.property(fc.nat({ max: 63 }), anyIndex, anyWidth, (level, index, width) => {
        expect(parsePath(tilePath({ level, index, width }))).toEqual({
          kind: 'tile',
          level,
          index,
          width,
        });
      }),
    );
  });
});

describe('the path of a bundle', () => {
  it.each([
    [{ index: 0, width: 256 }, 'tile/entries/000'],
    [{ index: 1_234_067, width: 5 }, 'tile/entries/x001/x234/067.p/5'],
  ])('of %j is %s', (bundle, path) => {
    expect(bundlePath(bundle)).toBe(path);
  });

  it('gives every bundle back', () => {
    fc.assert(
      fc.property(anyIndex, anyWidth, (index, width) => {
        expect(parsePath(bundlePath({ index, width }))).toEqual({ kind: 'bundle', index, width });
      }),
    );
  });
});

describe('parsePath', () => {
  it('knows the checkpoint', () => {
    expect(parsePath('checkpoint')).toEqual({ kind: 'checkpoint' });
  });

  it.each([
    ['a level above 63', 'tile/64/000'],
    ['a level of three digits', 'tile/100/000'],
    ['a level with a leading zero', 'tile/00/000'],
    ['a level with a leading zero', 'tile/01/000'],
    ['a negative level', 'tile/-1/000'],
    ['the level of another format', 'tile/data/000'],
    ['no level', 'tile//000'],
    ['a width of 0', 'tile/0/000.p/0'],
    ['a width of 256: a full tile has no suffix', 'tile/0/000.p/256'],
    ['a width of 999', 'tile/0/000.p/999'],
    ['a width with a leading zero', 'tile/0/000.p/01'],
    ['an empty width', 'tile/0/000.p/'],
    ['a suffix without a width', 'tile/0/000.p'],
    ['a signed width', 'tile/0/000.p/+1'],
    ['an index of two digits', 'tile/0/00'],
    ['an index of four digits', 'tile/0/0000'],
    ['no index', 'tile/0/'],
    ['no index', 'tile/0'],
    ['an x on the last element', 'tile/0/x000'],
    ['an x on the last element', 'tile/0/x001/x000'],
    ['no x before the last element', 'tile/0/001/000'],
    ['a leading element of zeros', 'tile/0/x000/001'],
    ['a capital x', 'tile/0/X001/000'],
    ['an index above 2^53 - 1', 'tile/0/x009/x007/x199/x254/x740/992'],
    ['seven elements', 'tile/0/x001/x000/x000/x000/x000/x000/000'],
    ['a slash before', '/tile/0/000'],
    ['a slash behind', 'tile/0/000/'],
    ['two slashes', 'tile/0//000'],
    ['a space', 'tile/0/000 '],
    ['a newline', 'tile/0/000\n'],
    ['a parent folder', 'tile/0/../000'],
    ['other digits', 'tile/0/٠٠٠'],
    ['an escaped slash', 'tile%2F0/000'],
    ['a query', 'tile/0/000?x=1'],
    ['nothing', ''],
    ['another file', 'checkpoint.txt'],
    ['a checkpoint with a newline', 'checkpoint\n'],
    ['a name every object has', 'constructor'],
  ])('refuses %s: %j', (_, path) => {
    expect(parsePath(path)).toBeUndefined();
  });

  it('takes the largest index that is counted with', () => {
    const index = Number.MAX_SAFE_INTEGER;
    expect(parsePath('tile/0/x009/x007/x199/x254/x740/991')).toEqual({
      kind: 'tile',
      level: 0,
      index,
      width: 256,
    });
  });

  it('reads no two paths as one resource', () => {
    const anyPath = fc.stringMatching(
      /^tile\/(?:entries|[0-9]{1,2})\/(?:x[0-9]{3}\/){0,2}x?[0-9]{2,3}(?:\.p\/[0-9]{1,3})?$/,
    );
    fc.assert(
      fc.property(anyPath, (path) => {
        const resource = parsePath(path);
        expect(resource === undefined ? path : format(resource)).toBe(path);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads nothing else: one character changed is another resource or none', () => {
    const anyCharacter = fc.stringMatching(/^[0-9x/.pentris ]$/);
    fc.assert(
      fc.property(
        fc.nat({ max: 63 }),
        anyIndex,
        anyWidth,
        fc.nat(),
        anyCharacter,
        (level, index, width, seed, character) => {
          const path = tilePath({ level, index, width });
          const at = seed % path.length;
          const changed = `${path.slice(0, at)}${character}${path.slice(at + 1)}`;
          const resource = parsePath(changed);
          expect(resource === undefined ? changed : format(resource)).toBe(changed);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
