import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { AuditEntry } from '#shared/oversight/entries/audit-entry.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { listEntries } from '#shared/oversight/entries/list-entries.ts';
import type { Participant } from '#shared/registry/participant.ts';
import type { Scope } from '#shared/registry/scope.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';
import { type Inquiry, journalOf } from '../inquiry/journal-stage.ts';
import { indexStage } from './entries/index-stage.ts';

const tehran = 'تهران';
const fars = 'فارس';

const licensedIn = (id: string, province: string): Participant => {
  const { licence, ...rest } = counterOf(id);
  if (licence === undefined) throw new Error('The counter has no licence.');
  return { ...rest, licence: { ...licence, province } };
};

const auditorOf = (name: string, scopes?: readonly Scope[]): Participant => ({
  ...agencyOf(`auditor:${name}`),
  ...(scopes !== undefined && { scopes: [...scopes] }),
});

/** Counter 4 has no licence, and counter 5 left before there was a registry. */
const participants: readonly Participant[] = [
  licensedIn('counter:1', tehran),
  licensedIn('counter:2', fars),
  // As some keyboards write it: the letter kaf of Arabic.
  licensedIn('counter:3', '\u0643رمان'),
  agencyOf('counter:4'),
  agencyOf('agency:police'),
  agencyOf('agency:post'),
  agencyOf('registrar:cra'),
  agencyOf('guild:counters'),
  agencyOf('vendor:rayan'),
  agencyOf('operator:main'),
  auditorOf('from-before'),
  auditorOf('nothing', []),
  auditorOf('all', [{ kind: 'all' }]),
  auditorOf('tehran', [{ kind: 'province', value: tehran }]),
  auditorOf('kerman', [{ kind: 'province', value: 'کرمان' }]),
  auditorOf('police', [{ kind: 'agency', value: 'agency:police' }]),
  auditorOf('both', [
    { kind: 'agency', value: 'agency:police' },
    { kind: 'counter', value: 'counter:2' },
  ]),
];

const directoryOf = (all: readonly Participant[]) => {
  const byId = new Map(all.map((one) => [one.id, one]));
  return { participant: async (id: string) => byId.get(id) };
};

const services = { police: 'police/vehicle@1', post: 'post/address@1' } as const;

/** Named by the counter and the agency: `1 police`. */
const nameOf = ({ counter, agency }: Pick<AuditEntry, 'counter' | 'agency'>): string =>
  `${counter.slice('counter:'.length)} ${agency.slice('agency:'.length)}`;

const everyInquiry: readonly Inquiry[] = [1, 2, 3, 4, 5].flatMap((counter) =>
  Object.values(services).map((service) => ({
    id: InquiryId.parse(inquiryIdAt(testNow)),
    counter: `counter:${counter}`,
    service,
    outcome: 'FOUND' as const,
  })),
);

const range = {
  from: new Date(testNow - 1000).toISOString(),
  to: new Date(testNow + 1000).toISOString(),
};

type Filter = Readonly<Record<string, string>>;

const listingAs = (
  reader: string,
  journal: MemoryJournalStore,
  all: readonly Participant[] = participants,
) => {
  const directory = directoryOf(all);
  const list = listEntries({ ...indexStage(journal).parts, directory });
  return (filter: Filter) => list(parseAuditQuery({ ...range, ...filter }), reader);
};

/** The names of what is shown, or the refusal. */
const shownTo = async (reader: string, filter: Filter): Promise<string> => {
  const list = listingAs(reader, await journalOf(everyInquiry));
  try {
    return (await list(filter)).entries.map(nameOf).toSorted().join(', ');
  } catch (error) {
    if (error instanceof Problem) return error.name;
    throw error;
  }
};

const everything = everyInquiry
  .map(({ counter, service }) =>
    nameOf({ counter, agency: `agency:${service.slice(0, service.indexOf('/'))}` }),
  )
  .toSorted()
  .join(', ');

const ofPolice = '1 police, 2 police, 3 police, 4 police, 5 police';

