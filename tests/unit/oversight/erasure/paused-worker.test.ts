import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pause } from '#shared/kernel/fault-plan.ts';
import { claimLease, claimTime } from '#shared/oversight/erasure/claim.ts';
import { ClaimOver, claimWatch, inTime } from '#shared/oversight/erasure/while-claimed.ts';
import { type ErasingStage, orderId, other, person, setErasing } from './erasing.ts';

const day = 86_400_000;

/** Something that is to be erased, by an order or by its age. */
const begun = {
  'an order': async () => {
    const stage = await setErasing();
    const id = await stage.ask(person);
    await stage.order();
    await stage.ask(other);
    await stage.settle();
    return { ...stage, id };
  },
  'the retention': async () => {
    const stage = await setErasing(30);
    const id = await stage.ask(person);
    await stage.settle();
    stage.clock.advance(31 * day);
    return { ...stage, id };
  },
} as const;

/** Stands still where the claim is made and the holds are read, and nothing is erased yet. */
const beforeErasing = {
  'an order': ({ fed }: ErasingStage): Pause => fed.marks.faults.pauseCall('read', 'before', 4),
  'the retention': ({ fed }: ErasingStage): Pause =>
    fed.marks.faults.pauseCall('read', 'before', 2),
} as const;

const both = ['an order', 'the retention'] as const;

describe('a worker that stands still', () => {
  it.each(both)('by %s erases nothing when another has taken its claim over', async (by) => {
    const stage = await begun[by]();
    const pause = beforeErasing[by](stage);
    const slow = stage.run();
    await pause.reached;
    const id = orderId();
    expect((await stage.place({ id })).seen).toBe(false);
    stage.clock.advance(claimLease);
    await stage.run();
    expect((await stage.place({ id })).seen).toBe(true);
    pause.release();
    expect((await slow).failed).toEqual([]);
    expect(stage.left(stage.id)).toHaveLength(7);
  });

  it.each(both)('by %s stops at the next write, wherever it stood', async (by) => {
    const stage = await begun[by]();
    const pause = stage.fed.objects.faults.pauseCall('replace', 'after');
    const slow = stage.run();
    await pause.reached;
    stage.clock.advance(claimTime);
    pause.release();
    expect((await slow).failed).toEqual([]);
    expect(stage.left(stage.id)).toContain('row');
    expect(stage.left(stage.id)).not.toContain('vault');
    expect((await stage.run()).failed).toEqual([]);
    expect(stage.left(stage.id)).toEqual([]);
    expect(stage.erasedLeaves()).toMatchObject([{ n: 1 }]);
  });

  it.each(both)('by %s stops by its own time where its clock is set back', async (by) => {
    const stage = await begun[by]();
    const pause = stage.fed.objects.faults.pauseCall('replace', 'after');
    let steady = 0;
    const slow = stage.run({ steady: () => steady });
    await pause.reached;
    steady = claimTime;
    pause.release();
    expect((await slow).failed).toEqual([]);
    expect(stage.left(stage.id)).toContain('row');
  });

  it.each(both)('by %s has made an old claim anew, so that it is left its time', async (by) => {
    const stage = await begun[by]();
    stage.fed.objects.faults.breakCall('replace', 'not-persisted');
    await stage.run();
    stage.clock.advance(claimLease);
    const pause = stage.fed.objects.faults.pauseCall('replace', 'before');
    const slow = stage.run();
    await pause.reached;
    const id = orderId();
    expect((await stage.place({ id })).seen).toBe(false);
    await stage.run();
    expect((await stage.place({ id })).seen).toBe(false);
    pause.release();
    expect((await slow).failed).toEqual([]);
    expect(stage.left(stage.id)).toEqual([]);
    expect((await stage.place({ id })).seen).toBe(true);
  });
});

describe('the time of a claim', () => {
  it('is over half a lease after it was made, by whichever clock says so first', () => {
    const span = fc.integer({ min: 0, max: 2 * claimTime });
    fc.assert(
      fc.property(fc.integer(), span, span, span, (at, age, slept, ran) => {
        const clock = { now: at + age, steady: 5 };
        const isOver = claimWatch({ now: () => clock.now, steady: () => clock.steady }, { at });
        clock.now += slept;
        clock.steady += ran;
        expect(isOver()).toBe(age + Math.max(slept, ran) >= claimTime);
      }),
    );
  });

  it('is not longer for a claim of a clock that is ahead', () => {
    const clock = { steady: 0 };
    const isOver = claimWatch({ now: () => 0, steady: () => clock.steady }, { at: 1e9 });
    clock.steady = claimTime - 1;
    expect(isOver()).toBe(false);
    clock.steady = claimTime;
    expect(isOver()).toBe(true);
  });

  it('ends the work alone: what else goes wrong is told', async () => {
    const wrong = new Error('Something else.');
    expect(await inTime(async () => 7)).toBe(7);
    expect(await inTime(() => Promise.reject(new ClaimOver()))).toBe('over');
    await expect(inTime(() => Promise.reject(wrong))).rejects.toBe(wrong);
  });
});
