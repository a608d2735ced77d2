import { describe, expect, it } from 'vitest';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { abandonedAfter } from '#shared/inquiry/settle-again.ts';
import { makeExchange, outcomeOf, receiptOf, refusal } from '#tests/support/exchange.ts';
import { recordRow } from '#tests/support/log-world/journal-rows.ts';
import { makeLogWorld } from '#tests/support/log-world.ts';

/** A log that has begun, with an inquiry that was answered and is not sealed yet. */
const answered = async () => {
  const world = makeLogWorld();
  await world.drain();
  const made = await world.asks();
  await world.answers(made);
  await world.inquiries(3);
  world.clock.advance(60_000);
  return { world, made };
};

/** A journal in which somebody changes what stands under one id, behind everybody's back. */
const tampered = (
  store: JournalStore,
  id: string,
  change: (
    row: Awaited<ReturnType<JournalStore['list']>>['entries'][number],
  ) => readonly (typeof row)[],
): JournalStore => ({
  ...store,
  list: async (partition, page) => {
    const { entries, more } = await store.list(partition, page);
    return {
      entries: entries.flatMap((one) => (one.address.id === id ? change(one) : [one])),
      more,
    };
  },
});

describe('what happens to the journal before it is in the log', () => {
  it('answered but O never written', async () => {
    const { world } = await answered();
    const lost = await world.asks();
    await world.rest();
    const text = world.leaves().map((data) => Buffer.from(data).toString());
    const [leaf = ''] = text.filter((one) => one.includes(lost.address.id));
    expect(leaf).toContain('"out":"ABORTED"');
    expect(world.check()).toEqual([]);
  });

  it('journal row deleted before sealing', async () => {
    const { world, made } = await answered();
    const journal = tampered(world.journal.store, made.address.id, () => []);
    await world.drain(world.startSequencer(0, { journal }));
    expect(world.leaves()).toHaveLength(4);
    // Whoever holds the receipt can prove it: its leaf is not in the log.
    expect(world.check()).toContain('log 0: 1 promised leaves are missing');
  });

  it('journal row modified before sealing', async () => {
    const { world, made } = await answered();
    const bend = (text: string): string => text.replace('"rule":"open', '"rule":"shut');
    const intents = tampered(world.journal.store, made.address.id, (one) => {
      const { intent } = one;
      if (intent === undefined) return [one];
      const record = recordRow(bend(unpackRecord(intent.record)));
      return [{ ...one, intent: { ...intent, ...record } }];
    });
    await expect(world.startSequencer(0, { journal: intents })()).rejects.toMatchObject({
      reason: 'journal-damaged',
    });
    expect(world.published()?.size).toBe(1);
    const outcomes = tampered(world.journal.store, made.address.id, (one) => {
      const text = one.outcome === undefined ? '' : unpackRecord(one.outcome.record);
      return [{ ...one, outcome: recordRow(text.replace('"ms":180', '"ms":181')) }];
    });
    await world.drain(world.startSequencer(0, { journal: outcomes }));
    expect(world.check()).toContain('log 0: 1 promised leaves are missing');
  });

  it('replayed request', async () => {
    const test = await makeExchange();
    const text = await test.request();
    await test.submit(text);
    expect((await refusal(test, text)).name).toBe('replayed');
    expect(test.agencies.calls).toHaveLength(1);
    expect(test.journal.dump()).toHaveLength(1);
  });

  it('agency disclosed and the broker died before O', async () => {
    const test = await makeExchange();
    test.journal.faults.breakCall('putOutcome', 'not-persisted');
    const text = await test.request();
    expect((await refusal(test, text)).extras.receipt).toBeUndefined();
    expect(test.agencies.calls).toHaveLength(1);
    test.clock.advance(abandonedAfter);
    const closed = await test.submit(await test.retry(text));
    expect(closed.answer).toBeUndefined();
    expect(receiptOf(closed.receipt).outcome).toBe('ABORTED');
    expect(outcomeOf(test.journal, test.addressOf(text)).out).toBe('ABORTED');
    expect(test.agencies.calls).toHaveLength(1);
  });

  it('zombie after tombstone', async () => {
    const { world } = await answered();
    const zombie = await world.asks({ t: world.clock.now() - 60_000 });
    await world.drain();
    expect(await world.answers(zombie)).toBe(false);
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('unsequenced journal lost', async () => {
    const { world } = await answered();
    const empty = makeLogWorld();
    await world.drain(world.startSequencer(0, { journal: empty.journal.store }));
    // The log goes on, and each receipt that was given proves what it lost.
    expect(world.leaves()).toHaveLength(1);
    expect(world.check()).toContain('log 0: 4 promised leaves are missing');
  });
});
