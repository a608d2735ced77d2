import { describe, expect, it } from 'vitest';
import { lastLookAfter } from '#shared/oversight/erasure/erasing.ts';
import { other, person, setErasing } from './erasing.ts';
import { exportNow, putExport } from './held-exports.ts';

const gone = { said: 'erased', parts: 0 };
const standing = { said: 'done', parts: 4 };
const day = 86_400_000;

describe('exports that hold facts of somebody who is erased', () => {
  it('go with the person, those of others stay', async () => {
    const stage = await setErasing();
    const own = await stage.ask(person);
    const others = await stage.ask(other);
    const exports = [
      await putExport(stage, [own]),
      await putExport(stage, [others, own]),
      await putExport(stage, [others]),
      await putExport(stage, []),
    ];
    const { id } = await stage.order();
    await stage.settle();
    expect(await stage.run()).toMatchObject({ open: 0, failed: [] });
    const now = exports.map((one) => exportNow(stage, one));
    expect(now).toEqual([gone, gone, standing, standing]);
    expect(stage.viewOf(id)).toMatchObject({ state: 'erased', n: 1 });
  });

  it('go before the erasure counts an inquiry, or its row is gone by which it is found', async () => {
    const stage = await setErasing();
    const own = await stage.ask(person);
    const held = await putExport(stage, [own]);
    const { id } = await stage.order();
    await stage.settle();
    const pause = stage.fed.subjects.faults.pauseCall('remove', 'before');
    const running = stage.run();
    await pause.reached;
    expect(exportNow(stage, held)).toEqual(gone);
    expect(stage.left(own)).toContain('row');
    expect(stage.viewOf(id)).toMatchObject({ state: 'erasing', n: 0 });
    pause.release();
    await running;
  });

  it('go when the vault is empty, so that none can be taken since with the same fact', async () => {
    const stage = await setErasing();
    const own = await stage.ask(person);
    await stage.order();
    await stage.settle();
    const pause = stage.exports.faults.pauseCall('list', 'before');
    const running = stage.run();
    await pause.reached;
    expect(stage.left(own)).not.toContain('vault');
    expect(stage.left(own)).not.toContain('journal');
    // A fact of it was opened a moment before: its job stands already.
    const held = await putExport(stage, [own]);
    pause.release();
    await running;
    expect(exportNow(stage, held)).toEqual(gone);
  });

  it('stay while what they hold is held, and go after the release', async () => {
    const stage = await setErasing();
    const own = await stage.ask(person);
    const held = await putExport(stage, [own]);
    await stage.order();
    const hold = await stage.place({ what: { kind: 'inquiry', id: own } });
    await stage.settle();
    await stage.run();
    expect(exportNow(stage, held)).toEqual(standing);
    stage.clock.advance(60_000);
    await stage.release(hold.id);
    await stage.settle();
    await stage.run();
    await stage.settle();
    await stage.run();
    expect(exportNow(stage, held)).toEqual(gone);
  });

  it('go by the last look where the inquiry came late', async () => {
    const stage = await setErasing();
    const pause = stage.journal.faults.pauseCall('putIntent', 'before');
    const asking = stage.ask(person);
    await pause.reached;
    stage.clock.advance(1);
    await stage.order();
    await stage.settle();
    await stage.run();
    stage.agencies.play(async () => ({ kind: 'timeout' }));
    pause.release();
    const held = await putExport(stage, [await asking]);
    stage.clock.advance(lastLookAfter);
    await stage.settle();
    expect(exportNow(stage, held)).toEqual(standing);
    await stage.run();
    expect(exportNow(stage, held)).toEqual(gone);
  });

  it('go with what is past its retention', async () => {
    const stage = await setErasing(30);
    const old = await stage.ask(person);
    await stage.settle();
    stage.clock.advance(31 * day);
    const young = await stage.ask(other);
    await stage.settle();
    const [held, kept] = [await putExport(stage, [old]), await putExport(stage, [young])];
    expect((await stage.run()).failed).toEqual([]);
    expect(stage.left(old)).toEqual([]);
    expect([exportNow(stage, held), exportNow(stage, kept)]).toEqual([gone, standing]);
  });

  it('stop the erasure where they cannot be read, and nothing is taken for erased', async () => {
    const stage = await setErasing();
    const own = await stage.ask(person);
    const { id } = await stage.order();
    await stage.settle();
    const strange = { id, version: 1, state: { v: 9 }, until: stage.clock.now() + day };
    await stage.exports.store.swap(strange);
    expect((await stage.run()).failed).toMatchObject([{ name: 'ZodError' }]);
    expect(stage.viewOf(id)).toMatchObject({ state: 'erasing', n: 0 });
    expect(stage.left(own)).toContain('row');
  });
});
