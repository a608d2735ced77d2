import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import type { InquiryId } from '#shared/kernel/id.ts';
import { claimLease } from '#shared/oversight/erasure/claim.ts';
import { type ErasingStage, other, person, setErasing, vehicle } from './erasing.ts';

const day = 86_400_000;
const stranger = { type: 'ir-national-id', value: '1000000001' } as const;

/** How much is known of an inquiry, and how many rows lead to it. */
const leftOf = ({ left, fed }: Pick<ErasingStage, 'fed' | 'left'>, id: InquiryId) => [
  left(id).length,
  fed.subjects.dump().filter((row) => row.id === id).length,
];
const whole = [7, 3];
const gone = [0, 0];

/** An inquiry about a vehicle that names two persons, and another about somebody else; both fed. */
const asked = async (days?: number) => {
  const stage = await setErasing(days);
  const id = await stage.askNaming(person, other);
  const apart = await stage.ask(stranger);
  await stage.settle();
  return { ...stage, id, apart };
};

describe('an inquiry that names somebody', () => {
  it.each([
    ['the person', person],
    ['another whom it names', other],
    ['whom it is about', vehicle],
  ])('is erased whole, with the rows of all of them, for %s', async (_, subject) => {
    const stage = await asked();
    expect(leftOf(stage, stage.id)).toEqual(whole);
    const { id } = await stage.order({ subject });
    await stage.ask(stranger);
    await stage.settle();
    expect(await stage.run()).toMatchObject({ open: 0, failed: [] });
    expect(leftOf(stage, stage.id)).toEqual(gone);
    expect(leftOf(stage, stage.apart)).toEqual([7, 1]);
    expect(stage.viewOf(id)).toMatchObject({ state: 'erased', n: 1 });
    await stage.fed.marks.store.swap(0, stage.fed.marks.peek(0), { size: 0, until: 0 });
    await stage.fed.feed();
    expect(leftOf(stage, stage.id)).toEqual(gone);
  });

  it('goes with everybody whom it is about or names, and with nobody else, and no row of it stays', async () => {
    const persons = [person, other, stranger] as const;
    const who = fc.constantFrom(...persons);
    const inquiry = fc.oneof(
      fc.record({ about: who }),
      fc.record({ names: fc.uniqueArray(who, { maxLength: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(inquiry, { maxLength: 5 }), who, async (inquiries, erased) => {
        const stage = await setErasing();
        const made: { readonly id: InquiryId; readonly of: readonly string[] }[] = [];
        for (const one of inquiries) {
          const of = 'about' in one ? [one.about] : one.names;
          const id = 'about' in one ? await stage.ask(one.about) : await stage.askNaming(...of);
          made.push({ id, of: of.map(({ value }) => value) });
        }
        await stage.settle();
        const rows = stage.fed.subjects.dump();
        await stage.order({ subject: erased });
        await stage.ask(vehicle);
        await stage.settle();
        expect((await stage.run()).failed).toEqual([]);
        const left = made.filter(({ of }) => !of.includes(erased.value)).map(({ id }) => id);
        expect(made.map(({ id }) => stage.left(id).length)).toEqual(
          made.map(({ id }) => (left.includes(id) ? 7 : 0)),
        );
        const own = stage.fed.subjects.dump().filter(({ id }) => made.some((one) => one.id === id));
        expect(own).toEqual(rows.filter(({ id }) => left.includes(id)));
      }),
      { numRuns: 12 },
    );
  });

  it('is not erased by a row of somebody whom it does not name', async () => {
    const stage = await asked();
    const rows = stage.fed.subjects.dump();
    const named = rows.find((row) => row.id === stage.id && row.named === true);
    const forged = rows.find((row) => row.id === stage.apart);
    if (named === undefined || forged === undefined) throw new Error('There are no rows.');
    await stage.fed.subjects.store.put([{ ...named, tag: forged.tag }]);
    await stage.order({ subject: stranger });
    await stage.ask(other);
    await stage.settle();
    expect((await stage.run()).failed).toMatchObject([{ name: 'IndexInvalid' }]);
    expect(stage.left(stage.id)).toHaveLength(7);
  });

  it('is gone past its retention, with the rows of all of them', async () => {
    const stage = await asked(30);
    stage.clock.advance(31 * day);
    expect(await stage.run()).toMatchObject({ failed: [] });
    expect(leftOf(stage, stage.id)).toEqual(gone);
    expect(stage.fed.subjects.dump()).toEqual([]);
    expect(stage.erasedLeaves()).toMatchObject([{ what: 'retention', n: 2 }]);
  });

  it('is kept by a hold on somebody whom it names, until that is released', async () => {
    const stage = await asked(30);
    const hold = await stage.place({ what: { kind: 'subject', subject: person } });
    await stage.order({ subject: vehicle });
    await stage.settle();
    stage.clock.advance(31 * day);
    await stage.settle();
    expect((await stage.run()).failed).toEqual([]);
    expect(leftOf(stage, stage.id)).toEqual(whole);
    expect(leftOf(stage, stage.apart)).toEqual(gone);
    await stage.release(hold.id);
    await stage.run();
    expect(leftOf(stage, stage.id)).toEqual(gone);
    expect(stage.fed.subjects.dump()).toEqual([]);
  });

  it('loses a row that was put again from what was read before it was erased', async () => {
    const stage = await asked(30);
    const rows = stage.fed.subjects.dump();
    stage.clock.advance(31 * day);
    const pause = stage.fed.subjects.faults.pauseCall('remove', 'before');
    const run = stage.run();
    await pause.reached;
    await stage.fed.subjects.store.put(rows);
    pause.release();
    await run;
    expect(stage.fed.subjects.dump()).toEqual([]);
  });
});

const erasing = {
  'an order': async () => {
    const stage = await asked();
    await stage.order();
    await stage.ask(stranger);
    await stage.settle();
    return stage;
  },
  'the retention': async () => {
    const stage = await asked(30);
    stage.clock.advance(31 * day);
    return stage;
  },
} as const;

const breaking = {
  'the state of an order': ({ erasures }: ErasingStage, fault: Fault, nth: number) =>
    erasures.faults.breakCall('swap', fault, nth),
  'the state of the retention': ({ retention }: ErasingStage, fault: Fault, nth: number) =>
    retention.faults.breakCall('swap', fault, nth),
  'the journal': ({ journal }: ErasingStage, fault: Fault, nth: number) =>
    journal.faults.breakCall('eraseFacts', fault, nth),
  'vault and index': ({ fed }: ErasingStage, fault: Fault, nth: number) =>
    fed.objects.faults.breakCall('replace', fault, nth),
  'the subject index': ({ fed }: ErasingStage, fault: Fault, nth: number) =>
    fed.subjects.faults.breakCall('remove', fault, nth),
} as const;

const breaks = (
  [
    ['an order', 'the state of an order', 5],
    ['an order', 'the journal', 1],
    ['an order', 'vault and index', 3],
    ['an order', 'the subject index', 1],
    ['the retention', 'the state of the retention', 6],
    ['the retention', 'vault and index', 3],
    ['the retention', 'the subject index', 1],
  ] as const
).flatMap(([by, name, many]) =>
  Array.from({ length: many }, (_, n) => n + 1).flatMap((nth) =>
    (['not-persisted', 'unacknowledged'] as const).map((fault) => ({ by, name, nth, fault })),
  ),
);

describe('an erasure of an inquiry that names somebody', () => {
  it.each(breaks)(
    'by $by leaves no row when it breaks at write $nth of $name ($fault)',
    async ({ by, name, nth, fault }) => {
      const stage = await erasing[by]();
      breaking[name](stage, fault, nth);
      const first = await stage.run().catch((error: unknown) => ({ failed: [error] }));
      expect(first.failed).toMatchObject([{ name: 'store-unavailable' }]);
      expect((await stage.run()).failed).toEqual([]);
      expect(leftOf(stage, stage.id)).toEqual(gone);
    },
  );

  it.each(['an order', 'the retention'] as const)(
    'by %s is finished where it was begun, though a hold came before its rows were gone',
    async (by) => {
      const stage = await erasing[by]();
      stage.fed.subjects.faults.breakCall('remove', 'not-persisted');
      await stage.run();
      expect(leftOf(stage, stage.id)[1]).toBe(3);
      await stage.place({ what: { kind: 'everything' } });
      stage.clock.advance(claimLease);
      expect((await stage.run()).failed).toEqual([]);
      expect(leftOf(stage, stage.id)).toEqual(gone);
    },
  );

  it.each(['an order', 'the retention'] as const)(
    'by %s is not begun where its vault cannot be read: nobody would know whom it names',
    async (by) => {
      const stage = await erasing[by]();
      const bytes = stage.fed.objects.peek('vault/0/0');
      stage.fed.objects.overwrite('vault/0/0', Uint8Array.of(1, 2, 3));
      // As it is when the time of the journal is over.
      const list = async () => ({ entries: [], more: false });
      const { failed } = await stage.run({ journal: { ...stage.parts.journal, list } });
      expect(failed).toMatchObject([{ name: 'VaultInvalid' }]);
      stage.fed.objects.overwrite('vault/0/0', bytes);
      expect((await stage.run()).failed).toEqual([]);
      expect(leftOf(stage, stage.id)).toEqual(gone);
    },
  );
});
