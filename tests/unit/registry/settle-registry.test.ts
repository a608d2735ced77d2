import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { timeOf } from '#shared/kernel/id.ts';
import { type CommandParts, rounds } from '#shared/registry/run-command.ts';
import { settleRegistry } from '#shared/registry/settle-registry.ts';
import {
  buildCommand,
  type Commanded,
  commandIdAt,
  counterId,
  counters,
  isRecorded,
  makeCommanded,
  refusalOf,
  type Said,
  suspend,
} from '#tests/support/commands.ts';
import { testNow } from '#tests/support/messages.ts';

const hours = 3_600_000;

/** Where each write of a command can be broken: the decision, its leaf, its effect. */
const writes = [
  { on: 'registry', method: 'propose' },
  { on: 'journal', method: 'putRecord' },
  { on: 'registry', method: 'apply' },
] as const;

const faults = ['not-persisted', 'unacknowledged'] as const;
const broken = writes.flatMap((write) => faults.map((fault) => ({ ...write, fault })));

const breakAt = ({ registry, journal }: Commanded, at: (typeof broken)[number]): void => {
  if (at.on === 'journal') journal.faults.breakCall(at.method, at.fault);
  else registry.faults.breakCall(at.method, at.fault);
};

/** That change after change took effect, each on record exactly once and before it did. */
const expectSound = async (stage: Commanded, commands: readonly string[]): Promise<void> => {
  const { store } = stage.registry;
  const version = await store.version();
  expect(version).toBe(stage.begun + commands.length);
  expect(await store.change(version + 1)).toBeUndefined();
  const numbers = commands.map((_, place) => stage.begun + 1 + place);
  const changes = await Promise.all(numbers.map((n) => store.change(n)));
  expect(changes.map((change) => change?.id)).toEqual(commands);
  expect(stage.leaves().map(({ n, id }) => ({ n, id }))).toEqual(
    changes.map((change) => ({ n: change?.n, id: change?.leaf })),
  );
};

describe('a write that breaks', () => {
  const first = (): Said & { readonly id: string } => ({
    ...suspend(1),
    id: commandIdAt(testNow),
  });
  const second = (): Said & { readonly id: string } => ({
    ...suspend(2),
    id: commandIdAt(testNow),
  });

  it.each(broken)('$method, $fault: the same command again finishes it, once', async (at) => {
    const stage = await makeCommanded();
    const said = first();
    breakAt(stage, at);
    expect(await refusalOf(stage.send(said))).toMatchObject({ name: 'store-unavailable' });
    const decided = at.method !== 'propose' || at.fault === 'unacknowledged';
    expect(await stage.send(said)).toMatchObject({ n: stage.begun + 1, repeated: decided });
    expect(await stage.send(said)).toMatchObject({ n: stage.begun + 1, repeated: true });
    await expectSound(stage, [said.id]);
  });

  it.each(broken)('$method, $fault: another command finishes it first', async (at) => {
    const stage = await makeCommanded();
    const [said, other] = [first(), second()];
    breakAt(stage, at);
    await refusalOf(stage.send(said));
    const decided = at.method !== 'propose' || at.fault === 'unacknowledged';
    expect(await stage.send(other)).toMatchObject({ n: stage.begun + (decided ? 2 : 1) });
    await expectSound(stage, decided ? [said.id, other.id] : [other.id]);
  });

  it.each(broken)('$method, $fault: settling finishes it', async (at) => {
    const stage = await makeCommanded();
    const said = first();
    breakAt(stage, at);
    await refusalOf(stage.send(said));
    const decided = at.method !== 'propose' || at.fault === 'unacknowledged';
    expect(await settleRegistry(stage.parts)).toBe(stage.begun + (decided ? 1 : 0));
    await expectSound(stage, decided ? [said.id] : []);
  });

  it.each(broken)('$method, $fault, and the one who finishes it breaks there too', async (at) => {
    const stage = await makeCommanded();
    const said = first();
    breakAt(stage, at);
    await refusalOf(stage.send(said));
    breakAt(stage, at);
    await stage.send(said).catch(() => undefined);
    await stage.send(said);
    await expectSound(stage, [said.id]);
  });
});

describe('a process that stands still', () => {
  const places = writes.flatMap((write) =>
    (['before', 'after'] as const).map((where) => ({ ...write, where })),
  );

  it.each(places)('$where $method harms nobody, and neither does its waking up', async (at) => {
    const stage = await makeCommanded();
    const { registry, journal } = stage;
    const [said, other] = [
      { ...suspend(1), id: commandIdAt(testNow) },
      { ...suspend(2), id: commandIdAt(testNow) },
    ];
    const pause =
      at.on === 'journal'
        ? journal.faults.pauseCall(at.method, at.where)
        : registry.faults.pauseCall(at.method, at.where);
    const sleeper = stage.send(said);
    await pause.reached;
    const decided = at.method !== 'propose' || at.where === 'after';
    await stage.send(other);
    await expectSound(stage, decided ? [said.id, other.id] : [other.id]);
    pause.release();
    expect(await sleeper).toMatchObject({ repeated: false });
    await expectSound(stage, decided ? [said.id, other.id] : [other.id, said.id]);
  });
});

