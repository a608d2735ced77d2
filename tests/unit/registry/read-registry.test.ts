import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Access } from '#shared/registry/access.ts';
import { listCatalogue } from '#shared/registry/catalogue.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { readPublicKey } from '#shared/registry/public-key.ts';
import {
  directoryAsOf,
  listGrants,
  listParticipants,
  readParticipant,
} from '#shared/registry/read-registry.ts';
import {
  parseGrantsQuery,
  parseOneQuery,
  parseParticipantsQuery,
} from '#shared/registry/registry-query.ts';
import { changeAt } from '#tests/support/changes.ts';
import { makeKey } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, keyEntryOf } from '#tests/support/registry.ts';

const start = Date.parse('2027-01-01T00:00:00Z');
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Applies changes to a registry, one an hour from {@link start} on. */
const registryOf = async (...changes: readonly (readonly RegistryEntry[])[]) => {
  const { store } = memoryRegistryStore();
  for (const [index, entries] of changes.entries()) {
    await changeAt(store, start + index * 3_600_000, ...entries);
  }
  return store;
};

const Participants = z.object({
  registry: z.int(),
  participants: z.array(z.looseObject({ id: z.string(), status: z.string() })),
  next: z.string().optional(),
});
const Services = z.object({
  services: z.array(z.looseObject({ ref: z.string(), deprecated: z.unknown().optional() })),
});
const Grants = z.object({
  registry: z.int(),
  grants: z.array(z.looseObject({ agency: z.string(), holder: z.string(), version: z.int() })),
  next: z.string().optional(),
});

type Parameters = Readonly<Record<string, string>>;

const participants = async (store: RegistryStore, query: Parameters = {}) =>
  Participants.parse(await listParticipants(store, parseParticipantsQuery(query)));

const grants = async (store: RegistryStore, sender: string, query: Parameters = {}) =>
  Grants.parse(await listGrants(store, parseGrantsQuery(query), sender));

const accessOf = (agency: string, holder: string, version = 1): Access =>
  Access.parse({
    kind: 'access',
    agency,
    holder,
    grants: [
      {
        id: '01a9b4a5-3800-7abc-9def-0123456789ab',
        target: 'identity',
        status: 'active',
        from: start,
        until: start + 1000,
      },
    ],
    limits: [],
    narrowed: [],
    version,
  });

const counters = ['counter:1', 'counter:2', 'counter:3'];
const agencies = ['agency:post', 'agency:telecom'];

describe('the list of participants', () => {
  it('shows everybody in the order of their ids, a page at a time', async () => {
    const store = await registryOf(
      ...counters.map((id) => [counterOf(id)]),
      ...agencies.map((id) => [agencyOf(id)]),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), async (limit) => {
        const found: string[] = [];
        for (let after = ''; ; ) {
          const page = await participants(store, { limit: String(limit), after });
          expect(page.registry).toBe(5);
          expect(page.participants.length).toBeLessThanOrEqual(limit);
          found.push(...page.participants.map(({ id }) => id));
          if (page.next === undefined) break;
          after = page.next;
        }
        expect(found).toEqual([...agencies, ...counters]);
      }),
    );
  });

  it('shows one role alone, and never a page of another', async () => {
    const store = await registryOf(
      ...counters.map((id) => [counterOf(id)]),
      ...agencies.map((id) => [agencyOf(id)]),
    );
    const page = await participants(store, { role: 'agency', limit: '2' });
    expect(page.participants.map(({ id }) => id)).toEqual(agencies);
    expect(page.next).toBeUndefined();
    const first = await participants(store, { role: 'counter', limit: '2' });
    expect(first.participants.map(({ id }) => id)).toEqual(['counter:1', 'counter:2']);
    const second = await participants(store, { role: 'counter', after: first.next ?? '' });
    expect(second.participants.map(({ id }) => id)).toEqual(['counter:3']);
    expect((await participants(store, { role: 'guild' })).participants).toEqual([]);
  });

  it('shows what was true at a time', async () => {
    const before = counterOf('counter:1');
    const store = await registryOf(
      [before],
      [{ ...before, status: 'suspended', reason: 'an inspection', version: 2 }],
      [counterOf('counter:2')],
    );
    const statuses = async (at: number) =>
      (await participants(store, { at: iso(at) })).participants.map(({ id, status }) => [
        id,
        status,
      ]);
    expect(await statuses(start - 1)).toEqual([]);
    expect(await statuses(start)).toEqual([['counter:1', 'active']]);
    expect(await statuses(start + 3_600_000 - 1)).toEqual([['counter:1', 'active']]);
    expect(await statuses(start + 3_600_000)).toEqual([['counter:1', 'suspended']]);
    expect(await statuses(start + 7_200_000)).toHaveLength(2);
  });
});

describe('one participant', () => {
  it('is shown with its licence, its version and the change that made it', async () => {
    const { licence } = counterOf('counter:1');
    const store = await registryOf([counterOf('counter:1')]);
    expect(await readParticipant(store, 'counter:1', undefined)).toMatchObject({
      id: 'counter:1',
      status: 'active',
      licence: { status: 'valid', validUntil: iso(licence?.validUntil ?? 0) },
      version: 1,
      change: 1,
    });
  });

  it('is shown with what it may read, an auditor', async () => {
    const scopes = [{ kind: 'province', value: 'تهران' }];
    const store = await registryOf([agencyOf('auditor:one', { scopes })]);
    expect(await readParticipant(store, 'auditor:one', undefined)).toMatchObject({ scopes });
  });

  it('is shown as it was at a time', async () => {
    const before = counterOf('counter:1');
    const store = await registryOf([before], [{ ...before, status: 'left', version: 2 }]);
    const at = parseOneQuery({ at: iso(start + 1) }).at;
    expect(await readParticipant(store, 'counter:1', at)).toMatchObject({ status: 'active' });
    await expect(readParticipant(store, 'counter:1', start - 1)).rejects.toMatchObject({
      name: 'not-found',
    });
  });

  it.each(['counter:9', 'nobody', '', 'counter:1 x', '__proto__'])(
    'is not found under %j',
    async (id) => {
      const store = await registryOf([counterOf('counter:1')]);
      await expect(readParticipant(store, id, undefined)).rejects.toMatchObject({
        name: 'not-found',
      });
    },
  );
});

