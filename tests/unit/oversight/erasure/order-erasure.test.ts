import { describe, expect, it } from 'vitest';
import {
  listHolds,
  readErasure,
  takeErasure,
  takeHold,
  takeRelease,
} from '#shared/oversight/erasure/desk.ts';
import { keptDone, lastLookAfter } from '#shared/oversight/erasure/erasing.ts';
import type { Scope } from '#shared/registry/scope.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { orderId, other, person, refusalOf, setErasing } from './erasing.ts';

const plate = { two: '12', letter: 'ب', three: '345', region: '67' };

describe('ordering an erasure', () => {
  it('is the same when it is asked again, and another one is none', async () => {
    const stage = await setErasing();
    const id = orderId();
    const first = await stage.order({ id });
    stage.clock.advance(60_000);
    expect(await stage.order({ id })).toEqual(first);
    const conflicts = [
      stage.order({ id, subject: other }),
      stage.order({ id, order: 'court-1' }),
      stage.order({ id }, 'registrar:other'),
    ];
    for (const one of conflicts) expect((await refusalOf(one)).name).toBe('reference-conflict');
    expect(stage.erasures.dump()).toHaveLength(1);
  });

  it('is told about again when it is done, although nobody knows any more whom it was about', async () => {
    const stage = await setErasing();
    await stage.ask(person);
    const { id } = await stage.order({ id: '01a9b4a5-3800-7abc-9def-0123456789ab' });
    stage.clock.advance(lastLookAfter);
    await stage.settle();
    await stage.run();
    expect(await stage.order({ id })).toMatchObject({ state: 'done', n: 1 });
    expect((await refusalOf(stage.order({ id, order: 'court-1' }))).name).toBe(
      'reference-conflict',
    );
    // Else whoever asks would take another person for erased, of whom nothing is.
    expect((await refusalOf(stage.order({ id, subject: other }))).name).toBe('reference-conflict');
    stage.clock.advance(keptDone);
    expect((await refusalOf(readErasure(deskOf(stage))(id))).name).toBe('not-found');
  });

  it('takes the subject in the digits of any script, and shows it to nobody', async () => {
    const stage = await setErasing();
    const id = await stage.ask(person);
    const ordered = await stage.order({ subject: { ...person, value: '۰۴۹-۹۳۷۰۸۹-۹' } });
    await stage.settle();
    await stage.run();
    expect(stage.left(id)).toEqual([]);
    expect(JSON.stringify([ordered, stage.erasures.dump()])).not.toContain(person.value);
  });

  it('is about a vehicle as well, whose number has parts', async () => {
    const stage = await setErasing();
    const subject = { type: 'ir-plate', value: plate } as const;
    const id = await stage.ask(subject);
    await stage.settle();
    expect(stage.left(id)).toContain('row');
    await stage.order({ subject });
    await stage.settle();
    await stage.run();
    expect(stage.left(id)).toEqual([]);
  });

  it.each([
    ['no subject', { subject: undefined }],
    ['a person who cannot be', { subject: { ...person, value: '0499370890' } }],
    ['no order', { order: '' }],
    ['an order that could be a person', { order: '049-937-0899' }],
    ['another id', { id: '01a9b4a5-3800-4abc-9def-0123456789ab' }],
    ['more than it takes', { reason: 'x' }],
  ])('is refused with %s, without telling what was sent', async (_, change) => {
    const stage = await setErasing();
    const { name, detail, extras } = await refusalOf(stage.order(change));
    expect(name).toBe('invalid-body');
    expect(JSON.stringify([detail, extras])).not.toMatch(/0499370890|049-937/);
    expect(stage.erasures.dump()).toEqual([]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is taken once, whatever of it breaks (%s)',
    async (fault) => {
      const stage = await setErasing();
      const id = orderId();
      stage.erasures.faults.breakCall('swap', fault);
      expect((await refusalOf(stage.order({ id }))).name).toBe('store-unavailable');
      expect((await stage.order({ id })).state).toBe('erasing');
      expect(stage.erasures.dump()).toHaveLength(1);
    },
  );

  it('is not taken where the holds cannot be read', async () => {
    const stage = await setErasing();
    stage.holds.faults.breakCall('list', 'not-persisted');
    expect((await refusalOf(stage.order())).name).toBe('store-unavailable');
    expect(stage.erasures.dump()).toEqual([]);
  });
});

type Stage = Awaited<ReturnType<typeof setErasing>>;

/** The desk, where a participant has these scopes. */
const deskOf = ({ exchange, erasures, holds, retention }: Stage, scopes?: readonly Scope[]) => ({
  ...exchange,
  erasures: erasures.store,
  holds: holds.store,
  retention: retention.store,
  directory: {
    participant: async (id: string) => ({
      ...agencyOf(id),
      ...(scopes !== undefined && { scopes: [...scopes] }),
    }),
  },
});

describe('the desk', () => {
  const hold = () => ({
    id: orderId(),
    order: 'court-1',
    reason: 'A case is open.',
    what: { kind: 'everything' },
  });
  const why = { order: 'court-2', reason: 'It is closed.' };

  it('lets auditors of a part of the entries neither place, see nor release a hold', async () => {
    const stage = await setErasing();
    const placed = await takeHold(deskOf(stage))(hold(), 'auditor:all');
    for (const scopes of [[], [{ kind: 'province', value: 'تهران' }]] as const) {
      const desk = deskOf(stage, scopes);
      for (const attempt of [
        () => takeHold(desk)(hold(), 'auditor:one'),
        () => listHolds(desk)('auditor:one'),
        () => takeRelease(desk)(placed.id, why, 'auditor:one'),
      ]) {
        expect((await refusalOf(attempt())).name).toBe('out-of-scope');
      }
    }
    expect(stage.holds.dump()).toHaveLength(1);
  });

  it('lists all holds, the oldest first, and what became of them', async () => {
    const stage = await setErasing();
    const desk = deskOf(stage, [{ kind: 'all' }]);
    const first = await takeHold(desk)(hold(), 'auditor:one');
    stage.clock.advance(1000);
    const what = { kind: 'subject', subject: person };
    const later = await takeHold(desk)({ ...hold(), what }, 'registrar:cra');
    await takeRelease(desk)(first.id, why, 'registrar:cra');
    const listed = await listHolds(desk)('auditor:one');
    expect(new Map(listed.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [first.id, 'released'],
        [later.id, 'holding'],
      ]),
    );
    expect(JSON.stringify(listed)).not.toContain(person.value);
  });

  it('knows no erasure and no hold by what is no id', async () => {
    const desk = deskOf(await setErasing());
    for (const id of [undefined, '', 'x', '0499370899', orderId()]) {
      expect((await refusalOf(readErasure(desk)(id))).name).toBe('not-found');
      expect((await refusalOf(takeRelease(desk)(id, why, 'registrar:cra'))).name).toBe('not-found');
    }
  });

  it('tells how far an erasure is', async () => {
    const stage = await setErasing();
    const desk = deskOf(stage);
    const body = { id: orderId(), subject: person, order: 'court-1' };
    const taken = await takeErasure(desk)(body, 'registrar:cra');
    expect(await readErasure(desk)(taken.id)).toEqual(taken);
    expect(taken).toEqual({
      id: body.id,
      state: 'erasing',
      by: 'registrar:cra',
      order: 'court-1',
      ordered: new Date(stage.clock.now()).toISOString(),
      n: 0,
    });
  });
});
