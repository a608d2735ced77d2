import { describe, expect, it } from 'vitest';
import {
  formatManifest,
  type Manifest,
  mtimeOf,
  parseManifest,
} from '#shared/audit/export/manifest.ts';
import { maxOctal } from '#shared/audit/export/tar-header.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
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

const filter = {
  from: '2027-01-15T07:00:00.000Z',
  counter: ['counter:1', 'counter:2'],
  outcome: 'FOUND',
} as const;
const scope = [{ agency: 'agency:police' }, { counter: 'counter:1', province: 'گیلان' }] as const;
const byFilter = { kind: 'filter', ranges: query.ranges, filter } as const;
const filtered: Manifest = { ...plain, v: 2, query: { ...byFilter, scope } };
const pending = { count: 2, ids: [0, 1].map((n) => InquiryId.parse(inquiryIdAt(testNow + n))) };
const waiting: Manifest = { ...plain, v: 2, pending };

/** Other members of the second version. */
const newer = (change: object): object => ({ v: 2, query: { ...byFilter, ...change } });
const filters = (change: object): object => newer({ filter: { ...filter, ...change } });

describe('a manifest', () => {
  it('comes back as it was written', () => {
    for (const one of [manifest, plain, filtered, waiting]) {
      expect(parseManifest(formatManifest(one))).toEqual(one);
    }
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
    ['a filter in the first version', { query: byFilter }],
    ['what is pending in the first version', { pending }],
    ['nothing that the first version could not say', { v: 2 }],
    ['a filter by what no filter names', filters({ subject: '0499370899' })],
    ['a time that is none', filters({ from: '2027-13-01T00:00:00.000Z' })],
    ['a time in another spelling', filters({ from: '2027-01-15T07:00:00Z' })],
    ['times that end before they begin', filters({ to: '2027-01-15T07:00:00.000Z' })],
    ['values in another order', filters({ counter: ['counter:2', 'counter:1'] })],
    ['a list of one value', filters({ counter: ['counter:1'] })],
    ['a scope that holds nothing', newer({ scope: [] })],
    ['a part of a scope that names nothing', newer({ scope: [{}] })],
    ['fewer ids than are pending', { v: 2, pending: { ...pending, count: 3 } }],
    ['ids in another order', { v: 2, pending: { ...pending, ids: pending.ids.toReversed() } }],
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
    expect(() => parseManifest(speltManifest({ ...plain, v: 3, surplus: true }))).toThrow(
      'of a version',
    );
  });
});
