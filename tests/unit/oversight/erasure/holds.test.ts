import { describe, expect, it } from 'vitest';
import { claimLease } from '#shared/oversight/erasure/claim.ts';
import { viewHold } from '#shared/oversight/erasure/view-hold.ts';
import { orderId, other, person, refusalOf, setErasing } from './erasing.ts';

const inquiry = { kind: 'subject', subject: person } as const;

describe('placing a hold', () => {
  it('is on record, of what sort and under which order, and never of whom', async () => {
    const stage = await setErasing();
    const placed = await stage.place();
    expect(placed).toMatchObject({ state: 'holding', what: { kind: 'subject' }, seen: true });
    expect(placed.placed).toEqual({
      by: 'registrar:cra',
      order: 'court-12/05-779',
      reason: 'A case is open.',
      time: new Date(stage.clock.now()).toISOString(),
    });
    expect(stage.holdLeaves()).toMatchObject([
      { by: 'registrar:cra', order: 'court-12/05-779', what: 'placed', kind: 'subject' },
    ]);
    const said = JSON.stringify([placed, stage.holdLeaves(), stage.holds.dump()]);
    expect(said).not.toContain(person.value);
  });

  it.each([
    [{ kind: 'everything' }],
    [{ kind: 'counter', id: 'counter:72110345' }],
    [{ kind: 'inquiry', id: '01a9b4a5-3800-7abc-9def-0123456789ab' }],
  ])('shows what it holds where that is no person: %o', async (what) => {
    const stage = await setErasing();
    expect((await stage.place({ what })).what).toEqual(what);
    expect(stage.holdLeaves()).toMatchObject([{ kind: what.kind }]);
    expect(JSON.stringify(stage.holdLeaves())).not.toContain('0123456789ac');
  });

  it('is the same hold when it is asked again, and another one is none', async () => {
    const stage = await setErasing();
    const id = orderId();
    const first = await stage.place({ id });
    stage.clock.advance(60_000);
    expect(await stage.place({ id })).toEqual(first);
    const conflicts = [
      stage.place({ id, order: 'court-1' }),
      stage.place({ id, reason: 'Another one.' }),
      stage.place({ id, what: { kind: 'subject', subject: other } }),
      stage.place({ id, what: { kind: 'everything' } }),
      stage.place({ id }, 'auditor:inspection'),
    ];
    for (const one of conflicts) expect((await refusalOf(one)).name).toBe('reference-conflict');
    expect(stage.holdLeaves()).toHaveLength(1);
  });

  it.each([
    ['no order', { order: undefined }],
    ['an order that could be a person', { order: '0499370899' }],
    ['no reason', { reason: '' }],
    ['a reason of two lines', { reason: 'one\ntwo' }],
    ['no id', { id: 'x' }],
    [
      'a person who cannot be',
      { what: { kind: 'subject', subject: { ...person, value: '1234567890' } } },
    ],
    ['an agency', { what: { kind: 'counter', id: 'agency:civil-registry' } }],
    ['nothing', { what: {} }],
    ['something more', { note: 'x' }],
  ])('is refused with %s, without telling what was sent', async (_, change) => {
    const stage = await setErasing();
    const { name, detail, extras } = await refusalOf(stage.place(change));
    expect(name).toBe('invalid-body');
    expect(JSON.stringify([detail, extras])).not.toMatch(/0499370899|1234567890|note/);
    expect(stage.holds.dump()).toEqual([]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'holds once, with one leaf, whatever of it breaks (%s)',
    async (fault) => {
      for (const nth of [1, 2]) {
        const stage = await setErasing();
        const id = orderId();
        stage.holds.faults.breakCall('swap', fault, nth);
        expect((await refusalOf(stage.place({ id }))).name).toBe('store-unavailable');
        expect((await stage.place({ id })).state).toBe('holding');
        expect(stage.holdLeaves()).toHaveLength(1);
      }
      const stage = await setErasing();
      const id = orderId();
      stage.journal.faults.breakCall('putRecord', fault);
      expect((await refusalOf(stage.place({ id }))).name).toBe('store-unavailable');
      // It holds although its leaf is not known to be there, and the clock puts that on record.
      expect((await refusalOf(stage.order())).name).toBe('legal-hold');
      await stage.run();
      expect(stage.holdLeaves()).toHaveLength(1);
      await stage.place({ id });
      expect(stage.holdLeaves()).toHaveLength(1);
    },
  );
});

describe('releasing a hold', () => {
  it('is on record, and shown with who did it, when and under which order', async () => {
    const stage = await setErasing();
    const { id } = await stage.place();
    stage.clock.advance(1000);
    const released = await stage.release(id, {}, 'auditor:inspection');
    expect(released).toMatchObject({
      state: 'released',
      placed: { by: 'registrar:cra' },
      released: { by: 'auditor:inspection', order: 'court-12/05-900' },
    });
    expect(stage.holdLeaves().map(({ what, kind, by }) => [what, kind, by])).toEqual([
      ['placed', 'subject', 'registrar:cra'],
      ['released', 'subject', 'auditor:inspection'],
    ]);
  });

  it.each([
    ['a person', inquiry],
    ['a counter', { kind: 'counter', id: 'counter:72110345' }],
  ])('leaves nothing that says what it was about, or why: %s', async (_, what) => {
    const stage = await setErasing();
    const { vaultKey } = stage.exchange.settings;
    // The same every time: of two digests one in 65,536 is the same.
    const id = '01a9b4a5-3800-7abc-9def-0123456789ab';
    const first = await stage.place({ id, what });
    expect(first.placed.reason).toBe('A case is open.');
    await stage.release(id);
    const [job] = stage.holds.dump();
    expect(JSON.stringify(job?.state)).not.toContain('sealed');
    if (job === undefined) throw new Error('The hold is gone.');
    const { released, ...view } = viewHold(job, { vaultKey });
    const placed = { ...first.placed, reason: undefined };
    expect(view).toEqual({ id, state: 'released', what: { kind: what.kind }, placed });
    expect(released).toMatchObject({ order: 'court-12/05-900' });
    expect(released).not.toHaveProperty('reason');
    expect(await stage.place({ id, what })).toMatchObject({ state: 'released', seen: true });
    const conflicts = [
      stage.place({ id, what, reason: 'Another one.' }),
      stage.place({ id, what: { kind: 'subject', subject: other } }),
      stage.place({ id, what, order: 'court-1' }),
    ];
    for (const one of conflicts) expect((await refusalOf(one)).name).toBe('reference-conflict');
    expect(stage.holds.dump()).toEqual([job]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is forgotten by the clock where the process died that released it (%s)',
    async (fault) => {
      const stage = await setErasing();
      const { id } = await stage.place();
      // Released, on record, and then what it was about is to be forgotten.
      stage.holds.faults.breakCall('swap', fault, 3);
      expect((await refusalOf(stage.release(id))).name).toBe('store-unavailable');
      expect((await stage.order()).state).toBe('erasing');
      expect((await stage.run()).failed).toEqual([]);
      expect(JSON.stringify(stage.holds.dump())).not.toContain('sealed');
      expect((await stage.release(id)).state).toBe('released');
      expect(stage.holdLeaves()).toHaveLength(2);
    },
  );

  it('can be asked again, and not by others or under another order', async () => {
    const stage = await setErasing();
    const { id } = await stage.place();
    await stage.release(id);
    expect((await stage.release(id)).state).toBe('released');
    for (const again of [
      () => stage.release(id, { order: 'x-1' }),
      () => stage.release(id, {}, 'auditor:a'),
    ]) {
      expect((await refusalOf(again())).name).toBe('reference-conflict');
    }
    expect((await refusalOf(stage.release(orderId()))).name).toBe('not-found');
    expect(stage.holdLeaves()).toHaveLength(2);
  });

  it('does not take effect before its leaf is on record', async () => {
    const stage = await setErasing();
    const { id } = await stage.place();
    stage.journal.faults.breakCall('putRecord', 'not-persisted');
    expect((await refusalOf(stage.release(id))).name).toBe('store-unavailable');
    expect((await refusalOf(stage.order())).name).toBe('legal-hold');
    await stage.release(id);
    expect((await stage.order()).state).toBe('erasing');
    expect(stage.holdLeaves()).toHaveLength(2);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is done once, whatever write of its state breaks (%s)',
    async (fault) => {
      for (const nth of [1, 2]) {
        const stage = await setErasing();
        const { id } = await stage.place();
        stage.holds.faults.breakCall('swap', fault, nth);
        expect((await refusalOf(stage.release(id))).name).toBe('store-unavailable');
        expect((await stage.release(id)).state).toBe('released');
        expect(stage.holdLeaves()).toHaveLength(2);
      }
    },
  );
});

describe('what is held', () => {
  it.each([
    ['the subject', { kind: 'subject', subject: person }],
    ['everything', { kind: 'everything' }],
  ])('is not ordered to be erased: %s', async (_, what) => {
    const stage = await setErasing();
    await stage.ask(person);
    await stage.settle();
    const { id } = await stage.place({ what });
    expect((await refusalOf(stage.order())).name).toBe('legal-hold');
    expect(stage.erasures.dump()).toEqual([]);
    await stage.release(id);
    expect((await stage.order()).state).toBe('erasing');
  });

  it('does not hinder the erasure of others', async () => {
    const stage = await setErasing();
    await stage.place({ what: { kind: 'subject', subject: other } });
    await stage.place({ what: { kind: 'counter', id: 'counter:1' } });
    const own = await stage.ask(person);
    await stage.order();
    await stage.settle();
    await stage.run();
    expect(stage.left(own)).toEqual([]);
  });

  it('stays when it is held after the order, and goes when it is released', async () => {
    for (const what of [
      inquiry,
      { kind: 'everything' },
      { kind: 'counter', id: 'counter:72110345' },
    ]) {
      const stage = await setErasing();
      const own = [await stage.ask(person), await stage.ask(person)];
      const { id } = await stage.order();
      const hold = await stage.place({ what });
      await stage.settle();
      expect(await stage.run()).toMatchObject({
        open: 1,
        oldest: undefined,
        more: false,
        failed: [],
      });
      expect(await stage.run()).toMatchObject({ open: 1, failed: [] });
      expect(own.map((one) => stage.left(one).length)).toEqual([7, 7]);
      expect(stage.viewOf(id)).toMatchObject({ state: 'held', n: 0 });
      expect(stage.erasedLeaves()).toEqual([]);
      await stage.release(hold.id);
      await stage.run();
      expect(own.map(stage.left)).toEqual([[], []]);
      expect(stage.viewOf(id)).toMatchObject({ state: 'erased', n: 2 });
    }
  });

  it('is one inquiry of several, when that alone is held', async () => {
    const stage = await setErasing();
    const own = [
      await stage.ask(person),
      await stage.ask(person),
      await stage.ask(person),
    ] as const;
    const { id } = await stage.order();
    await stage.settle();
    const hold = await stage.place({ what: { kind: 'inquiry', id: own[1] } });
    await stage.run();
    expect(own.map((one) => stage.left(one).length)).toEqual([0, 7, 0]);
    expect(stage.viewOf(id)).toMatchObject({ state: 'held', n: 2 });
    await stage.release(hold.id);
    await stage.run();
    expect(own.map(stage.left)).toEqual([[], [], []]);
    expect(stage.erasedLeaves()).toMatchObject([{ n: 3 }]);
  });
});

describe('a hold that is placed while an erasure is under way', () => {
  const running = async () => {
    const stage = await setErasing();
    const own = await stage.ask(person);
    await stage.order();
    await stage.settle();
    return { ...stage, own };
  };

  it('is not said to be seen before that erasure has finished what it is at', async () => {
    const stage = await running();
    const pause = stage.journal.faults.pauseCall('eraseFacts', 'before');
    const run = stage.run();
    await pause.reached;
    const id = orderId();
    expect(await stage.place({ id })).toMatchObject({ state: 'holding', seen: false });
    pause.release();
    await run;
    expect(await stage.place({ id })).toMatchObject({ seen: true });
    expect(stage.left(stage.own)).toEqual([]);
  });

  it('keeps what is claimed and not begun: the holds are read behind the claim', async () => {
    const stage = await running();
    const pause = stage.erasures.faults.pauseCall('swap', 'after');
    const run = stage.run();
    await pause.reached;
    expect((await stage.place()).seen).toBe(false);
    pause.release();
    await run;
    expect(stage.left(stage.own)).toHaveLength(7);
    // Who made the claim may be at it still; the time of a process must run out first.
    await stage.run();
    expect((await stage.place({ order: 'court-2' })).seen).toBe(false);
    stage.clock.advance(claimLease);
    await stage.run();
    expect((await stage.place({ order: 'court-3' })).seen).toBe(true);
    expect(stage.left(stage.own)).toHaveLength(7);
  });

  it('keeps what is not claimed yet, and is seen at once', async () => {
    const stage = await running();
    const pause = stage.erasures.faults.pauseCall('swap', 'before');
    const run = stage.run();
    await pause.reached;
    expect((await stage.place()).seen).toBe(true);
    pause.release();
    await run;
    stage.clock.advance(claimLease);
    await stage.run();
    expect(stage.left(stage.own)).toHaveLength(7);
    expect(stage.viewOf(stage.erasures.dump()[0]?.id ?? '').state).toBe('held');
  });
});
