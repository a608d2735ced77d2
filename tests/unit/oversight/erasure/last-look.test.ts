import { describe, expect, it } from 'vitest';
import type { InquiryId } from '#shared/kernel/id.ts';
import { type ErasingStage, other, person, setErasing } from './erasing.ts';

const minute = 60_000;

/** An order, and an inquiry of before it whose process stood still: the log has closed its time. */
const withStraggler = async (stage: ErasingStage): Promise<{ id: string; late: InquiryId }> => {
  const { clock, journal } = stage;
  const pause = journal.faults.pauseCall('putIntent', 'before');
  const slow = stage.ask(person).catch(() => undefined);
  await pause.reached;
  clock.advance(1000);
  const { id } = await stage.order();
  clock.advance(30 * minute);
  await stage.ask(other);
  await stage.settle();
  await stage.run();
  pause.release();
  await slow;
  const [entry] = journal
    .dump()
    .filter(({ intent, outcome }) => intent !== undefined && outcome === undefined);
  if (entry === undefined) throw new Error('Nothing came late.');
  return { id, late: entry.address.id };
};

describe('the last look of an erasure', () => {
  it('waits for that of a log which was away, however far that has sealed', async () => {
    const stage = await setErasing();
    const { clock, log, fed } = stage;
    // What the log has to look through again before it comes to the order.
    for (let n = 0; n < 12; n += 1) {
      await stage.ask(other);
      clock.advance(10 * minute);
      await stage.settle();
    }
    const { id, late } = await withStraggler(stage);
    clock.advance(3 * 1440 * minute);
    await stage.ask(other);
    clock.advance(2 * minute);
    const pause = log.heads.faults.pauseCall('compareAndSwap', 'after', 3);
    const steps = log.steps();
    await pause.reached;
    await fed.feed();
    await stage.run();
    expect(stage.viewOf(id)).toMatchObject({ state: 'erased', n: 0 });
    pause.release();
    await steps;
    // The log has looked, and its index does not know yet what it found.
    await stage.run();
    expect(stage.viewOf(id).state).toBe('erased');
    await fed.feed();
    await stage.run();
    expect(stage.viewOf(id)).toMatchObject({ state: 'done', n: 1 });
    expect(stage.left(late)).toEqual([]);
  });
});
