import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InquiryId, newId, timeOf } from '#shared/kernel/id.ts';
import {
  disputesFilter,
  listDisputes,
  parseDisputesQuery,
} from '#shared/oversight/subject/list-disputes.ts';
import { memoryDisputeStore } from '#shared/oversight/subject/memory-dispute-store.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { testCursorKey } from '#tests/support/audit-reading.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';

const day = 86_400_000;
const random = countedRandom();

type Raised = { readonly counter?: string; readonly agency?: string; readonly province?: string };

/** A store that lists disputes, raised so many milliseconds after {@link testNow}. */
const raised = async (offsets: readonly number[], change: (n: number) => Raised = () => ({})) => {
  const { store, faults } = memoryDisputeStore();
  for (const [n, offset] of offsets.entries()) {
    await store.publish({
      inquiry: InquiryId.parse(inquiryIdAt(testNow - day)),
      leaf: newId(testNow + offset, random),
      ground: 'not-asked',
      counter: 'counter:72110345',
      agency: 'agency:civil-registry',
      service: 'civil-registry/identity@1',
      province: 'تهران',
      ...change(n),
    });
  }
  return { store, faults };
};

const members: readonly RegistryEntry[] = [
  agencyOf('auditor:all'),
  agencyOf('auditor:none', { scopes: [] }),
  agencyOf('auditor:tehran', { scopes: [{ kind: 'province', value: 'تهران' }] }),
  agencyOf('guild:pishkhan'),
  agencyOf('registrar:cra'),
  agencyOf('vendor:rayan'),
  agencyOf('agency:telecom'),
  counterOf('counter:72110345'),
];

const listing = (store: Parameters<typeof listDisputes>[0]['disputes']) => {
  const participant = async (id: string) =>
    members.flatMap((one) => (one.kind === 'participant' && one.id === id ? [one] : [])).at(0);
  return listDisputes({
    disputes: store,
    directory: { participant },
    sealing: { key: testCursorKey, random },
  });
};

const range = { from: testNow - day, to: testNow + 2 * day } as const;

describe('disputes', () => {
  it('are listed with when they were raised and when the inquiry was asked', async () => {
    const { store } = await raised([5]);
    const { disputes, n, next } = await listing(store)({ ...range, limit: 10 }, 'auditor:all');
    expect(disputes).toEqual([
      {
        id: disputes[0]?.id,
        at: new Date(testNow + 5).toISOString(),
        inquiry: disputes[0]?.inquiry,
        asked: new Date(testNow - day).toISOString(),
        ground: 'not-asked',
        counter: 'counter:72110345',
        agency: 'agency:civil-registry',
        service: 'civil-registry/identity@1',
        province: 'تهران',
      },
    ]);
    expect([n, next]).toEqual([1, undefined]);
  });

  it.each([
    ['auditor:all', 6],
    ['auditor:tehran', 3],
    ['guild:pishkhan', 6],
    ['registrar:cra', 6],
    ['agency:telecom', 2],
    ['counter:72110345', 4],
  ])('are listed to %s within its scope', async (reader, count) => {
    const { store } = await raised([0, 1, 2, 3, 4, 5], (n) => ({
      counter: n < 4 ? 'counter:72110345' : 'counter:72110346',
      agency: n % 3 === 0 ? 'agency:telecom' : 'agency:civil-registry',
      province: n % 2 === 0 ? 'تهران' : 'فارس',
    }));
    expect((await listing(store)({ ...range, limit: 10 }, reader)).n).toBe(count);
  });

  it.each(['auditor:none', 'vendor:rayan', 'auditor:unknown'])(
    'are out of scope for %s',
    async (reader) => {
      const { store } = await raised([0]);
      await expect(listing(store)({ ...range, limit: 10 }, reader)).rejects.toMatchObject({
        name: 'out-of-scope',
      });
    },
  );

  it('that a reader may not see are looked through in parts, so that no page takes too long', async () => {
    const { store } = await raised(
      Array.from({ length: 4100 }, (_, n) => n),
      (n) => ({ agency: n === 4099 ? 'agency:telecom' : 'agency:post' }),
    );
    const reads: number[] = [];
    const counted: typeof store = {
      ...store,
      list: (...page) => {
        reads.push(1);
        return store.list(...page);
      },
    };
    const pages: [number, number][] = [];
    let cursor: string | undefined;
    do {
      const page = await listing(counted)({ ...range, limit: 10, cursor }, 'agency:telecom');
      pages.push([page.n, reads.splice(0).length]);
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages.map(([n]) => n)).toEqual([0, 0, 1]);
    expect(Math.max(...pages.map(([, count]) => count))).toBeLessThanOrEqual(13);
  });

  it('are listed once each in the order of their leaves, whatever the pages and the times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -2 * day, max: 3 * day }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 6 }),
        async (offsets, limit) => {
          const { store } = await raised(offsets);
          const found: number[] = [];
          let cursor: string | undefined;
          do {
            const query = { ...range, limit, cursor };
            const page = await listing(store)(query, 'auditor:all');
            expect(page.n).toBeLessThanOrEqual(limit);
            found.push(...page.disputes.map(({ id }) => timeOf(id)));
            cursor = page.next;
            expect(found.length).toBeLessThanOrEqual(offsets.length);
          } while (cursor !== undefined);
          const expected = offsets
            .map((offset) => testNow + offset)
            .filter((t) => t >= range.from && t < range.to)
            .toSorted((a, b) => a - b);
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('go on by a cursor that is of this reader and of this query only', async () => {
    const { store } = await raised([0, 1, 2]);
    const list = listing(store);
    const query = { ...range, limit: 1 };
    const { next: cursor = '' } = await list(query, 'auditor:all');
    for (const [change, reader] of [
      [{}, 'guild:pishkhan'],
      [{ to: range.to + 1 }, 'auditor:all'],
      [{ limit: 2 }, 'auditor:all'],
    ] as const) {
      await expect(list({ ...query, ...change, cursor }, reader)).rejects.toMatchObject({
        name: 'invalid-query',
      });
    }
    expect((await list({ ...query, cursor }, 'auditor:all')).n).toBe(1);
  });

  it('are unavailable while the store is', async () => {
    const { store, faults } = await raised([0]);
    faults.breakCall('list', 'not-persisted');
    await expect(listing(store)({ ...range, limit: 1 }, 'auditor:all')).rejects.toMatchObject({
      name: 'store-unavailable',
    });
  });
});

describe('a query for disputes', () => {
  const from = '2027-01-01T00:00:00Z';

  it('names a time, and is on record without its cursor', () => {
    const query = parseDisputesQuery({ from, to: '2027-02-01T00:00:00+03:30', cursor: 'secret' });
    expect(query).toMatchObject({ limit: 100, cursor: 'secret' });
    expect(disputesFilter(query)).toEqual({
      from: '2027-01-01T00:00:00.000Z',
      to: '2027-01-31T20:30:00.000Z',
      limit: 100,
    });
  });

  it.each([
    [{ from }, /to\.$/],
    [{ from, to: from }, /later than from/],
    [{ from, to: '2027-02-01T00:00:01Z' }, /At most 31 days/],
    [{ from, to: '2027-01-02T00:00:00Z', limit: '201' }, /limit\.$/],
    [{ from, to: '2027-01-02T00:00:00Z', subject: '0499370899' }, /a parameter\.$/],
  ])('is refused by the name of what is wrong: %o', (parameters, said) => {
    expect(() => parseDisputesQuery(parameters)).toThrow(said);
  });
});