describe('twenty commands at once', () => {
  const all = Array.from({ length: counters }, (_, place) => place + 1);

  it('on one entry: one wins, the others are told the version that stands', async () => {
    const stage = await makeCommanded();
    const answers = await Promise.allSettled(all.map(() => stage.send(suspend(1))));
    const lost = answers.flatMap((answer): unknown[] =>
      answer.status === 'rejected' ? [answer.reason] : [],
    );
    expect(lost).toHaveLength(counters - 1);
    for (const problem of lost) {
      expect(problem).toMatchObject({ name: 'stale-version', extras: { current: 2 } });
    }
    expect(stage.leaves()).toHaveLength(1);
  });

  it('on as many entries: all win, and have the next twenty numbers', async () => {
    const stage = await makeCommanded();
    const results = await Promise.all(all.map((which) => stage.send(suspend(which))));
    const numbers = all.map((which) => stage.begun + which);
    expect(results.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(numbers);
    expect(stage.leaves().map(({ n }) => n)).toEqual(numbers);
    for (const which of all) {
      const standing = await stage.registry.store.findParticipant(counterId(which));
      expect(standing).toMatchObject({ status: 'suspended', version: 2 });
    }
  });

  it('of which others always win are to be sent again, not waited for', async () => {
    const stage = await makeCommanded();
    let lost = 0;
    const store: CommandParts['store'] = {
      ...stage.registry.store,
      propose: () => {
        lost += 1;
        return Promise.resolve('taken');
      },
    };
    const text = await buildCommand(suspend(1), { key: stage.keys.registrar, now: testNow });
    const problem = await refusalOf(stage.run(text, { store }));
    expect(problem).toMatchObject({ name: 'store-unavailable', extras: { retryAfter: 1 } });
    expect(lost).toBe(rounds);
  });

  it('that are one and the same: it takes effect once, and all are told the same', async () => {
    const stage = await makeCommanded();
    const said = suspend(1, 1, commandIdAt(testNow));
    const results = await Promise.all(all.map(() => stage.send(said)));
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(results.map(({ n }) => n))).toEqual(new Set([stage.begun + 1]));
    expect(stage.leaves()).toHaveLength(1);
  });
});

describe('a change', () => {
  it('never takes effect before its leaf is durable, whoever finishes it', async () => {
    const stage = await makeCommanded();
    const seen: boolean[] = [];
    const store: CommandParts['store'] = {
      ...stage.registry.store,
      apply: (change) => {
        seen.push(isRecorded(stage, change.leaf));
        return stage.registry.store.apply(change);
      },
    };
    const { key, now } = { key: stage.keys.registrar, now: testNow };
    for (const nth of [1, 3, 5]) stage.journal.faults.breakCall('putRecord', 'not-persisted', nth);
    const sending = [1, 2, 3, 4, 5].map(async (which) =>
      stage.run(await buildCommand(suspend(which), { key, now }), { store }),
    );
    await Promise.allSettled(sending);
    const version = await settleRegistry({ ...stage.parts, store });
    expect(version).toBeGreaterThan(stage.begun);
    expect(new Set(seen)).toEqual(new Set([true]));
    expect(stage.leaves()).toHaveLength(version - stage.begun);
  });

  it('that another record stands in the way of is not applied', async () => {
    const stage = await makeCommanded();
    stage.registry.faults.breakCall('propose', 'unacknowledged');
    await refusalOf(stage.send(suspend(1)));
    const change = await stage.registry.store.change(stage.begun + 1);
    if (change === undefined) throw new Error('Nothing was decided.');
    const address = addressOf(change.leaf, stage.parts.layout);
    const other = await makeCommanded();
    await other.send(suspend(2));
    const record = other.journal.dump().at(0)?.record;
    if (record === undefined) throw new Error('Nothing is on record.');
    await stage.journal.store.putRecord(address, record);
    await expect(settleRegistry(stage.parts)).rejects.toThrow('Another record stands');
    expect(stage.registry.faults.calls('apply')).toBe(0);
  });

  const unrecorded = async (later: number): Promise<Commanded> => {
    const stage = await makeCommanded();
    stage.registry.faults.breakCall('propose', 'unacknowledged');
    await refusalOf(stage.send(suspend(1)));
    stage.clock.advance(later);
    return stage;
  };

  it('is on record under its own id within 24 hours', async () => {
    const stage = await unrecorded(24 * hours);
    await settleRegistry(stage.parts);
    const change = await stage.registry.store.change(stage.begun + 1);
    expect(stage.leaves().map(({ id }) => id)).toEqual([change?.leaf]);
  });

  it('that is older is on record under an id made now, with the time that it had', async () => {
    const stage = await unrecorded(24 * hours + 1);
    await settleRegistry(stage.parts);
    const change = await stage.registry.store.change(stage.begun + 1);
    const [{ address } = { address: undefined }, ...more] = stage.journal.dump();
    expect(more).toEqual([]);
    expect(address === undefined ? 0 : timeOf(address.id)).toBe(stage.clock.now());
    expect(stage.leaves()).toMatchObject([{ n: change?.n, t: testNow, id: address?.id }]);
    await expect(stage.registry.store.findParticipant('counter:1')).resolves.toMatchObject({
      status: 'suspended',
    });
  });

  it('that is older and on record is not recorded again', async () => {
    const stage = await makeCommanded();
    stage.registry.faults.breakCall('apply', 'not-persisted');
    await refusalOf(stage.send(suspend(1)));
    stage.clock.advance(25 * hours);
    await settleRegistry(stage.parts);
    expect(stage.leaves()).toHaveLength(1);
    expect(await stage.registry.store.version()).toBe(stage.begun + 1);
  });

  it('is finished by two at once as by one', async () => {
    const stage = await unrecorded(0);
    const versions = await Promise.all([
      settleRegistry(stage.parts),
      settleRegistry(stage.parts),
      settleRegistry(stage.parts),
    ]);
    expect(versions).toEqual([stage.begun + 1, stage.begun + 1, stage.begun + 1]);
    expect(stage.leaves()).toHaveLength(1);
  });
});
