import { describe, expect, it } from 'vitest';
import { runModel } from './run.ts';
import { schedules } from './schedules.ts';

describe('a schedule that has found something before', () => {
  it.each(Object.entries(schedules))('is survived by the real sequencer: %s', async (_, knobs) => {
    expect((await runModel(knobs)).wrong).toEqual([]);
  });

  it('is the same run each time', async () => {
    const knobs = schedules['fence before the answer'];
    const [one, other] = [await runModel(knobs), await runModel(knobs)];
    expect([one.turns, one.leaves, [...one.tally]]).toEqual([
      other.turns,
      other.leaves,
      [...other.tally],
    ]);
  });
});
