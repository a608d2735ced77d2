import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '#shared/registry/change.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { type EntryName, nameOf, nameText } from '#shared/registry/entry.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { change, changeAt, changeOf } from '#tests/support/changes.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import { registryEntry } from './registry-arbitraries.ts';
import {
  newAccess,
  newCounter,
  newDelegation,
  newInquiryId,
  newService,
  nextVersion,
} from './registry-samples.ts';

const find = async (store: RegistryStore, entry: RegistryEntry) =>
  (await store.readAll([nameOf(entry)])).at(0);

const backwards = (entry: Change): Change => {
  const { entries, command, leaf, id, t, n } = entry;
  return { entries, command, leaf, id, t, n };
};

/** One of each kind, in their first versions. */
const oneOfEach = async (): Promise<readonly RegistryEntry[]> => [
  newCounter(),
  newService(),
  newAccess(),
  newDelegation(),
  keyEntryOf(await makeKey()),
];

/** What stood under a name at a time, by a list of changes that nothing was forgotten of. */
const naively = (
  changes: readonly Change[],
  name: EntryName,
  time: number,
): RegistryEntry | undefined =>
  changes
    .filter(({ t }) => t <= time)
    .flatMap(({ entries }) => entries)
    .findLast((entry) => nameText(nameOf(entry)) === nameText(name));

/** Changes by how many milliseconds they come after the one before, and which entries they change. */
const history = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 2 }),
    which: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 8 },
);

