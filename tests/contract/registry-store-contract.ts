import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { ServiceRef } from '#shared/message/claims.ts';
import { type EntryKind, nameOf, type RegistryEntry } from '#shared/registry/entry.ts';
import { mostNames, type RegistryStore } from '#shared/registry/ports.ts';
import { change } from '#tests/support/changes.ts';
import { makeKey } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import { registryEntry } from './registry-arbitraries.ts';
import {
  newAccess,
  newCounter,
  newDelegation,
  newName,
  newService,
  nextVersion,
  serviceNamed,
} from './registry-samples.ts';

const newOfKind = async (kind: EntryKind): Promise<RegistryEntry> => {
  switch (kind) {
    case 'participant':
      return newCounter();
    case 'key':
      return keyEntryOf(await makeKey());
    case 'service':
      return newService();
    case 'access':
      return newAccess();
    case 'delegation':
      return newDelegation();
  }
};

const find = async (
  store: RegistryStore,
  entry: RegistryEntry,
): Promise<RegistryEntry | undefined> => {
  switch (entry.kind) {
    case 'key':
      return store.findKey(entry.kid);
    case 'participant':
      return store.findParticipant(entry.id);
    case 'service':
      return store.findService(entry.ref);
    case 'access':
    case 'delegation':
      return (await store.readAll([nameOf(entry)])).at(0);
  }
};

