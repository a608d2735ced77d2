import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InquiryId } from '#shared/kernel/id.ts';
import {
  classOf,
  inTurns,
  leavePlaces,
  listOpen,
  mostOpen,
  noTurns,
  type OpenExport,
  takePlace,
} from '#shared/oversight/exports/open-exports.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const idAt = (n: number): InquiryId => InquiryId.parse(inquiryIdAt(testNow + n));

const makePlaces = () => {
  const places = memoryJobStore(() => testNow);
  return {
    ...places,
    take: (by: string, id = idAt(1)) => takePlace(places.store, { id, by }, testNow),
    open: () => listOpen(places.store),
  };
};

/** Whether each is let in. */
const settled = async (all: readonly Promise<void>[]): Promise<readonly boolean[]> =>
  (await Promise.allSettled(all)).map(({ status }) => status === 'fulfilled');

const counters = Array.from({ length: 12 }, (_, n) => `counter:${n}`);

describe('places for open exports', () => {
  it('are three for one reader', async () => {
    const { take, open } = makePlaces();
    const asked = Array.from({ length: 5 }, () => take('auditor:one'));
    expect((await settled(asked)).filter(Boolean)).toHaveLength(mostOpen.own);
    expect(await open()).toHaveLength(mostOpen.own);
    await expect(take('auditor:one')).rejects.toMatchObject({
      name: 'rate-limited',
      extras: { retryAfter: 30, limits: [{ name: 'open-exports', quota: mostOpen.own, left: 0 }] },
    });
  });

  it('are not all taken by those who do not audit, however many ask at once', async () => {
    const { take, open } = makePlaces();
    const asked = counters.flatMap((by) => [take(by), take(by), take(by)]);
    expect((await settled(asked)).filter(Boolean)).toHaveLength(mostOpen.others);
    await take('auditor:one');
    await take('registrar:one');
    expect(await open()).toHaveLength(mostOpen.others + 2);
  });

  it('are kept by whoever asks again, and are nobody else’s', async () => {
    const { take, open } = makePlaces();
    const id = idAt(0);
    await take('counter:1', id);
    await take('counter:1', id);
    await expect(take('counter:2', id)).rejects.toMatchObject({ name: 'reference-conflict' });
    expect(await open()).toEqual([{ id, by: 'counter:1', since: testNow }]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'are one for one export where the store broke (%s) and it was asked again',
    async (fault) => {
      const { take, open, faults, store } = makePlaces();
      const id = idAt(0);
      faults.breakCall('swap', fault);
      await expect(take('counter:1', id)).rejects.toMatchObject({ name: 'store-unavailable' });
      await take('counter:1', id);
      expect(await open()).toHaveLength(1);
      faults.breakCall('swap', fault);
      await expect(leavePlaces(store, [id], testNow)).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      await leavePlaces(store, [id], testNow);
      expect(await open()).toEqual([]);
    },
  );

  it('refuse an auditor only where it has its own, or those who audit have theirs', async () => {
    const step = fc.record({
      by: fc.constantFrom(...counters, 'auditor:1', 'auditor:2', 'auditor:3', 'registrar:1'),
      leaves: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (all) => {
        const { take, open, store } = makePlaces();
        const [admitted, expected]: [boolean[], boolean[]] = [[], []];
        for (const { by, leaves } of all) {
          const before = await open();
          const own = before.filter((one) => one.by === by);
          if (leaves && own[0] !== undefined) await leavePlaces(store, [own[0].id], testNow);
          else {
            const [isIn = false] = await settled([take(by)]);
            const others = before.filter((one) => classOf(one.by) === 'others').length;
            const isFree = classOf(by) === 'auditing' || others < mostOpen.others;
            admitted.push(isIn);
            expected.push(own.length < mostOpen.own && isFree);
          }
        }
        expect(admitted).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the turns of open exports', () => {
  const anyOpen = fc
    .uniqueArray(fc.record({ n: fc.nat(50), isCounter: fc.boolean() }), { selector: ({ n }) => n })
    .map((all) =>
      all.map(
        ({ n, isCounter }): OpenExport => ({
          id: InquiryId.parse(`00000000-0000-7000-8000-${String(n).padStart(12, '0')}`),
          by: isCounter ? 'counter:1' : 'auditor:1',
          since: 0,
        }),
      ),
    );

  it('change between who audits and who does not, and come to each of them', () => {
    fc.assert(
      fc.property(anyOpen, (open) => {
        let turns = noTurns;
        const served: OpenExport[] = [];
        for (let n = 0; n < 2 * open.length; n += 1) {
          const [next] = inTurns(open, turns);
          if (next === undefined) throw new Error('Somebody waits.');
          const whose = classOf(next.by);
          turns = { ...turns, served: whose, [whose]: next.id };
          served.push(next);
        }
        expect(new Set(served).size).toBe(open.length);
        const classes = new Set(open.map(({ by }) => by));
        const changes = served.filter(({ by }, n) => n > 0 && by !== served[n - 1]?.by).length;
        expect(changes).toBe(classes.size === 2 ? served.length - 1 : 0);
      }),
    );
  });
});
