import { describe, expect, it } from 'vitest';
import type { InquiryId } from '#shared/kernel/id.ts';
import { lastLookAfter } from '#shared/oversight/erasure/erasing.ts';
import { inquiryIdAt, requestFactsExample, withInquiry } from '#tests/support/messages.ts';
import { other, person, setErasing } from './erasing.ts';

const all = ['journal', 'answer', 'vault', 'subjectTag', 'operatorTag', 'case', 'row'];

describe('erasing a subject', () => {
  it('takes away all that is known of it, leaves others alone, and puts on record how many', async () => {
    const stage = await setErasing();
    const own = [await stage.ask(person), await stage.ask(person)];
    const others = await stage.ask(other);
    await stage.settle();
    expect([...own, others].map(stage.left)).toEqual([all, all, all]);
    const { id, state } = await stage.order();
    expect(state).toBe('erasing');
    await stage.settle();
    expect(await stage.run()).toMatchObject({
      open: 0,
      oldest: undefined,
      more: false,
      failed: [],
    });
    expect(own.map(stage.left)).toEqual([[], []]);
    expect(stage.left(others)).toEqual(all);
    expect(stage.viewOf(id)).toMatchObject({ state: 'erased', n: 2, order: 'court-12/05-778' });
    expect(stage.erasedLeaves()).toMatchObject([
      { by: 'registrar:cra', order: 'court-12/05-778', what: 'subject', n: 2 },
    ]);
  });

  it('waits until the index knows all that was asked before the order', async () => {
    const stage = await setErasing();
    const id = await stage.ask(person);
    const ordered = await stage.order();
    expect(await stage.run()).toMatchObject({ open: 1, failed: [] });
    expect(stage.left(id)).toEqual(['journal', 'answer']);
    await stage.log.sequence();
    expect(await stage.run()).toMatchObject({ open: 1 });
    await stage.fed.feed();
    expect(await stage.run()).toMatchObject({ open: 0 });
    expect(stage.left(id)).toEqual([]);
    expect(stage.viewOf(ordered.id)).toMatchObject({ state: 'erased', n: 1 });
  });

  it('touches nothing that was asked after the order', async () => {
    const stage = await setErasing();
    await stage.ask(person);
    await stage.order();
    const later = await stage.ask(person);
    await stage.settle();
    await stage.run();
    expect(stage.left(later)).toEqual(all);
    expect(stage.erasedLeaves()).toMatchObject([{ n: 1 }]);
  });

  it.each([
    { clock: 'fast', off: 8000, isBefore: true, left: [] },
    { clock: 'slow', off: -8000, isBefore: false, left: all },
  ])('goes by its own clock where that of a counter is $clock', async ({ off, isBefore, left }) => {
    const stage = await setErasing();
    const askBy = async (): Promise<InquiryId> => {
      const id = inquiryIdAt(stage.clock.now() + off);
      const facts = { ...requestFactsExample, subject: person };
      const text = await stage.request({ facts, claims: withInquiry({ id }) });
      await stage.submit(text);
      return stage.addressOf(text).id;
    };
    const before = isBefore ? await askBy() : undefined;
    stage.clock.advance(2000);
    const { id } = await stage.order();
    stage.clock.advance(2000);
    const asked = before ?? (await askBy());
    for (let round = 1; round <= 2; round += 1) {
      stage.clock.advance(lastLookAfter);
      await stage.settle();
      await stage.run();
    }
    expect(stage.viewOf(id).state).toBe('done');
    expect(stage.left(asked)).toEqual(left);
  });

  it('forgets whom it was about after a last look for what came late', async () => {
    const stage = await setErasing();
    await stage.ask(person);
    const { id } = await stage.order();
    await stage.settle();
    await stage.run();
    expect(JSON.stringify(stage.erasures.dump())).toContain('"sealed"');
    stage.clock.advance(lastLookAfter);
    await stage.settle();
    await stage.run();
    expect(stage.viewOf(id)).toMatchObject({ state: 'done', n: 1 });
    expect(JSON.stringify(stage.erasures.dump())).not.toContain('sealed');
    expect(stage.erasedLeaves()).toHaveLength(1);
  });

  it('takes what came late as well, and puts that on record by itself', async () => {
    const stage = await setErasing();
    await stage.ask(person);
    const pause = stage.journal.faults.pauseCall('putIntent', 'before');
    const asking = stage.ask(person);
    await pause.reached;
    stage.clock.advance(1);
    const { id } = await stage.order();
    await stage.settle();
    await stage.run();
    expect(stage.viewOf(id)).toMatchObject({ state: 'erased', n: 1 });
    // Its process stood still until its bucket was closed, and the order carried out.
    stage.agencies.play(async () => ({ kind: 'timeout' }));
    pause.release();
    const late = await asking;
    stage.clock.advance(lastLookAfter);
    await stage.settle();
    expect(stage.left(late)).toContain('row');
    await stage.run();
    expect(stage.left(late)).toEqual([]);
    expect(stage.viewOf(id)).toMatchObject({ state: 'done', n: 2 });
    expect(stage.erasedLeaves().map(({ n }) => n)).toEqual([1, 1]);
  });

  it('takes a row away again that came back, and does not count it twice', async () => {
    const stage = await setErasing();
    await stage.ask(person);
    const { id } = await stage.order();
    await stage.settle();
    const rows = stage.fed.subjects.dump();
    await stage.run();
    expect(stage.fed.subjects.dump()).toEqual([]);
    // As a process leaves it that fed the index and died.
    await stage.fed.subjects.store.put(rows);
    stage.clock.advance(lastLookAfter);
    await stage.settle();
    await stage.run();
    expect(stage.fed.subjects.dump()).toEqual([]);
    expect(stage.viewOf(id)).toMatchObject({ state: 'done', n: 1 });
    expect(stage.erasedLeaves()).toHaveLength(1);
  });
});
