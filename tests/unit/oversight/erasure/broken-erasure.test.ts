import { describe, expect, it } from 'vitest';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { lastLookAfter } from '#shared/oversight/erasure/erasing.ts';
import { type ErasingStage, other, person, setErasing } from './erasing.ts';
import { exportNow, putExport } from './held-exports.ts';

/** Two inquiries about one person and one about another, an order, and everything fed. */
const ordered = async () => {
  const stage = await setErasing();
  const own = [await stage.ask(person), await stage.ask(person)];
  const others = await stage.ask(other);
  const { id } = await stage.order();
  await stage.settle();
  const holding = await putExport(stage, [own[1] ?? others, others]);
  return { ...stage, own, others, id, holding };
};

/** How each of the stores that an erasure writes to can be broken. */
const writes = {
  'the state of the job': ({ erasures }: ErasingStage, fault: Fault, nth: number) =>
    erasures.faults.breakCall('swap', fault, nth),
  'the journal': ({ journal }: ErasingStage, fault: Fault, nth: number) =>
    journal.faults.breakCall('eraseFacts', fault, nth),
  'the leaf': ({ journal }: ErasingStage, fault: Fault, nth: number) =>
    journal.faults.breakCall('putRecord', fault, nth),
  'vault and index': ({ fed }: ErasingStage, fault: Fault, nth: number) =>
    fed.objects.faults.breakCall('replace', fault, nth),
  'the subject index': ({ fed }: ErasingStage, fault: Fault, nth: number) =>
    fed.subjects.faults.breakCall('remove', fault, nth),
  'the export': ({ exports }: ErasingStage, fault: Fault, nth: number) =>
    exports.faults.breakCall('swap', fault, nth),
  'the parts of the export': ({ fed }: ErasingStage, fault: Fault, nth: number) =>
    fed.objects.faults.breakCall('removeBelow', fault, nth),
} as const;

const calls = ({ erasures, journal, fed, exports }: ErasingStage) => ({
  'the state of the job': erasures.faults.calls('swap'),
  'the journal': journal.faults.calls('eraseFacts'),
  'the leaf': journal.faults.calls('putRecord'),
  'vault and index': fed.objects.faults.calls('replace'),
  'the subject index': fed.subjects.faults.calls('remove'),
  'the export': exports.faults.calls('swap'),
  'the parts of the export': fed.objects.faults.calls('removeBelow'),
});

/** How often each of them is written to when nothing breaks. */
const counted = async (): Promise<Readonly<Record<keyof typeof writes, number>>> => {
  const stage = await ordered();
  const before = calls(stage);
  await stage.run();
  const after = calls(stage);
  return {
    'the state of the job': after['the state of the job'] - before['the state of the job'],
    'the journal': after['the journal'] - before['the journal'],
    'the leaf': after['the leaf'] - before['the leaf'],
    'vault and index': after['vault and index'] - before['vault and index'],
    'the subject index': after['the subject index'] - before['the subject index'],
    'the export': after['the export'] - before['the export'],
    'the parts of the export': after['the parts of the export'] - before['the parts of the export'],
  };
};

const usual = await counted();
const names = [
  'the state of the job',
  'the journal',
  'the leaf',
  'vault and index',
  'the subject index',
  'the export',
  'the parts of the export',
] as const;
const breaks = names.flatMap((name) =>
  Array.from({ length: usual[name] }, (_, n) => n + 1).flatMap((nth) =>
    (['not-persisted', 'unacknowledged'] as const).map((fault) => ({ name, nth, fault })),
  ),
);

describe('an erasure that breaks', () => {
  it('writes to every one of the stores', () => {
    expect(Object.values(usual).every((many) => many > 0)).toBe(true);
  });

  it.each(breaks)(
    'at write $nth of $name ($fault) is finished by the next run',
    async ({ name, nth, fault }) => {
      const stage = await ordered();
      writes[name](stage, fault, nth);
      const { failed } = await stage.run();
      expect(failed).toMatchObject([{ name: 'store-unavailable' }]);
      expect(await stage.run()).toMatchObject({
        open: 0,
        oldest: undefined,
        more: false,
        failed: [],
      });
      expect(stage.own.map(stage.left)).toEqual([[], []]);
      expect(stage.left(stage.others)).toHaveLength(7);
      expect(exportNow(stage, stage.holding)).toEqual({ said: 'erased', parts: 0 });
      expect(stage.viewOf(stage.id)).toMatchObject({ state: 'erased', n: 2 });
      expect(stage.erasedLeaves()).toMatchObject([{ n: 2 }]);
      stage.clock.advance(lastLookAfter);
      await stage.settle();
      await stage.run();
      expect(stage.viewOf(stage.id)).toMatchObject({ state: 'done', n: 2 });
      expect(stage.erasedLeaves()).toHaveLength(1);
    },
  );

  it('is not taken for done while the vault cannot be read', async () => {
    const stage = await ordered();
    const bytes = stage.fed.objects.peek('vault/0/0');
    stage.fed.objects.overwrite('vault/0/0', Uint8Array.of(1, 2, 3));
    expect((await stage.run()).failed).toMatchObject([{ name: 'VaultInvalid' }]);
    expect(stage.viewOf(stage.id).state).toBe('erasing');
    expect(stage.erasedLeaves()).toEqual([]);
    stage.fed.objects.overwrite('vault/0/0', bytes);
    expect((await stage.run()).failed).toEqual([]);
    expect(stage.own.map(stage.left)).toEqual([[], []]);
  });

  it('erases no other by a row that somebody put into the index of subjects', async () => {
    const stage = await ordered();
    const [row] = stage.fed.subjects.dump().filter(({ id }) => id === stage.own[0]);
    const [foreign] = stage.fed.subjects.dump().filter(({ id }) => id === stage.others);
    if (row === undefined || foreign === undefined) throw new Error('There are no rows.');
    await stage.fed.subjects.store.put([{ ...foreign, tag: row.tag }]);
    expect((await stage.run()).failed).toMatchObject([{ name: 'IndexInvalid' }]);
    expect(stage.left(stage.others)).toHaveLength(7);
  });
});

describe('two workers at one erasure', () => {
  it('come to the same as one', async () => {
    const stage = await ordered();
    const runs = await Promise.all([stage.run(), stage.run(), stage.run()]);
    expect(runs.flatMap(({ failed }) => failed)).toEqual([]);
    await stage.run();
    expect(stage.own.map(stage.left)).toEqual([[], []]);
    expect(stage.viewOf(stage.id)).toMatchObject({ state: 'erased', n: 2 });
    expect(stage.erasedLeaves()).toMatchObject([{ n: 2 }]);
  });

  it.each(['the journal', 'vault and index', 'the subject index'] as const)(
    'do no harm when one stands still before %s, until the other is done',
    async (name) => {
      const stage = await ordered();
      const pause = {
        'the journal': () => stage.journal.faults.pauseCall('eraseFacts', 'before'),
        'vault and index': () => stage.fed.objects.faults.pauseCall('replace', 'before'),
        'the subject index': () => stage.fed.subjects.faults.pauseCall('remove', 'before'),
      }[name]();
      const slow = stage.run();
      await pause.reached;
      expect((await stage.run()).failed).toEqual([]);
      pause.release();
      expect((await slow).failed).toEqual([]);
      expect(stage.own.map(stage.left)).toEqual([[], []]);
      expect(stage.viewOf(stage.id)).toMatchObject({ state: 'erased', n: 2 });
      expect(stage.erasedLeaves()).toMatchObject([{ n: 2 }]);
    },
  );
});
