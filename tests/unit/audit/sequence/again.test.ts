import { describe, expect, it } from 'vitest';
import { EntryLate } from '#events/entry-late.ts';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { makeRecord, recordRow } from '#tests/support/log-world/journal-rows.ts';
import { type LogWorld, makeLogWorld } from '#tests/support/log-world.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A log with ten entries whose partitions are sealed, and the time at which they were made. */
const sealed = async (slots = 1) => {
  const world = makeLogWorld({ slots });
  const step = world.startSequencer();
  await world.drain(step);
  const t = world.clock.now();
  await world.inquiries(10);
  world.clock.advance(2 * minute);
  await world.drain(step);
  return { world, step, t };
};

const kindsOf = (world: LogWorld): readonly string[] =>
  world.leaves().map((data) => /"k":"([a-z]+)"/.exec(Buffer.from(data).toString())?.[1] ?? '');

const heads = ({ heads: { dump } }: LogWorld) => dump().get(0);

describe('an entry that its partition got after it was sealed', () => {
  it('is logged after 20 minutes, and the next leaf says that it is late', async () => {
    const { world, step, t } = await sealed();
    const made = await world.asks({ t });
    await world.answers(made);
    world.clock.advance(17 * minute);
    await world.drain(step);
    expect(kindsOf(world)).not.toContain('late');
    world.clock.advance(2 * minute);
    const [first] = await world.drain(step);
    expect(first?.late).toBe(1);
    const [entry, notice] = world.leaves().slice(-2);
    const event = EntryLate.parse(JSON.parse(Buffer.from(notice ?? []).toString()));
    expect(event).toEqual({
      v: 1,
      k: 'late',
      id: made.address.id,
      t: world.clock.now(),
      leaf: toBase64Url(leafHash(entry ?? new Uint8Array())),
    });
    expect(heads(world)?.late).toEqual([made.address.id]);
    await world.rest();
    expect(world.check()).toEqual([]);
    expect(kindsOf(world).filter((kind) => kind === 'late')).toHaveLength(1);
    expect(heads(world)?.late).toEqual([]);
  });

  it('is logged after 26 hours when it came after the first look', async () => {
    const { world, step, t } = await sealed();
    world.clock.advance(hour);
    await world.drain(step);
    await world.answers(await world.asks({ t }));
    world.clock.advance(24 * hour);
    await world.drain(step);
    expect(kindsOf(world)).not.toContain('late');
    world.clock.advance(2 * hour);
    await world.drain(step);
    expect(kindsOf(world).slice(-2)).toEqual(['i', 'late']);
    expect(world.check()).toEqual([]);
  });

  it('is logged once when both looks come upon it in one step', async () => {
    const { world, step, t } = await sealed();
    await world.answers(await world.asks({ t }));
    world.clock.advance(27 * hour);
    await world.drain(step);
    expect(kindsOf(world).filter((kind) => kind === 'late')).toHaveLength(1);
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('is fenced by a tombstone when it is unanswered', async () => {
    const { world, step, t } = await sealed();
    const made = await world.asks({ t });
    world.clock.advance(20 * minute);
    await world.drain(step);
    expect(await world.answers(made)).toBe(false);
    expect(Buffer.from(world.leaves().at(-2) ?? []).toString()).toContain('ABORTED');
  });

  it('is logged when it is a record under the id of an inquiry that is in the log', async () => {
    const { world, step } = await sealed();
    const [{ address } = { address: undefined }] = world.journal.dump();
    if (address === undefined) throw new Error('The journal is empty.');
    const record = makeRecord(world.layout, world.noise, { t: world.clock.now(), id: address.id });
    await world.journal.store.putRecord(address, recordRow(record.record));
    world.clock.advance(20 * minute);
    await world.drain(step);
    expect(kindsOf(world).slice(-2)).toEqual(['key', 'late']);
    expect(heads(world)?.late).toEqual([`${address.id}#r`]);
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('is found though its period had no entry before', async () => {
    const { world, step, t } = await sealed();
    world.clock.advance(2 * hour);
    await world.drain(step);
    await world.answers(await world.asks({ t: t + hour }));
    await world.rest();
    expect(kindsOf(world).slice(-2)).toEqual(['i', 'late']);
    expect(world.check()).toEqual([]);
  });
});

describe('a look', () => {
  it('goes no further than the log: nothing is late that is only waiting', async () => {
    const world = makeLogWorld({ slots: 1 });
    await world.drain();
    await world.inquiries(10);
    world.clock.advance(30 * hour);
    await world.rest();
    expect(kindsOf(world)).not.toContain('late');
    expect(world.check()).toEqual([]);
  });

  it('lists nothing again that it has looked at', async () => {
    const { world, step } = await sealed();
    world.clock.advance(30 * minute);
    for (let n = 0; n < 4; n += 1) await world.drain(step);
    const lists = world.journal.faults.calls('list');
    await world.drain(step);
    expect(world.journal.faults.calls('list')).toBe(lists);
  });

  it('stops when it has found as much as a step takes, and goes on with the next', async () => {
    const { world, step, t } = await sealed();
    for (let n = 0; n < 600; n += 1) await world.answers(await world.asks({ t: t + (n % 7) }));
    world.clock.advance(20 * minute);
    const steps = await world.drain(step);
    expect(steps.map(({ late }) => late).slice(0, 3)).toEqual([256, 256, 88]);
    expect(heads(world)?.late).toHaveLength(600);
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('takes one of large entries sooner', async () => {
    const { world, step, t } = await sealed();
    for (let n = 0; n < 90; n += 1) {
      await world.answers(await world.asks({ t, size: 12_000 }), { size: 12_000 });
    }
    world.clock.advance(20 * minute);
    const steps = await world.drain(step);
    expect(steps.reduce((sum, { late }) => sum + late, 0)).toBe(90);
    expect(steps.filter(({ late }) => late > 40)).toEqual([]);
  });

  it('waits for the last look when too many wait for it, and loses none', async () => {
    const { world, step, t } = await sealed();
    const head = heads(world);
    if (head === undefined) throw new Error('There is no head.');
    const names = Array.from({ length: 4000 }, (_, n) => {
      const made = makeRecord(world.layout, world.noise, { t: t + 5 * minute + n });
      return made.address.id;
    });
    await world.heads.store.compareAndSwap(0, { ...head, version: head.version + 1, late: names });
    await world.answers(await world.asks({ t }));
    world.clock.advance(20 * minute);
    await world.drain(step);
    expect(kindsOf(world)).not.toContain('late');
    await world.rest();
    expect(kindsOf(world).slice(-2)).toEqual(['i', 'late']);
    expect(world.check()).toEqual([]);
    expect(usualTimes.again).toEqual([20 * minute, 26 * hour]);
  });
});
