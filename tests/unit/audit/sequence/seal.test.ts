import { describe, expect, it } from 'vitest';
import type { Address } from '#shared/audit/address.ts';
import { bucketLength } from '#shared/audit/address.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { OutcomeRow } from '#shared/audit/ports.ts';
import { leavesOf, listPartition, sealPartition } from '#shared/audit/sequence/seal.ts';
import {
  idAt,
  intentRow,
  type MadeIntent,
  makeIntent,
  makeOutcome,
  makeRecord,
  recordRow,
} from '#tests/support/log-world/journal-rows.ts';
import { makeLogWorld } from '#tests/support/log-world.ts';

const lines = (data: Uint8Array): readonly string[] =>
  Buffer.from(data).toString('utf8').slice(0, -1).split('\n');

/** A world with one partition a bucket, and an inquiry that was asked in it. */
const asked = async () => {
  const world = makeLogWorld({ slots: 1 });
  const made = await world.asks();
  const ports = { journal: world.journal.store, now: world.clock.now };
  const seal = () => sealPartition(ports, world.settingsOf(), made.address);
  const closes = (made.address.bucket + 1) * bucketLength + 13_000;
  const at = (time: number): void => world.clock.advance(time - world.clock.now());
  return { world, made, ports, seal, closes, at };
};

describe('a closed partition', () => {
  it('is open while an inquiry of it may still be answered', async () => {
    const { seal, closes, at } = await asked();
    at(closes + 34_999);
    expect(await seal()).toBe('open');
  });

  it('gives each inquiry with its outcome as one leaf', async () => {
    const { world, made, seal, closes, at } = await asked();
    await world.answers(made);
    at(closes);
    const [entry] = await seal();
    const { outcome } = world.journal.rows(made.address);
    const o = outcome === undefined ? '' : unpackRecord(outcome.record);
    expect(entry).toEqual({ address: made.address, data: leafData(made.intent, o) });
  });

  it('35 s later fences what is unanswered with a tombstone that stands in the journal', async () => {
    const { world, made, seal, closes, at } = await asked();
    at(closes + 35_000);
    const sealed = await seal();
    expect(sealed).toHaveLength(1);
    const { outcome } = world.journal.rows(made.address);
    const text = outcome === undefined ? '' : unpackRecord(outcome.record);
    expect(JSON.parse(text)).toMatchObject({ out: 'ABORTED', http: 0, t: closes + 35_000 });
    expect(await world.answers(made)).toBe(false);
  });

  it('logs the outcome that was there before its tombstone', async () => {
    const { world, made, seal, closes, at } = await asked();
    at(closes + 35_000);
    const pause = world.journal.faults.pauseCall('putOutcome', 'before');
    const sealing = seal();
    await pause.reached;
    await world.answers(made);
    pause.release();
    const [entry] = await sealing;
    expect(entry === undefined || typeof entry === 'string' ? '' : lines(entry.data)[1]).toContain(
      '"out":"FOUND"',
    );
  });

  it('is judged abandoned by the time before it was read', async () => {
    const { world, seal, closes, at } = await asked();
    at(closes + 34_000);
    const pause = world.journal.faults.pauseCall('list', 'after');
    const sealing = seal();
    await pause.reached;
    at(closes + 40_000);
    pause.release();
    expect(await sealing).toBe('open');
  });

  it('comes in the order of its ids, over all the pages of the journal', async () => {
    const world = makeLogWorld({ slots: 1 });
    const made = await world.inquiries(450);
    const [{ address } = { address: { shard: 0, bucket: 0, slot: 0 } }] = made;
    const entries = await listPartition(world.journal.store, address);
    expect(entries.map((one) => one.address.id)).toEqual(
      made.map((one) => one.address.id).toSorted(),
    );
    expect(world.journal.faults.calls('list')).toBe(3);
  });

  it('refuses a page that says more and shows nothing', async () => {
    const { made } = await asked();
    const list = async () => ({ entries: [], more: true });
    const { journal } = makeLogWorld();
    await expect(listPartition({ ...journal.store, list }, made.address)).rejects.toThrow(
      'shows nothing',
    );
  });

  it('gives a record of its own as a leaf of one line', async () => {
    const world = makeLogWorld({ slots: 1 });
    const made = await world.records();
    const [entry] = await sealPartition(
      { journal: world.journal.store, now: world.clock.now },
      world.settingsOf(),
      made.address,
    );
    expect(entry).toEqual({ address: made.address, data: recordLeafData(made.record) });
  });

  it('gives an inquiry and a record under one id as two leaves', async () => {
    const { world, made, seal } = await asked();
    await world.answers(made);
    const { id } = made.address;
    const record = makeRecord(world.layout, world.noise, { t: world.clock.now(), id });
    await world.journal.store.putRecord(made.address, recordRow(record.record));
    const sealed = await seal();
    expect(sealed).toHaveLength(2);
  });
});

