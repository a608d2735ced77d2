import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { books } from '#infra/local/agencies/books.ts';
import { agencyId, agencyNames } from '#infra/local/seed/agencies.ts';
import { registrarId } from '#infra/local/seed/participants.ts';
import { endpointsAt } from '#infra/local/seed/plan.ts';
import { sampleServices } from '#infra/local/seed/services.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { namesOf } from '#shared/registry/json-schema.ts';
import { isLicenceValid } from '#shared/registry/licence.ts';
import type { Participant } from '#shared/registry/participant.ts';
import type { RegisteredKey } from '#shared/registry/registered-key.ts';
import type { Service } from '#shared/registry/service.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import {
  keyOf,
  type SeedStage,
  seedStage,
  testKeys,
  urlsAt,
  type Way,
  wantedAt,
  wholeSeed,
} from './seed-stage.ts';

const services = (entries: readonly RegistryEntry[]): readonly Service[] =>
  entries.filter((entry) => entry.kind === 'service');

/** A registry that was seeded whole, and what stands in it. */
const seeded = async () => {
  const stage = seedStage();
  await stage.seed(wantedAt(9001));
  return { stage, entries: await stage.entries() };
};

const reason = 'as the test wants it';

describe('the seed of an empty registry', () => {
  it('is 42 commands, and the same again sends nothing', async () => {
    const stage = seedStage();
    const said: number[] = [];
    expect(await stage.seed(wantedAt(9001), { begins: (count) => said.push(count) })).toBe(42);
    expect(wholeSeed).toBe(42);
    expect(said).toEqual([42]);
    expect(stage.commands()).toBe(42);
    expect(await stage.store.version()).toBe(42);
    expect(await stage.seedKnown(9001)).toBe(0);
    expect(await stage.seed(wantedAt(9001, { now: testNow + 60_000 }))).toBe(0);
    expect(await stage.store.version()).toBe(42);
    expect(stage.commands()).toBe(42 + 9);
  });

  it('leaves nothing that a change did not make', async () => {
    const { entries } = await seeded();
    expect(entries.filter(({ n }) => n === undefined)).toEqual([]);
  });

  it('brings everybody with an officer key, and the nine services with their records', async () => {
    const { entries } = await seeded();
    const participants = entries.filter((entry) => entry.kind === 'participant');
    const keys = entries.filter((entry) => entry.kind === 'key');
    expect(participants.map(({ id }) => id).toSorted()).toEqual(Object.keys(testKeys).toSorted());
    expect(keys.map(({ kid, owner }) => `${owner} ${kid}`).toSorted()).toEqual(
      Object.entries(testKeys)
        .map(([id, { kid }]) => `${id} ${kid}`)
        .toSorted(),
    );
    expect(new Set(keys.map(({ role, status }) => `${role} ${status}`))).toEqual(
      new Set(['officer active']),
    );
    expect(participants.every(({ keys: count }) => count === 1)).toBe(true);
    expect(agencyNames.map(agencyId).every((id) => id in testKeys)).toBe(true);
    expect(services(entries).map(({ ref }) => ref)).toEqual(Object.keys(books).toSorted());
    for (const { endpoint } of services(entries)) {
      expect(endpoint).toBe('http://127.0.0.1:9001/inquiries');
    }
  });

  it('has three counters: two with a licence that holds, one suspended', async () => {
    const { entries } = await seeded();
    const standing = entries.flatMap((entry) =>
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
    expect(sampleServices).toHaveLength(9);
    for (const { fields, output } of sampleServices) {
      const declared = namesOf(output);
      expect(fields.every((name) => declared.includes(name))).toBe(true);
      expect(fields.length).toBeLessThan(declared.length);
    }
  });

  it('leaves no cache of the exchange that says there is nothing', async () => {
    const { stage } = await seeded();
    expect(await stage.directory.services()).toHaveLength(9);
    for (const { kid } of Object.values(testKeys)) {
      expect(await stage.directory.keyOf(kid)).toMatchObject({ kid });
    }
  });

  it('says which key is missing', async () => {
    const all = Object.entries(wantedAt(1).keys);
    const keys = Object.fromEntries(all.filter(([id]) => id !== 'auditor:inspection'));
    await expect(seedStage().seed(wantedAt(1, { keys }))).rejects.toThrow(
      'The seed needs a key of auditor:inspection.',
    );
  });
});

describe('a seed that was broken off', () => {
  const seedAgain = async (stage: SeedStage): Promise<number> => {
    stage.onCommand(async () => 'open');
    return stage.seed(wantedAt(9001));
  };

  it('at any command, that took effect or not, is gone on with to the same end', async () => {
    const { entries } = await seeded();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            after: fc.integer({ min: 0, max: wholeSeed }),
            way: fc.constantFrom<Way>('lost-before', 'lost-behind'),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        async (breaks) => {
          const stage = seedStage();
          for (const { after, way } of breaks) {
            const last = stage.commands() + after;
            stage.onCommand(async (nth) => (nth > last ? way : 'open'));
            const said = await stage.seed(wantedAt(9001)).then(() => 'whole', String);
            expect(said).toMatch(/^whole$|did not say what became of [a-z.]+: start again/);
          }
          await seedAgain(stage);
          expect(await stage.entries()).toEqual(entries);
          expect(await stage.seedKnown(9001)).toBe(0);
          expect(await stage.store.version()).toBe(wholeSeed);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('meets another that is at it, and both come to the same end', async () => {
    const { entries } = await seeded();
    for (const at of [1, 2, 20, wholeSeed]) {
      const stage = seedStage();
      stage.onCommand(async (nth) => {
        if (nth === at) await seedAgain(stage);
        return 'open';
      });
      await stage.seed(wantedAt(9001));
      expect(await stage.entries()).toEqual(entries);
    }
  });

  it('meets another that comes before it at every command', async () => {
    const stage = seedStage();
    const other = async (nth: number): Promise<Way> => {
      // Another process does what this one is about to, and dies after it.
      if (nth % 2 === 1 && nth < 40) {
        stage.onCommand(async (next) => (next === nth + 1 ? 'open' : 'lost-before'));
        await stage.seed(wantedAt(9001)).catch(() => undefined);
        stage.onCommand(other);
      }
      return 'open';
    };
    stage.onCommand(other);
    await stage.seed(wantedAt(9001));
    expect(await stage.entries()).toEqual((await seeded()).entries);
  });
});

describe('a seed of agencies that are elsewhere', () => {
  it('moves every service, and only that', async () => {
    const { stage, entries } = await seeded();
    expect(await stage.seed(wantedAt(9002), { endpoints: endpointsAt(urlsAt(9001)) })).toBe(9);
    const moved = await stage.entries();
    expect(services(moved).map(({ version, endpoint }) => [version, endpoint])).toEqual(
      Array.from({ length: 9 }, () => [2, 'http://127.0.0.1:9002/inquiries']),
    );
    const rest = (all: readonly RegistryEntry[]) => all.filter(({ kind }) => kind !== 'service');
    expect(rest(moved)).toEqual(rest(entries));
    expect(await stage.seedKnown(9002)).toBe(0);
    expect(await stage.seed(wantedAt(9003))).toBe(9);
  });

  it('moves what moved, where it is known what did not', async () => {
    const { stage } = await seeded();
    const agencyUrls = { ...urlsAt(9001), 'civil-registry': 'http://127.0.0.1:9005' };
    const endpoints = endpointsAt(urlsAt(9001));
    const before = stage.commands();
    expect(await stage.seed(wantedAt(9001, { agencyUrls }), { endpoints })).toBe(2);
    expect(stage.commands()).toBe(before + 2);
  });
});

describe('what commands changed', () => {
  const changes: ReadonlyArray<
    readonly [string, string, { do: string; on: number; with: Readonly<Record<string, string>> }]
  > = [
    [
      'a participant that is suspended',
      registrarId,
      { do: 'participant.suspend', on: 3, with: { id: 'counter:72110345', reason } },
    ],
    [
      'a participant that left',
      registrarId,
      { do: 'participant.leave', on: 2, with: { id: 'vendor:rayan', reason } },
    ],
    [
      'an agency that left',
      registrarId,
      { do: 'participant.leave', on: 2, with: { id: 'agency:police', reason } },
    ],
    [
      'a licence that is suspended',
      registrarId,
      { do: 'licence.suspend', on: 3, with: { id: 'counter:72110346', reason } },
    ],
    [
      'a licence that is reinstated',
      registrarId,
      { do: 'licence.reinstate', on: 4, with: { id: 'counter:72199001', reason } },
    ],
    [
      'a licence that is revoked',
      registrarId,
      { do: 'licence.revoke', on: 4, with: { id: 'counter:72199001', reason } },
    ],
    [
      'a key that is revoked',
      registrarId,
      { do: 'key.revoke', on: 1, with: { kid: keyOf('counter:72110345').kid, reason } },
    ],
    [
      'the key of an agency that is revoked',
      registrarId,
      { do: 'key.revoke', on: 1, with: { kid: keyOf('agency:post').kid, reason } },
    ],
  ];

  it.each(changes)('stays: %s', async (_, by, said) => {
    const { stage } = await seeded();
    await stage.send(by, said);
    const standing = await stage.entries();
    const sent = stage.commands();
    expect(await stage.seedKnown(9001)).toBe(0);
    expect(stage.commands()).toBe(sent);
    expect(await stage.entries()).toEqual(standing);
  });

  it('stays: another name, and a service that is retired, wherever its agency is', async () => {
    const { stage } = await seeded();
    const title = { fa: 'نامی دیگر', en: 'Another name' };
    const rename = { id: 'vendor:rayan', title };
    await stage.send(registrarId, { do: 'participant.rename', on: 2, with: rename });
    const ref = 'police/vehicle@1';
    const retire = { ref, from: testNow, reason };
    await stage.send('agency:police', { do: 'service.retire', on: 1, with: retire });
    const sent = stage.commands();
    expect(await stage.seed(wantedAt(9002), { endpoints: endpointsAt(urlsAt(9001)) })).toBe(8);
    expect(stage.commands()).toBe(sent + 8);
    expect(await stage.store.findParticipant('vendor:rayan')).toMatchObject({ title });
    const retired = services(await stage.entries()).find((one) => one.ref === ref);
    expect(retired).toMatchObject({ version: 2, endpoint: 'http://127.0.0.1:9001/inquiries' });
  });
});

describe('who takes part no longer', () => {
  const leave = { do: 'participant.leave', on: 2 } as const;

  it('gets no new key', async () => {
    const { stage } = await seeded();
    await stage.send(registrarId, { ...leave, with: { id: 'vendor:rayan', reason } });
    const other = await makeKey('Ed25519', 'vendor:rayan');
    const keys = { ...wantedAt(9001).keys, 'vendor:rayan': other.signer };
    const endpoints = endpointsAt(urlsAt(9001));
    expect(await stage.seed(wantedAt(9001, { keys }), { endpoints })).toBe(0);
  });

  it.each([
    ['an agency that left', { ...leave, with: { id: 'agency:police', reason } }],
    [
      'an agency whose key is revoked',
      { do: 'key.revoke', on: 1, with: { kid: keyOf('agency:police').kid, reason } },
    ],
  ])('moves no service: %s', async (_, said) => {
    const { stage } = await seeded();
    await stage.send(registrarId, said);
    expect(await stage.seed(wantedAt(9002))).toBe(8);
  });
});

describe('a registry from before there were commands', () => {
  const unnumbered = ({ n: _, ...rest }: RegistryEntry) => rest;

  const unmarked = ({ keys: _, reason: __, ...rest }: Participant): Participant => rest;

  const roleless = ({ role: _, ...rest }: RegisteredKey): RegisteredKey => rest;

  const aged = (entry: RegistryEntry): RegistryEntry => {
    const first = { ...unnumbered(entry), version: 1 };
    if (first.kind === 'participant') return unmarked(first);
    return first.kind === 'key' ? roleless(first) : first;
  };

  /** As an early release wrote it: without the numbers of changes, and keys without roles. */
  const early = async (): Promise<readonly RegistryEntry[]> =>
    (await seeded()).entries
      .map(aged)
      .filter((entry) => !JSON.stringify(entry).includes('vendor:rayan'));

  it('is not begun again: it gets what it lacks, and its services where they are', async () => {
    const standing = await early();
    const stage = seedStage({ standing });
    expect(await stage.seedKnown(9001)).toBe(2);
    const after = await stage.entries();
    expect(after).toEqual(expect.arrayContaining([...standing]));
    expect(after).toHaveLength(standing.length + 2);
    expect(await stage.seed(wantedAt(9002))).toBe(9);
  });
});

describe('a seed that cannot go on', () => {
  it('says so when the registrar has another key', async () => {
    const { stage } = await seeded();
    const other = await makeKey('ES256', registrarId);
    const keys = { ...wantedAt(9001).keys, [registrarId]: other.signer };
    expect(
      await stage.seed(wantedAt(9001, { keys }), { endpoints: endpointsAt(urlsAt(9001)) }),
    ).toBe(0);
    const rayan = await makeKey('Ed25519', 'vendor:rayan');
    const more = { ...keys, 'vendor:rayan': rayan.signer };
    await expect(stage.seed(wantedAt(9001, { keys: more }))).rejects.toThrow(
      /^The exchange refuses key\.add by registrar:cra: unknown-key\. /,
    );
  });

  it('says so when the exchange was told of another root key', async () => {
    const stage = seedStage({ root: await makeKey('ES256', registrarId) });
    await expect(stage.seed(wantedAt(9001))).rejects.toThrow(
      /^The exchange refuses registry\.begin by registrar:cra: unknown-key\. /,
    );
    expect(stage.commands()).toBe(1);
  });

  it('says so, after the second refusal, when another registrar has begun', async () => {
    const stage = seedStage({ standing: [agencyOf('registrar:other')] });
    await expect(stage.seed(wantedAt(9001))).rejects.toThrow(
      'The exchange refuses registry.begin by registrar:cra: command-refused. The registry has begun already.',
    );
    expect(stage.commands()).toBe(2);
  });
});