describe('what a reader is shown', () => {
  it.each<[string, Filter, string]>([
    ['auditor:from-before', {}, everything],
    ['auditor:from-before', { counter: 'counter:9' }, ''],
    ['auditor:from-before', { province: fars }, '2 police, 2 post'],
    ['auditor:all', {}, everything],
    ['registrar:cra', {}, everything],
    ['guild:counters', {}, everything],
    ['guild:counters', { counter: 'counter:4' }, '4 police, 4 post'],
    ['auditor:nothing', {}, 'out-of-scope'],
    ['auditor:nothing', { counter: 'counter:1' }, 'out-of-scope'],
    ['auditor:unheard-of', {}, 'out-of-scope'],
    ['vendor:rayan', {}, 'out-of-scope'],
    ['operator:main', {}, 'out-of-scope'],
    ['counter:1', {}, '1 police, 1 post'],
    ['counter:1', { counter: 'counter:1' }, '1 police, 1 post'],
    ['counter:1', { agency: 'agency:post' }, '1 post'],
    ['counter:1', { province: tehran }, '1 police, 1 post'],
    ['counter:1', { province: fars }, 'out-of-scope'],
    ['counter:1', { counter: 'counter:2' }, 'out-of-scope'],
    ['counter:4', {}, '4 police, 4 post'],
    ['counter:4', { province: tehran }, 'out-of-scope'],
    ['agency:police', {}, ofPolice],
    ['agency:police', { agency: 'agency:police' }, ofPolice],
    ['agency:police', { service: 'police/vehicle' }, ofPolice],
    ['agency:police', { counter: 'counter:2' }, '2 police'],
    ['agency:police', { province: tehran }, '1 police'],
    ['agency:police', { agency: 'agency:post' }, 'out-of-scope'],
    ['agency:police', { service: 'post/address@1' }, 'out-of-scope'],
    ['auditor:tehran', {}, '1 police, 1 post'],
    ['auditor:tehran', { province: tehran }, '1 police, 1 post'],
    ['auditor:tehran', { agency: 'agency:police' }, '1 police'],
    ['auditor:tehran', { counter: 'counter:1' }, '1 police, 1 post'],
    ['auditor:tehran', { counter: 'counter:2' }, 'out-of-scope'],
    ['auditor:tehran', { counter: 'counter:4' }, 'out-of-scope'],
    ['auditor:tehran', { counter: 'counter:5' }, 'out-of-scope'],
    ['auditor:tehran', { province: fars }, 'out-of-scope'],
    ['auditor:kerman', {}, '3 police, 3 post'],
    ['auditor:kerman', { province: '\u0643رمان' }, '3 police, 3 post'],
    ['auditor:police', {}, ofPolice],
    ['auditor:both', {}, `1 police, 2 police, 2 post, 3 police, 4 police, 5 police`],
    ['auditor:both', { counter: 'counter:2' }, '2 police, 2 post'],
    ['auditor:both', { agency: 'agency:post' }, '2 post'],
    ['auditor:both', { counter: 'counter:1' }, '1 police'],
    ['auditor:both', { counter: 'counter:1', agency: 'agency:post' }, 'out-of-scope'],
  ])('%s asking %j', async (reader, filter, expected) => {
    expect(await shownTo(reader, filter)).toBe(expected);
  });
});

describe('one inquiry by its id', () => {
  const [first] = everyInquiry;
  const id = first?.id ?? '';

  it('is read at its address, without a look at any other', async () => {
    const journal = await journalOf(everyInquiry);
    const { faults } = journal;
    const directory = directoryOf(participants);
    const list = listEntries({ ...indexStage(journal).parts, directory });

    const { entries, next } = await list(parseAuditQuery({ id }), 'counter:1');

    expect(entries).toEqual([expect.objectContaining({ id, counter: 'counter:1' })]);
    expect(next).toBeUndefined();
    expect([faults.calls('read'), faults.calls('list')]).toEqual([1, 0]);
  });

  it.each(['counter:2', 'agency:post', 'auditor:kerman'])(
    'is nobody’s to %s, as an id that nobody has',
    async (reader) => {
      const list = listingAs(reader, await journalOf(everyInquiry));
      const unknown = inquiryIdAt(testNow);

      expect((await list({ id })).entries).toEqual([]);
      expect(await list({ id: unknown })).toEqual(await list({ id }));
    },
  );

  it('must be what else is asked for', async () => {
    const list = listingAs('auditor:all', await journalOf(everyInquiry));

    expect((await list({ id, agency: 'agency:police' })).entries).toHaveLength(1);
    expect((await list({ id, agency: 'agency:post' })).entries).toEqual([]);
    expect((await list({ id, outcome: 'DENIED' })).entries).toEqual([]);
  });
});

