import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { Item } from '#functions/runtime/dynamo/item.ts';
import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { nameOf } from '#shared/registry/entry.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { changeAt, changeOf, change as makeChange } from '#tests/support/changes.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import { breakingCall } from './breaking-call.ts';
import { dyingCall } from './dying-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import {
  newAccess,
  newCounter,
  newDelegation,
  newService,
  nextVersion,
} from './registry-samples.ts';
import { sparingCall } from './sparing-call.ts';

const faults = ['not-persisted', 'unacknowledged'] as const;

/** Writes of a change of six entries, one of them a service: versions, command, entries, names, version. */
const applyWrites = 6 + 1 + 6 + 5 + 1;

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, n) => n + 1);

const unavailable = { name: 'store-unavailable' } as const;

const oneOfEach = async (): Promise<readonly RegistryEntry[]> => [
  newCounter(),
  newService(),
  newAccess('*'),
  newDelegation(),
  keyEntryOf(await makeKey()),
];

const Scanned = z.object({ Items: z.array(Item) });

/** Everything that stands in a table, as text, in one order. */
const dump = async (call: AwsJsonCall, table: string): Promise<readonly string[]> => {
  const { Items } = Scanned.parse(await call('Scan', { TableName: table, ConsistentRead: true }));
  return Items.map((item) =>
    JSON.stringify(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  ).toSorted();
};

onEveryDynamo((name, newTable) => {
  describe(`dynamoRegistryStore over ${name} when it breaks`, () => {
    it.each(faults)(
      'finishes a change that its process died of at any of its writes (%s)',
      async (fault) => {
        for (const lastWrite of upTo(applyWrites)) {
          const { call, table } = await newTable();
          const store = dynamoRegistryStore(call, table);
          const entries = await oneOfEach();
          const first = await changeAt(store, testNow, ...entries);
          const next = changeOf(2, [...entries.map(nextVersion), newCounter()], testNow + 1);
          await store.propose(next);
          const names = next.entries.map(nameOf);
          const applying = dynamoRegistryStore(dyingCall(call, lastWrite, fault), table).apply(
            next,
          );
          await expect(applying).rejects.toMatchObject(unavailable);
          const whole = fault === 'unacknowledged' && lastWrite === applyWrites;
          expect(await store.version()).toBe(whole ? 2 : 1);
          expect(await store.changeOf(next.id)).toBe(whole ? 2 : undefined);

          await dynamoRegistryStore(call, table).apply(next);
          expect(await store.version()).toBe(2);
          expect(await store.changeOf(next.id)).toBe(2);
          expect(await store.readAll(names)).toEqual(next.entries);
          for (const [index, entry] of next.entries.entries()) {
            expect(await store.asOf(nameOf(entry), testNow)).toEqual(first.entries[index]);
            expect(await store.asOf(nameOf(entry), testNow + 1)).toEqual(entry);
            const listed = await store.list(entry.kind, { after: '', limit: 9 });
            const own = next.entries.filter(({ kind }) => kind === entry.kind);
            expect(listed.entries).toHaveLength(own.length);
            expect(listed.entries).toEqual(expect.arrayContaining(own));
          }
          const standing = await dump(call, table);
          await store.apply(next);
          await store.apply(first);
          expect(await dump(call, table)).toEqual(standing);
          // Two changes, two commands, the version; eleven versions of six entries, five of them listed.
          expect(standing).toHaveLength(5 + 11 + 6 + 5);
        }
      },
    );

    it('has been broken at each write of a change', async () => {
      const { call, table } = await newTable();
      const store = dynamoRegistryStore(call, table);
      const next = changeOf(1, [...(await oneOfEach()), newCounter()]);
      await store.propose(next);
      const whole = dynamoRegistryStore(dyingCall(call, applyWrites + 1, 'not-persisted'), table);
      await whole.apply(next);
      expect(await store.version()).toBe(1);
    });

    it.each(faults)('a proposal that breaks (%s) can be made again', async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoRegistryStore(breaking.call, table);
      const next = changeOf(1, [newCounter()]);
      breaking.breakNext('PutItem', fault);
      await expect(store.propose(next)).rejects.toMatchObject(unavailable);
      expect(await store.change(1)).toEqual(fault === 'unacknowledged' ? next : undefined);
      expect(await store.propose(next)).toBe('written');
      expect(await store.propose(changeOf(1, [newCounter()]))).toBe('taken');
      expect(await store.change(1)).toEqual(next);
    });

    it.each([
      ['GetItem', (store: RegistryStore) => store.findKey('k')],
      ['GetItem', (store: RegistryStore) => store.change(1)],
      ['GetItem', (store: RegistryStore) => store.changeOf(changeOf(1, []).id)],
      ['GetItem', (store: RegistryStore) => store.version()],
      ['GetItem', (store: RegistryStore) => store.apply(changeOf(1, [newCounter()]))],
      ['BatchGetItem', (store: RegistryStore) => store.readAll([nameOf(newCounter())])],
      ['Query', (store: RegistryStore) => store.list('access', { after: '', limit: 1 })],
      ['Query', (store: RegistryStore) => store.listServices()],
      ['Query', (store: RegistryStore) => store.asOf(nameOf(newCounter()), 0)],
    ] as const)('a read that breaks (%s) is told as store-unavailable', async (operation, read) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      breaking.breakNext(operation, 'not-persisted');
      const reading = read(dynamoRegistryStore(breaking.call, table));
      await expect(reading).rejects.toMatchObject(unavailable);
    });

    it('asks again for what a busy store left out, and not without end', async () => {
      const { call, table } = await newTable();
      const store = dynamoRegistryStore(call, table);
      const five = [newCounter(), newService(), newAccess(), newDelegation(), newCounter()];
      const { entries } = await makeChange(store, ...five);
      const sparing = dynamoRegistryStore(sparingCall(call, 1), table);
      expect(await sparing.readAll(entries.map(nameOf))).toEqual(entries);
      const sixth = [...entries, newCounter()].map(nameOf);
      await expect(sparing.readAll(sixth)).rejects.toMatchObject(unavailable);
    });

    it('asks for nothing when there is nothing to ask for, and once for what comes twice', async () => {
      const { call, table } = await newTable();
      const watched = breakingCall(call);
      const store = dynamoRegistryStore(watched.call, table);
      expect(await store.readAll([])).toEqual([]);
      expect(watched.calls).toHaveLength(0);
      const one = nameOf(newCounter());
      expect(await store.readAll([one, one])).toEqual([undefined, undefined]);
      expect(watched.calls.map(({ operation }) => operation)).toEqual(['BatchGetItem']);
      expect(watched.calls[0]?.input).toContain('"ConsistentRead":true');
    });

    it('tells an item that it cannot read as store-unavailable, whoever asks', async () => {
      const { call, table } = await newTable();
      const store = dynamoRegistryStore(call, table);
      const counter = newCounter();
      const made = await changeAt(store, testNow, counter);
      for (const [pk, sk] of [
        [`P#${counter.id}`, 'participant'],
        [`H#participant#${counter.id}`, `${String(testNow).padStart(16, '0')}#000000000001`],
        ['N#1', 'change'],
      ] as const) {
        const broken = { pk: { S: pk }, sk: { S: sk }, j: { S: '{"kind":"participant"}' } };
        await call('PutItem', { TableName: table, Item: broken });
      }
      const reads: ReadonlyArray<() => Promise<unknown>> = [
        () => store.findParticipant(counter.id),
        () => store.readAll([nameOf(counter)]),
        () => store.list('participant', { after: '', limit: 1 }),
        () => store.asOf(nameOf(counter), testNow),
        () => store.change(1),
        () => store.propose(made),
      ];
      for (const read of reads) await expect(read()).rejects.toMatchObject(unavailable);
    });
  });
});