/** The promises of the port `RegistryStore`, for every adapter alike. `makeStore` is called once a test. */
export const registryStoreContract = (
  name: string,
  makeStore: () => RegistryStore | Promise<RegistryStore>,
): void => {
  describe(`${name} as a RegistryStore`, () => {
    it('knows nobody whom it was not told of', async () => {
      const store = await makeStore();
      const kid = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
      expect(await store.findKey(kid)).toBeUndefined();
      expect(await store.findParticipant(`counter:${newName()}`)).toBeUndefined();
      expect(await store.findService(ServiceRef.parse(`${newName()}/thing@1`))).toBeUndefined();
    });

    it('finds a key, a participant and a service by their names', async () => {
      const store = await makeStore();
      const key = keyEntryOf(await makeKey());
      const [counter, service] = [newCounter(), newService()];
      const { entries } = await change(store, key, counter, service);
      expect(await store.findKey(key.kid)).toEqual(entries[0]);
      expect(await store.findParticipant(counter.id)).toEqual(entries[1]);
      expect(await store.findService(service.ref)).toEqual(entries[2]);
    });

    it('gives back every entry as its change made it', async () => {
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(registryEntry, async (entry) => {
          fc.pre((await find(store, entry)) === undefined);
          const { entries } = await change(store, entry);
          expect(await find(store, entry)).toEqual(entries[0]);
        }),
        { numRuns: 60 },
      );
    });

    it('keeps kinds apart that have one name', async () => {
      const store = await makeStore();
      const counter = newCounter();
      await change(store, counter);
      expect(await store.findKey(counter.id)).toBeUndefined();
      expect(await store.findService(ServiceRef.parse(`${newName()}/thing@1`))).toBeUndefined();
    });

    it('lists every version of every service in the order of the references', async () => {
      const store = await makeStore();
      const [first, second] = [newName(), newName()].toSorted();
      const refs = [`${second}/b@1`, `${first}/z@1`, `${first}/a@2`, `${first}/a@1`].map((ref) =>
        ref.replace('/', '/x'),
      );
      for (const ref of refs) await change(store, serviceNamed(ref));
      await change(store, { ...serviceNamed(refs[0] ?? ''), status: 'retired', version: 2 });
      const listed = (await store.listServices()).filter(({ ref }) => refs.includes(ref));
      expect(listed.map(({ ref }) => ref)).toEqual(refs.toSorted());
      expect(listed.find(({ ref }) => ref === refs[0])?.status).toBe('retired');
    });

    it('lists more services than one answer of a store may hold', async () => {
      const store = await makeStore();
      const agency = newName();
      const description = 'x'.repeat(60_000);
      const services = Array.from({ length: 20 }, (_, index) => {
        const service = serviceNamed(`${agency}/thing@${index + 1}`);
        return { ...service, output: { ...service.output, description } };
      });
      for (const service of services) await change(store, service);
      const listed = (await store.listServices()).filter(({ ref }) => ref.startsWith(agency));
      expect(listed).toHaveLength(20);
      const page = await store.list('service', { after: `${agency}/`, limit: 19 });
      expect(page.entries).toEqual(listed.slice(0, 19));
      expect(page.more).toBe(true);
    });

    it('reads many names at once in their order, whether they stand, lack or come twice', async () => {
      const store = await makeStore();
      const sent = [newCounter(), newService(), newAccess(), newAccess('*'), newDelegation()];
      const all = (await change(store, ...sent)).entries;
      const absent = [newCounter(), newService(), newAccess(), newDelegation()];
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...all, ...absent), { maxLength: mostNames }),
          async (wanted) => {
            expect(await store.readAll(wanted.map(nameOf))).toEqual(
              wanted.map((entry) => all.find((one) => one === entry)),
            );
          },
        ),
        { numRuns: 40 },
      );
    });

    it('reads 25 names at once, and no more', async () => {
      const store = await makeStore();
      const names = Array.from({ length: 26 }, () => nameOf(newCounter()));
      expect(mostNames).toBe(25);
      expect(await store.readAll(names.slice(1))).toHaveLength(25);
      await expect(store.readAll(names)).rejects.toThrow(RangeError);
    });

    it('keeps apart what an agency decided about one holder, another, and everybody', async () => {
      const store = await makeStore();
      const first = newAccess();
      const second = { ...newAccess(), agency: first.agency };
      const everybody = { ...newAccess('*'), agency: first.agency, limits: [] };
      const { entries } = await change(store, everybody, first, second);
      expect(await store.readAll(entries.map(nameOf))).toEqual(entries);
    });

    it.each(['participant', 'key', 'service', 'access', 'delegation'] as const)(
      'lists the entries of a kind page by page: %s',
      async (kind) => {
        const store = await makeStore();
        const made = await Promise.all(Array.from({ length: 30 }, () => newOfKind(kind)));
        for (const entry of made) await change(store, entry);
        const [oldest] = made;
        // A later version is no second entry.
        if (oldest !== undefined) await change(store, nextVersion(oldest));
        const keys = made.map((entry) => nameOf(entry).key);
        const sorted = (await store.readAll(keys.slice(0, 20).map((key) => ({ kind, key }))))
          .concat(await store.readAll(keys.slice(20).map((key) => ({ kind, key }))))
          .filter((entry) => entry !== undefined)
          .toSorted((a, b) => (nameOf(a).key < nameOf(b).key ? -1 : 1));
        const own = new Set(keys);
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (limit) => {
            const found: RegistryEntry[] = [];
            let page = await store.list(kind, { after: '', limit });
            found.push(...page.entries);
            while (page.more) {
              expect(page.entries).toHaveLength(limit);
              const after = found.map((entry) => nameOf(entry).key).at(-1) ?? '';
              page = await store.list(kind, { after, limit });
              const [first] = page.entries;
              expect(first !== undefined && nameOf(first).key > after).toBe(true);
              found.push(...page.entries);
            }
            expect(found.filter((entry) => own.has(nameOf(entry).key))).toEqual(sorted);
          }),
          { numRuns: 12 },
        );
        const all = await store.list(kind, { after: '', limit: 1000 });
        const last = all.entries.map((entry) => nameOf(entry).key).at(-1) ?? '';
        expect(await store.list(kind, { after: last, limit: 1 })).toEqual({
          entries: [],
          more: false,
        });
      },
    );
  });
};