describe('a journal row that is not what the exchange wrote', () => {
  const world = makeLogWorld();
  const made = makeIntent(world.layout, world.noise, { t: world.clock.now() });
  const other: MadeIntent = makeIntent(world.layout, world.noise, { t: world.clock.now() });
  const outcome = (of: MadeIntent): OutcomeRow =>
    recordRow(makeOutcome(of, world.noise, { t: world.clock.now() }));
  const ports = { journal: world.journal.store, now: world.clock.now };
  const record = makeRecord(world.layout, world.noise, { t: world.clock.now() });
  const forged = (address: Address, text: string) => ({ address, record: recordRow(text) });
  const bent = (change: (text: string) => string): MadeIntent => ({
    ...made,
    intent: change(made.intent),
  });

  const damage = {
    'an intent that was altered': {
      address: made.address,
      intent: intentRow(bent((text) => text.replace('open-service', 'shut-service'))),
      outcome: outcome(made),
    },
    'an outcome of another intent': {
      address: made.address,
      intent: intentRow(made),
      outcome: recordRow(
        makeOutcome(other, world.noise, { t: 1 }).replace(other.address.id, made.address.id),
      ),
    },
    'an outcome of another id': {
      address: made.address,
      intent: intentRow(made),
      outcome: outcome(other),
    },
    'an outcome without its intent': { address: made.address, outcome: outcome(made) },
    'an intent of another id': { address: made.address, intent: intentRow(other) },
    'an intent in place of an outcome': {
      address: made.address,
      intent: intentRow(made),
      outcome: recordRow(made.intent),
    },
    'an intent of two lines': {
      address: made.address,
      intent: intentRow(bent((text) => text.replace(',', ',\n'))),
    },
    'bytes that do not unpack': {
      address: made.address,
      intent: { record: Uint8Array.of(1, 0, 255), vault: Uint8Array.of() },
    },
    'a packing nobody knows': {
      address: made.address,
      intent: { record: Uint8Array.of(9, 0), vault: Uint8Array.of() },
    },
    'text that is no JSON': { address: made.address, intent: intentRow(bent(() => '{')) },
    'an inquiry in place of a record': forged(made.address, made.intent),
    'a record of another id': forged(made.address, record.record),
    'a notice that only the sequencer writes': forged(
      made.address,
      `{"id":"${made.address.id}","k":"late"}`,
    ),
    'a configuration that only the sequencer writes': forged(
      made.address,
      `{"id":"${made.address.id}","k":"config"}`,
    ),
    'a record too large for a leaf': forged(
      made.address,
      `{"id":"${made.address.id}","k":"key"}`.padEnd(65_535),
    ),
  } as const;

  it.each(Object.entries(damage))('stops the log: %s', async (_, entry) => {
    await expect(leavesOf(ports, entry)).rejects.toMatchObject({
      name: 'LogStopped',
      reason: 'journal-damaged',
    });
  });

  it('is none when all is right, and where nothing stands there is no leaf', async () => {
    const right = { address: made.address, intent: intentRow(made), outcome: outcome(made) };
    expect(await leavesOf(ports, right)).toHaveLength(1);
    expect(await leavesOf(ports, { address: made.address })).toEqual([]);
    expect(idAt(1, world.noise)).toMatch(/^00000000-0001-7/);
  });
});
