import { describe, expect, it } from 'vitest';
import { books } from '#infra/local/agencies/books.ts';
import { type AgencyName, agencyId, agencyNames } from '#infra/local/seed/agencies.ts';
import { applySeed } from '#infra/local/seed/apply.ts';
import { seedEntries } from '#infra/local/seed/entries.ts';
import { sampleParticipants } from '#infra/local/seed/participants.ts';
import { participantName, RegistryEntry } from '#shared/registry/entry.ts';
import { namesOf } from '#shared/registry/json-schema.ts';
import { isLicenceValid } from '#shared/registry/licence.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { type RegistryStore } from '#shared/registry/ports.ts';
import type { Service } from '#shared/registry/service.ts';
import { makeKey, type TestKey, testNow } from '../../support/messages.ts';
import { change } from '../registry/changes.ts';

const made = await Promise.all(
  sampleParticipants.map(
    async ({ id, algorithm }): Promise<[string, TestKey]> => [id, await makeKey(algorithm, id)],
  ),
);
const keys = Object.fromEntries(made);

const urlsAt = (port: number): Record<AgencyName, string> => {
  const url = `http://127.0.0.1:${port}`;
  return {
    'civil-registry': url,
    telecom: url,
    post: url,
    education: url,
    'social-security': url,
    pension: url,
    police: url,
    companies: url,
  };
};

const seedAt = (port: number, now = testNow) =>
  seedEntries({ keys, agencyUrls: urlsAt(port), now });

const services = (entries: readonly RegistryEntry[]): readonly Service[] =>
  entries.filter((entry) => entry.kind === 'service');

describe('the seed', () => {
  it('is made of entries as the registry takes them', () => {
    for (const entry of seedAt(9001)) expect(RegistryEntry.parse(entry)).toEqual(entry);
  });

  it('holds everybody with a key, and the nine services with their records', () => {
    const entries = seedAt(9001);
    const participants = entries.filter((entry) => entry.kind === 'participant');
    const owners = entries.filter((entry) => entry.kind === 'key').map(({ owner }) => owner);
    expect(owners).toEqual(participants.map(({ id }) => id));
    expect(agencyNames.map(agencyId).every((id) => owners.includes(id))).toBe(true);
    expect(services(entries).map(({ ref }) => ref)).toEqual(Object.keys(books));
  });

  it('has three counters: two with a licence that holds, one suspended', () => {
    const standing = seedAt(9001).flatMap((entry) =>
      entry.kind === 'participant' && entry.licence !== undefined
        ? [[entry.id, isLicenceValid(entry.licence, testNow)]]
        : [],
    );
    expect(standing).toEqual([
      ['counter:72110345', true],
      ['counter:72110346', true],
      ['counter:72199001', false],
    ]);
  });

  it('lets every service pass on only what it declares, and less than all of it', () => {
    for (const { fields, output } of services(seedAt(9001))) {
      const declared = namesOf(output);
      expect(fields.every((name) => declared.includes(name))).toBe(true);
      expect(fields.length).toBeLessThan(declared.length);
    }
  });

  it('says which key is missing', () => {
    const without = { ...keys };
    delete without['auditor:inspection'];
    const seed = () => seedEntries({ keys: without, agencyUrls: urlsAt(1), now: testNow });
    expect(seed).toThrow('The seed needs a key of auditor:inspection.');
  });
});

describe('applying the seed', () => {
  it('writes an empty registry full, and the same again changes nothing', async () => {
    const { store } = memoryRegistryStore();
    const entries = seedAt(9001);
    expect(await applySeed(store, entries)).toEqual({ written: entries.length, left: 0 });
    const version = await store.version();
    expect(await applySeed(store, seedAt(9001, testNow + 60_000))).toEqual({
      written: 0,
      left: entries.length,
    });
    expect(await store.version()).toBe(version);
  });

  it('takes what changed up by one version', async () => {
    const { store } = memoryRegistryStore();
    const entries = seedAt(9001);
    await applySeed(store, entries);
    expect(await applySeed(store, seedAt(9002))).toEqual({
      written: 9,
      left: entries.length - 9,
    });
    const versions = (await store.listServices()).map(({ version, endpoint }) => [
      version,
      endpoint,
    ]);
    expect(versions).toEqual(
      Array.from({ length: 9 }, () => [2, 'http://127.0.0.1:9002/inquiries']),
    );
  });

  it('never brings a revoked key back', async () => {
    const { store } = memoryRegistryStore();
    await applySeed(store, seedAt(9001));
    const kid = keys['counter:72110345']?.kid ?? '';
    const key = await store.findKey(kid);
    if (key !== undefined) await store.put({ ...key, status: 'revoked', version: 2 });
    expect(await applySeed(store, seedAt(9001))).toMatchObject({ written: 0 });
    expect(await store.findKey(kid)).toMatchObject({ status: 'revoked', version: 2 });
  });

  it('leaves what a command changed', async () => {
    const { store } = memoryRegistryStore();
    await applySeed(store, seedAt(9001));
    const [counter] = await store.readAll([participantName('counter:72110345')]);
    if (counter?.kind !== 'participant') throw new Error('The seed has no such counter.');
    await change(store, { ...counter, status: 'suspended', version: 2 });
    expect(await applySeed(store, seedAt(9002))).toMatchObject({ written: 9 });
    expect(await store.findParticipant('counter:72110345')).toMatchObject({
      status: 'suspended',
      version: 2,
    });
  });

  it('reads again when somebody else was faster', async () => {
    const { store } = memoryRegistryStore();
    let raced = false;
    const racing: RegistryStore = {
      ...store,
      put: async (entry) => {
        if (!raced && entry.kind === 'participant') {
          raced = true;
          await store.put({ ...entry, status: 'suspended' });
        }
        return store.put(entry);
      },
    };
    await applySeed(racing, seedAt(9001));
    expect(await store.findParticipant('registrar:cra')).toMatchObject({
      status: 'active',
      version: 2,
    });
  });

  it('gives up when somebody else is always faster', async () => {
    const { store } = memoryRegistryStore();
    const never: RegistryStore = { ...store, put: () => Promise.resolve('stale') };
    await expect(applySeed(never, seedAt(9001))).rejects.toThrow('seed it again');
  });
});