describe('the list of grants', () => {
  const all = agencies.flatMap((agency) =>
    ['*', ...counters].map((holder) => [accessOf(agency, holder)]),
  );
  const world = () => registryOf(...agencies.map((id) => [agencyOf(id)]), ...all);
  const named = ({ grants: found }: z.infer<typeof Grants>) =>
    found.map(({ agency, holder }) => `${agency} ${holder}`);

  it.each(['registrar:cra', 'auditor:inspection', 'guild:pishkhan'])(
    'shows %s everything, a page at a time',
    async (sender) => {
      const store = await world();
      const found: string[] = [];
      for (let after = ''; ; ) {
        const page = await grants(store, sender, { limit: '3', after });
        found.push(...named(page));
        if (page.next === undefined) break;
        after = page.next;
      }
      expect(found).toEqual(
        agencies.flatMap((agency) => ['*', ...counters].map((holder) => `${agency} ${holder}`)),
      );
    },
  );

  it('shows an agency what it decided, and nothing else', async () => {
    const store = await world();
    const own = named(await grants(store, 'agency:post'));
    expect(own).toEqual(['*', ...counters].map((holder) => `agency:post ${holder}`));
    const one = await grants(store, 'agency:post', { holder: 'counter:2' });
    expect(named(one)).toEqual(['agency:post counter:2']);
    await expect(grants(store, 'agency:post', { agency: 'agency:telecom' })).rejects.toMatchObject({
      name: 'wrong-role',
    });
  });

  it('shows a counter what is about it, and nothing about others', async () => {
    const store = await world();
    const own = agencies.map((agency) => `${agency} counter:2`);
    expect(named(await grants(store, 'counter:2'))).toEqual(own);
    expect(named(await grants(store, 'counter:2', { agency: 'agency:post' }))).toEqual(
      own.slice(0, 1),
    );
    const first = await grants(store, 'counter:2', { limit: '1' });
    expect(named(first)).toEqual(own.slice(0, 1));
    expect(named(await grants(store, 'counter:2', { after: first.next ?? '' }))).toEqual(
      own.slice(1),
    );
    for (const holder of ['counter:1', '*']) {
      await expect(grants(store, 'counter:2', { holder })).rejects.toMatchObject({
        name: 'wrong-role',
      });
    }
  });

  it('shows what was true at a time', async () => {
    const store = await registryOf(
      [agencyOf('agency:post')],
      [accessOf('agency:post', 'counter:1')],
      [accessOf('agency:post', 'counter:1', 2)],
    );
    for (const query of [{}, { agency: 'agency:post' }, { holder: 'counter:1' }]) {
      const versions = async (at: number) =>
        (await grants(store, 'auditor:inspection', { ...query, at: iso(at) })).grants.map(
          ({ version }) => version,
        );
      expect(await versions(start)).toEqual([]);
      expect(await versions(start + 3_600_000)).toEqual([1]);
      expect(await versions(start + 7_200_000)).toEqual([2]);
    }
  });
});

describe('the catalogue and the keys as of a time', () => {
  const service = identityService;
  const deprecated = { from: start + 5_400_000, reason: 'a second version is out' };

  it('show the services that stood then, as they were', async () => {
    const store = await registryOf([service], [{ ...service, deprecated, version: 2 }]);
    const shown = async (at: number) =>
      Services.parse(await listCatalogue(directoryAsOf(store, at))).services;
    expect(await shown(start - 1)).toEqual([]);
    const [first] = await shown(start);
    expect(first?.deprecated).toBeUndefined();
    const [second] = await shown(start + 3_600_000);
    expect(second?.deprecated).toEqual({ ...deprecated, from: iso(deprecated.from) });
  });

  it('show a key that was revoked later as active, and none before it was added', async () => {
    const key = keyEntryOf(await makeKey());
    const store = await registryOf(
      [agencyOf('agency:post')],
      [key],
      [{ ...key, status: 'revoked', version: 2 }],
    );
    const status = async (at: number) =>
      (await readPublicKey(directoryAsOf(store, at), key.kid)).status;
    await expect(status(start)).rejects.toMatchObject({ name: 'not-found' });
    expect(await status(start + 3_600_000)).toBe('active');
    expect(await status(start + 7_200_000)).toBe('revoked');
  });
});

describe('the parameters of a query', () => {
  it.each([
    { at: 'yesterday' },
    { at: '2027-01-01' },
    { limit: '0' },
    { limit: '101' },
    { limit: '1e2' },
    { limit: '' },
    { role: 'exchange' },
    { role: '__proto__' },
    { after: 'x'.repeat(131) },
    { other: '1' },
  ])('are refused by name: %j', (query) => {
    const [name = ''] = Object.keys(query);
    const wrong = name === 'other' ? 'a parameter' : name;
    expect(() => parseParticipantsQuery(query)).toThrow(new RegExp(`invalid-query.*: ${wrong}\\.`));
    expect(() => parseGrantsQuery({ ...query, agency: 'counter:1' })).toThrow(/agency/);
  });
});
