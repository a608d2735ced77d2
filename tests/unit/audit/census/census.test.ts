import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CensusTaken } from '#events/census-taken.ts';
import { census, namedServices } from '#shared/audit/census/census.ts';
import { checkCensus } from '#shared/audit/census/check-census.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { maxEntry } from '#shared/audit/tlog/bundle.ts';
import { emptyRoot, leafHash, nodeHash } from '#shared/audit/tlog/hash.ts';
import { toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { type PlainInquiry, plainLeaf } from '#tests/support/plain-leaves.ts';

const taken = (inquiries: readonly PlainInquiry[]) => census(inquiries.map(plainLeaf));

const leafOf = ({ n, root, counts }: ReturnType<typeof taken>): CensusTaken =>
  CensusTaken.parse({
    v: 1,
    k: 'census',
    id: inquiryIdAt(testNow),
    t: testNow,
    shard: 0,
    from: 0,
    to: 1_000_000,
    n,
    root,
    counts,
  });

describe('a census', () => {
  it('counts by counter, agency, service and outcome, with a root over all lines', () => {
    const { n, lines, counts } = taken([
      {},
      { signer: 'vendor:rayan', for: 'counter:2', outcome: 'DENIED' },
      { service: 'police/vehicle@1', answer: 3 },
    ]);
    expect(n).toBe(3);
    expect(lines).toEqual([
      'agency agency:civil-registry 2',
      'agency agency:police 1',
      'counter counter:1 2',
      'counter counter:2 1',
      'outcome DENIED 1',
      'outcome FOUND 2',
      'service civil-registry/identity@1 2',
      'service police/vehicle@1 1',
    ]);
    expect(counts).toBe(
      '{"agencies":2,"counters":2,"outcomes":{"DENIED":1,"FOUND":2},"services":{"civil-registry/identity@1":2,"police/vehicle@1":1}}',
    );
  });

  it('has the root of RFC 6962 over its lines', () => {
    const { root, lines } = taken([{}]);
    const [a, b, c, d] = lines.map((line) => leafHash(utf8(line)));
    if (a === undefined || b === undefined || c === undefined || d === undefined) {
      throw new Error('There are four lines.');
    }
    expect(root).toBe(toBase64Url(nodeHash(nodeHash(a, b), nodeHash(c, d))));
    expect(taken([])).toEqual({
      n: 0,
      root: toBase64Url(emptyRoot),
      counts: '{"agencies":0,"counters":0,"outcomes":{},"services":{}}',
      lines: [],
    });
  });

  it('counts no records, and says how many inquiries it could not read', () => {
    const leaves = [recordLeafData('{"k":"late"}'), leafData('{}', '{}'), plainLeaf()];
    const { n, lines } = census(leaves);
    expect(n).toBe(2);
    expect(lines).toContain('unread inquiry 1');
  });

  it('of fifteen thousand counters and a thousand services with long names fits a leaf', () => {
    const name = (letter: string, n: number): string => `${letter.repeat(36)}-${n}`;
    const many = taken(
      Array.from({ length: 15_000 }, (_, n) => ({
        signer: `counter:${'9'.repeat(40)}-${n}`,
        service: `${name('a', n % 50)}/${name('s', n % 1000)}@9999`,
      })),
    );
    const data = recordLeafData(canonicalJson({ ...leafOf(many) }));
    expect(data.length).toBeLessThan(maxEntry);
    const counts: unknown = JSON.parse(many.counts);
    expect(counts).toMatchObject({ counters: 15_000, rest: (1000 - namedServices) * 15 });
    expect(many.lines.filter((line) => line.startsWith('counter '))).toHaveLength(15_000);
  });
});

describe('a census that is taken again', () => {
  const inquiry = fc.record({
    signer: fc.constantFrom('counter:1', 'counter:2', 'counter:3'),
    service: fc.constantFrom('civil-registry/identity@1', 'police/vehicle@1', 'police/vehicle@2'),
    outcome: fc.constantFrom('FOUND', 'DENIED', 'TIMEOUT'),
  });
  const some = fc.array(inquiry, { minLength: 1, maxLength: 20 });

  it('is the same, in whatever order the leaves are read', () => {
    fc.assert(
      fc.property(some, (inquiries) => {
        const leaf = leafOf(taken(inquiries));
        expect(checkCensus(leaf, taken(inquiries.toReversed()))).toEqual([]);
      }),
    );
  });

  it('shows any inquiry that was dropped or added, by its number and its root', () => {
    fc.assert(
      fc.property(some, inquiry, fc.nat(), (inquiries, more, nth) => {
        const leaf = leafOf(taken(inquiries));
        const fewer = inquiries.toSpliced(nth % inquiries.length, 1);
        expect(checkCensus(leaf, taken(fewer))).toEqual(expect.arrayContaining(['n', 'root']));
        const added = checkCensus(leaf, taken([...inquiries, more]));
        expect(added).toEqual(expect.arrayContaining(['n', 'root']));
      }),
    );
  });

  it('shows any inquiry of which something was changed that is counted', () => {
    fc.assert(
      fc.property(some, inquiry, fc.nat(), (inquiries, other, nth) => {
        const place = nth % inquiries.length;
        const now = inquiries.with(place, other);
        const isSame = JSON.stringify(now[place]) === JSON.stringify(inquiries[place]);
        const differences = checkCensus(leafOf(taken(inquiries)), taken(now));
        expect(differences.includes('root')).toBe(!isSame);
      }),
    );
  });

  it('shows counts in the leaf that are not those of its root', () => {
    const honest = taken([{}]);
    const leaf = { ...leafOf(honest), counts: '{"agencies":1,"counters":1}' };
    expect(checkCensus(leaf, honest)).toEqual(['counts']);
  });
});