describe('a filter', () => {
  const base = { counter: 'counter:1', service: services.police, outcome: 'FOUND' } as const;
  const made = (change: Partial<Inquiry>): Inquiry => ({
    ...base,
    id: InquiryId.parse(inquiryIdAt(testNow)),
    ...change,
  });

  it.each<[string, string, Partial<Inquiry>]>([
    ['by', 'guild:counters', { by: 'guild:counters' }],
    ['purpose', 'passport-issue', { said: { purpose: 'passport-issue' } }],
    ['basis', 'law-12', { said: { basis: 'law-12' } }],
    ['station', 'till-9', { said: { station: 'till-9' } }],
    ['presence', 'proxy', { said: { presence: 'proxy' } }],
    ['effect', 'deny', { effect: 'deny' }],
    ['rule', 'quota-day', { rule: 'quota-day' }],
    ['province', fars, { counter: 'counter:2' }],
  ])('by %s shows what is %s and nothing else', async (name, value, change) => {
    const wanted = made(change);
    const list = listingAs('auditor:all', await journalOf([made({}), wanted, made({})]));

    const { entries } = await list({ [name]: value });

    expect(entries.map(({ id }) => id)).toEqual([wanted.id]);
  });
});

describe('whatever is asked, by whomever', () => {
  const scope = fc.oneof(
    fc.constantFrom(tehran, fars).map((value): Scope => ({ kind: 'province', value })),
    fc
      .constantFrom('agency:police', 'agency:post')
      .map((value): Scope => ({ kind: 'agency', value })),
    fc.constantFrom('counter:1', 'counter:2').map((value): Scope => ({ kind: 'counter', value })),
  );
  const reader = fc.oneof(
    fc.constantFrom(
      ...participants.filter(({ id }) => ['counter:1', 'counter:4', 'agency:police'].includes(id)),
    ),
    fc.array(scope, { maxLength: 3 }).map((scopes) => auditorOf('any', scopes)),
  );
  const filter = fc.record(
    {
      counter: fc.constantFrom('counter:1', 'counter:2', 'counter:5'),
      agency: fc.constantFrom('agency:police', 'agency:post'),
      service: fc.constantFrom('police/vehicle', services.post),
      province: fc.constantFrom(tehran, fars),
      limit: fc.constantFrom('1', '2', '7'),
    },
    { requiredKeys: [] },
  );
  const inquiries = fc.array(
    fc
      .record({
        at: fc.integer({ min: -900, max: 900 }),
        counter: fc.constantFrom('counter:1', 'counter:2', 'counter:4', 'counter:5'),
        service: fc.constantFrom(...Object.values(services)),
      })
      .map(({ at, ...rest }): Inquiry => {
        const id = InquiryId.parse(inquiryIdAt(testNow + at));
        return { ...rest, id, outcome: undefined };
      }),
    { maxLength: 20 },
  );

  const provinces: Readonly<Record<string, string>> = { 'counter:1': tehran, 'counter:2': fars };

  /** Written down once more, by the rows of the contract. */
  const mayRead = ({ id, scopes = [] }: Participant, { counter, agency }: AuditEntry): boolean =>
    id === counter ||
    id === agency ||
    scopes.some(
      (one) => one.kind !== 'all' && [counter, agency, provinces[counter]].includes(one.value),
    );

  /** Everything that a reader comes to know, page after page. */
  const learn = async (list: ReturnType<typeof listingAs>, asked: Filter) => {
    const entries: AuditEntry[] = [];
    let more: Filter = {};
    try {
      for (;;) {
        const page = await list({ ...asked, ...more });
        entries.push(...page.entries);
        if (page.next === undefined) return { entries };
        more = { cursor: page.next };
      }
    } catch (error) {
      if (error instanceof Problem) return { entries, refusal: error.name };
      throw error;
    }
  };

  it('shows all that it may, and no entry outside', async () => {
    await fc.assert(
      fc.asyncProperty(reader, filter, inquiries, async (who, asked, written) => {
        const journal = await journalOf(written);
        const list = listingAs(who.id, journal, [...participants, who]);
        const whole = await learn(listingAs('auditor:all', journal), asked);
        const own = whole.entries.filter((entry) => mayRead(who, entry));

        const { entries, refusal } = await learn(list, asked);

        expect(entries).toEqual(own);
        expect([undefined, 'out-of-scope']).toContain(refusal);
      }),
      { numRuns: 200 },
    );
  });
});
