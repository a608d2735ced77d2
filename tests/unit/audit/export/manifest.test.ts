import { describe, expect, it } from 'vitest';
import {
  formatManifest,
  type Manifest,
  mtimeOf,
  parseManifest,
} from '#shared/audit/export/manifest.ts';
import { maxOctal } from '#shared/audit/export/tar-header.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { speltManifest } from '#tests/unit/verify/sample-export.ts';

const manifest: Manifest = {
  v: 1,
  query: {
    kind: 'range',
    ranges: [
      { shard: 0, from: 3, to: 10 },
      { shard: 2, from: 0, to: 1 },
    ],
  },
  cut: [
    { shard: 0, size: 10, time: 1_800_000_000 },
    { shard: 2, size: 4 },
  ],
  checkpoints: ['log/0/checkpoint', 'log/2/checkpoint'],
  policy: 'policy.txt',
};

const ranges = (...all: readonly object[]): object => ({
  query: { kind: 'range', ranges: all },
});
const { v, query, cut, checkpoints } = manifest;
const [first, second] = query.ranges;
const plain: Manifest = { v, query, cut, checkpoints };
if (first === undefined || second === undefined) throw new Error('no ranges');

describe('a manifest', () => {
  it('comes back as it was written', () => {
    for (const one of [manifest, plain]) expect(parseManifest(formatManifest(one))).toEqual(one);
  });

  it('has the time of its latest cut, as far as a tar can say it', () => {
    expect(mtimeOf(manifest)).toBe(1_800_000_000);
    expect(mtimeOf({ cut: [{ shard: 0, size: 1 }] })).toBe(0);
    expect(mtimeOf({ cut: [{ shard: 0, size: 1, time: maxOctal + 1 }] })).toBe(maxOctal);
  });

  it.each<readonly [string, object]>([
    ['an unknown member', { note: 'x' }],
    ['an unknown query', { query: { kind: 'filter', counter: 'counter:1' } }],
    ['no range', ranges()],
    ['an empty range', ranges({ ...first, to: 3 }, second)],
    ['a range that begins before 0', ranges({ ...first, from: -1 }, second)],
    ['a range beyond its cut', ranges({ ...first, to: 11 }, second)],
    ['a fraction', ranges({ ...first, from: 0.5 }, second)],
    ['ranges in another order', ranges(second, first)],
    ['a log twice', ranges(first, first)],
    ['fewer cuts', { cut: cut.slice(1) }],
    ['cuts in another order', { cut: cut.toReversed() }],
    ['checkpoints elsewhere', { checkpoints: ['log/0/checkpoint', 'log/1/checkpoint'] }],
    ['a policy elsewhere', { policy: '../policy.txt' }],
  ])('is refused with %s', (_, change) => {
    expect(() => parseManifest(speltManifest({ ...plain, ...change }))).toThrow(
      'its manifest does not',
    );
  });

  it('is refused in another spelling', () => {
    const text = Buffer.from(formatManifest(manifest)).toString('utf8');
    const others = [
      text.slice(0, -1),
      ` ${text}`,
      `${text}\n`,
      text.replace('{', '{ '),
      '',
      '[]\n',
    ];
    for (const other of others) {
      expect(() => parseManifest(utf8(other))).toThrow('its manifest does not have its form');
    }
  });

  it('of another version says so', () => {
    expect(() => parseManifest(speltManifest({ ...plain, v: 2, surplus: true }))).toThrow(
      'of a version',
    );
  });
});