/** The promises of the port `RegistryStore` about changes, for every adapter alike. */
export const registryChangesContract = (
  name: string,
  makeStore: () => RegistryStore | Promise<RegistryStore>,
): void => {
  describe(`${name} as a list of changes`, () => {
    it('knows no change that nobody proposed, and no command that made one', async () => {
      const store = await makeStore();
      expect(await store.change((await store.version()) + 1)).toBeUndefined();
      expect(await store.changeOf(newInquiryId())).toBeUndefined();
    });

    it('gives back every change as it was proposed, and every entry once it is applied', async () => {
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(registryEntry, {
            minLength: 1,
            maxLength: 8,
            selector: (entry) => nameText(nameOf(entry)),
          }),
          async (entries) => {
            const names = entries.map(nameOf);
            const before = await store.version();
            const absent = entries.map(() => undefined);
            fc.pre((await store.readAll(names)).every((entry) => entry === undefined));
            const next = changeOf(before + 1, entries);
            expect(await store.propose(next)).toBe('written');
            expect(await store.change(next.n)).toEqual(next);
            expect(await store.version()).toBe(before);
            expect(await store.changeOf(next.id)).toBeUndefined();
            expect(await store.readAll(names)).toEqual(absent);
            await store.apply(next);
            expect(await store.version()).toBe(next.n);
            expect(await store.changeOf(next.id)).toBe(next.n);
            expect(await store.readAll(names)).toEqual(next.entries);
          },
        ),
        { numRuns: 30 },
      );
    });

    it('lets exactly one of twenty racing changes be the next', async () => {
      const store = await makeStore();
      const n = (await store.version()) + 1;
      const changes = Array.from({ length: 20 }, () => changeOf(n, [newCounter()]));
      const answers = await Promise.all(changes.map((one) => store.propose(one)));
      const winners = changes.filter((_, index) => answers[index] === 'written');
      expect(winners).toHaveLength(1);
      expect(await store.change(n)).toEqual(winners[0]);
      for (const one of changes) {
        expect(await store.propose(one)).toBe(one === winners[0] ? 'written' : 'taken');
      }
      expect(await store.change(n)).toEqual(winners[0]);
    });

    it('counts the very change that stands as written, however its members are ordered', async () => {
      const store = await makeStore();
      const next = changeOf((await store.version()) + 1, [newCounter()]);
      await store.propose(next);
      expect(await store.propose(backwards(structuredClone(next)))).toBe('written');
      expect(await store.propose({ ...next, leaf: newInquiryId() })).toBe('taken');
      expect(await store.change(next.n)).toEqual(next);
    });

    it('comes to the same when twenty apply a change at once, and again later', async () => {
      const store = await makeStore();
      const entries = await oneOfEach();
      const next = changeOf((await store.version()) + 1, entries);
      await store.propose(next);
      await Promise.all(Array.from({ length: 20 }, () => store.apply(next)));
      await store.apply(next);
      expect(await store.version()).toBe(next.n);
      expect(await store.readAll(entries.map(nameOf))).toEqual(next.entries);
      for (const entry of next.entries) {
        const { key } = nameOf(entry);
        const page = await store.list(entry.kind, { after: key.slice(0, -1), limit: 50 });
        expect(page.entries.filter((one) => nameOf(one).key === key)).toEqual([entry]);
      }
    });

    it('refuses to apply a change before the one before it, and changes nothing', async () => {
      const store = await makeStore();
      const counter = newCounter();
      const before = await store.version();
      const early = changeOf(before + 2, [counter], testNow);
      await store.propose(early);
      await expect(store.apply(early)).rejects.toThrow(RangeError);
      expect(await store.version()).toBe(before);
      expect(await find(store, counter)).toBeUndefined();
      expect(await store.asOf(nameOf(counter), testNow)).toBeUndefined();
      expect(await store.changeOf(early.id)).toBeUndefined();
    });

    it('never lets an older change, applied again, go over a newer one', async () => {
      const store = await makeStore();
      const entries = await oneOfEach();
      const first = await changeAt(store, testNow, ...entries);
      const second = await changeAt(store, testNow + 1, ...entries.map(nextVersion));
      const third = await changeAt(
        store,
        testNow + 2,
        ...entries.map(nextVersion).map(nextVersion),
      );
      for (const older of [first, second, first]) await store.apply(older);
      expect(await store.readAll(entries.map(nameOf))).toEqual(third.entries);
      expect(await store.version()).toBe(third.n);
      for (const [index, entry] of entries.entries()) {
        const at = (time: number) => store.asOf(nameOf(entry), time);
        expect(await at(testNow)).toEqual(first.entries[index]);
        expect(await at(testNow + 1)).toEqual(second.entries[index]);
        expect(await at(testNow + 2)).toEqual(third.entries[index]);
      }
    });

    it('keeps the number of the first change that a command made', async () => {
      const store = await makeStore();
      const first = await change(store, newCounter());
      const again = { ...changeOf(first.n + 1, [newCounter()]), id: first.id };
      await store.propose(again);
      await store.apply(again);
      expect(await store.changeOf(first.id)).toBe(first.n);
    });

    it('finds what stood at every time, at every boundary', async () => {
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          let standing = await oneOfEach();
          const names = standing.map(nameOf);
          const changes: Change[] = [];
          let time = testNow;
          for (const { wait, which } of steps) {
            time += wait;
            const entries = standing.filter((_, index) => which.includes(index));
            changes.push(await changeAt(store, time, ...entries));
            standing = standing.map((entry) =>
              entries.includes(entry) ? nextVersion(entry) : entry,
            );
          }
          const times = [0, ...changes.flatMap(({ t }) => [t - 1, t, t + 1]), 8.64e15];
          for (const one of names) {
            for (const at of new Set(times)) {
              expect(await store.asOf(one, at)).toEqual(naively(changes, one, at));
            }
          }
        }),
        { numRuns: 10 },
      );
    });

    it('finds the newest version of one time, also behind the ninth', async () => {
      const store = await makeStore();
      let entry: RegistryEntry = newCounter();
      for (let version = 1; version <= 11; version += 1) {
        await changeAt(store, testNow, entry);
        if (version < 11) entry = nextVersion(entry);
      }
      expect(await store.asOf(nameOf(entry), testNow)).toMatchObject({ version: 11 });
      expect(await store.asOf(nameOf(entry), testNow - 1)).toBeUndefined();
    });

    it('knows nothing of a time before 1970, and takes any time after it', async () => {
      const store = await makeStore();
      const counter = newCounter();
      const [made] = (await changeAt(store, 0, counter)).entries;
      expect(await store.asOf(nameOf(counter), -1)).toBeUndefined();
      expect(await store.asOf(nameOf(counter), 0.5)).toEqual(made);
      expect(await store.asOf(nameOf(counter), Number.POSITIVE_INFINITY)).toEqual(made);
    });
  });
};
