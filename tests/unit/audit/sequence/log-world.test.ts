import { describe, expect, it } from 'vitest';
import { makeLogWorld } from '#tests/support/log-world.ts';

describe('a log over memory twins', () => {
  it('holds what was asked, answered and recorded, and its witnesses have seen it', async () => {
    const world = makeLogWorld({ shards: 2, slots: 4 });
    const step = world.startSequencer();
    await world.drain(step);
    await world.inquiries(300);
    await world.records();
    await world.asks();
    world.clock.advance(30_000);
    await world.drain(step);
    await world.rest();
    expect(world.check()).toEqual([]);
    expect(world.leaves().length + world.leaves(1).length).toBe(304);
    const witnessed = await world.startWitnessing()();
    expect(witnessed).toMatchObject({ size: world.leaves().length, quorum: true });
    expect(world.opened()?.cosignedBy).toHaveLength(2);
    expect(world.check()).toEqual([]);
  });
});
