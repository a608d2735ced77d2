import { expect, it } from 'vitest';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import { addressOf } from '#shared/audit/address.ts';
import { change } from '#tests/support/changes.ts';
import {
  buildCommand,
  commandIdAt,
  counterId,
  makeCommanded,
  refusalOf,
  registrarOf,
  type Said,
  suspend,
} from '#tests/support/commands.ts';
import { testNow } from '#tests/support/messages.ts';
import { counterOf, keyEntryOf } from '#tests/support/registry.ts';
import { type NewTable, onEveryDynamo } from './dynamo.ts';

const most = 12;
const all = Array.from({ length: most }, (_, place) => place + 1);

const open = async (newTable: NewTable) => {
  const { call, table } = await newTable();
  const { keys, run, parts } = await makeCommanded({ entries: [] });
  const store = dynamoRegistryStore(call, table);
  const journal = dynamoJournalStore(call, table);
  const entries = [
    registrarOf('registrar:cra'),
    keyEntryOf(keys.registrar),
    ...all.map((which) => counterOf(counterId(which))),
  ];
  for (const entry of entries) await change(store, entry);
  const send = async (said: Said) =>
    run(await buildCommand(said, { key: keys.registrar, now: testNow }), { store, journal });
  const isRecorded = async (n: number): Promise<boolean> => {
    const made = await store.change(n);
    if (made === undefined) return false;
    const { record } = await journal.read(addressOf(made.leaf, parts.layout));
    return record !== undefined;
  };
  return { store, send, isRecorded, begun: entries.length };
};

onEveryDynamo((_, newTable) => {
  it('takes a command once, and tells its sender the same again', async () => {
    const { store, send, isRecorded, begun } = await open(newTable);
    const said = suspend(1, 1, commandIdAt(testNow));
    const result = await send(said);
    expect(result).toMatchObject({ n: begun + 1, repeated: false });
    expect(await send(said)).toEqual({ ...result, repeated: true });
    expect(await store.findParticipant(counterId(1))).toMatchObject({ status: 'suspended' });
    expect(await isRecorded(begun + 1)).toBe(true);
  });

  it('takes many at once, each under a number of its own', async () => {
    const { store, send, isRecorded, begun } = await open(newTable);
    const results = await Promise.all(all.map((which) => send(suspend(which))));
    const numbers = all.map((which) => begun + which);
    expect(results.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(numbers);
    for (const n of numbers) expect(await isRecorded(n)).toBe(true);
    for (const which of all) {
      expect(await store.findParticipant(counterId(which))).toMatchObject({ version: 2 });
    }
  });

  it('takes one of many on one entry', async () => {
    const { store, send, begun } = await open(newTable);
    const answers = await Promise.allSettled(all.map(() => send(suspend(1))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await store.version()).toBe(begun + 1);
    const problem = await refusalOf(send(suspend(1)));
    expect(problem).toMatchObject({ name: 'stale-version', extras: { current: 2 } });
  });
});
