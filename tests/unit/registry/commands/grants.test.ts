import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { type Grant, mostOfEach } from '#shared/registry/access.ts';
import { accessCommands } from '#shared/registry/commands/access.ts';
import { fullEntry } from '#shared/registry/commands/access-entry.ts';
import { fiveYears, year } from '#shared/registry/commands/periods.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { testNow as now } from '#tests/support/messages.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';
import {
  accessBy,
  accessOf,
  agency,
  grantOf,
  holder,
  idAt,
  people,
  reason,
  target,
  verdictOf,
} from './accesses.ts';
import { after, commandId, day, planOrNothing, senderOf } from './planning.ts';

const grant = idAt(now - 2 * day);
const period = { from: now, until: now + 365 * day };
const purposes = ['passport-issue', 'banking-service'];

const names = ['request', 'give', 'approve', 'suspend', 'reinstate', 'revoke'] as const;
type Name = (typeof names)[number];

const contents: Readonly<Record<Name, JsonObject>> = {
  request: { agency, target, purposes, ...period, justification: reason },
  give: { holder, target, ...period },
  approve: { holder, grant },
  suspend: { holder, grant, reason },
  reinstate: { holder, grant, reason },
  revoke: { holder, grant, reason },
};

const senders = (name: Name) => senderOf(name === 'request' ? holder : agency);

const verdict = (
  name: Name,
  standing: readonly RegistryEntry[],
  change: JsonObject = {},
  by = senders(name),
) => verdictOf(`grant.${name}`, standing, { ...contents[name], ...change }, by);

const run = (
  name: Name,
  standing: readonly RegistryEntry[],
  change: JsonObject = {},
  by = senders(name),
) => accessBy(`grant.${name}`, standing, { ...contents[name], ...change }, by);

const holding = (...grants: readonly JsonObject[]): readonly RegistryEntry[] => [
  ...people,
  accessOf({ grants }),
];

const states: Readonly<Record<string, readonly RegistryEntry[]>> = {
  'no entry': people,
  'no grant': holding(),
  requested: holding(grantOf({ status: 'requested', purposes })),
  active: holding(grantOf()),
  suspended: holding(grantOf({ status: 'suspended' })),
  revoked: holding(grantOf({ status: 'revoked' })),
};

/** Commands by row, states by column. */
const table: Readonly<Record<Name, readonly string[]>> = {
  request: ['done', 'done', 'no', 'no', 'no', 'done'],
  give: ['done', 'done', 'no', 'no', 'no', 'done'],
  approve: ['no', 'no', 'done', 'no', 'no', 'no'],
  suspend: ['no', 'no', 'no', 'done', 'no', 'no'],
  reinstate: ['no', 'no', 'no', 'no', 'done', 'no'],
  revoke: ['no', 'no', 'done', 'done', 'done', 'no'],
};

describe('a grant', () => {
  it.each(names)('.%s is decided by what stands', async (name) => {
    for (const [place, [state, standing]] of Object.entries(states).entries()) {
      const expected = table[name][place] === 'done' ? 'done' : 'command-refused';
      expect(`${state}: ${await verdict(name, standing)}`).toBe(`${state}: ${expected}`);
    }
  });

  it.each(names)('.%s is for one role only', async (name) => {
    for (const standing of Object.values(states)) {
      for (const role of roles.filter((one) => one !== senders(name).role)) {
        const by = senderOf(`${role}:civil-registry`);
        expect(await verdict(name, standing, {}, by)).toBe('wrong-role');
      }
    }
  });

  it.each(names)('.%s takes nothing but its content', async (name) => {
    expect(await verdict(name, people, { note: 'x' })).toMatch(/^invalid-claims/);
    for (const member of Object.keys(contents[name])) {
      expect(await verdict(name, people, { [member]: {} })).toMatch(/^invalid-claims/);
    }
  });

  it.each(['approve', 'suspend', 'reinstate', 'revoke'] as const)(
    '.%s reaches no grant of another agency, nor of another counter',
    async (name) => {
      const standing = Object.values(states).find((_, at) => table[name][at] === 'done') ?? [];
      const other = senderOf('agency:post');
      expect(await verdict(name, standing)).toBe('done');
      expect(await verdict(name, standing, {}, other)).toBe('command-refused');
      expect(await verdict(name, standing, { holder: 'counter:72110346' })).toBe('command-refused');
      expect(await verdict(name, standing, { grant: idAt(now) })).toBe('command-refused');
    },
  );

  it('is put on record as it was asked for or given, under the id of its command', async () => {
    const terms = { purposes, level: 'match', fields: ['lifeStatus'], quota: { perDay: 100 } };
    const empty = { kind: 'access', agency, holder, grants: [], limits: [], narrowed: [] };
    const base = { id: commandId, target, ...period };
    expect(await run('request', people)).toEqual({
      ...empty,
      grants: [{ ...base, status: 'requested', purposes, justification: reason }],
      version: 1,
    });
    expect(await run('give', people, { ...terms, justification: reason })).toEqual({
      ...empty,
      grants: [{ ...base, status: 'active', ...terms, justification: reason }],
      version: 1,
    });
  });

  it('keeps what else stands in the entry', async () => {
    const other = grantOf({ id: idAt(now - day), target: 'group:identity' });
    const limit = { target, stopped: true, reason };
    const standing = accessOf({ grants: [other, grantOf()], limits: [limit] });
    const changed = await run('suspend', [...people, standing]);
    expect(changed).toEqual({
      ...standing,
      grants: [other, grantOf({ status: 'suspended', reason })],
      version: 4,
    });
  });
});

describe('the times of a grant', () => {
  const wrong: ReadonlyArray<readonly [string, JsonObject]> = [
    ['its end before its beginning', { from: now + day, until: now + day - 1 }],
    ['no time at all', { from: now + day, until: now + day }],
    ['an end that is now', { from: now - day, until: now }],
    ['more than five years', { from: now, until: now + fiveYears + 1 }],
    ['a beginning beyond five years', { from: now + fiveYears + 1, until: now + fiveYears + 2 }],
  ];

  it.each(wrong)('are refused with %s', async (_, change) => {
    const refusal = 'invalid-claims /cmd/with/until';
    expect(await verdict('request', people, change)).toBe(refusal);
    expect(await verdict('give', people, change)).toBe(refusal);
    expect(await verdict('approve', states['requested'] ?? [], change)).toBe(refusal);
  });

  it('may be five years, and have begun', async () => {
    const longest = { from: now - day, until: now - day + fiveYears };
    for (const name of ['request', 'give'] as const) {
      expect(await verdict(name, people, longest)).toBe('done');
    }
  });

  it('of a request that is over must be given anew to approve it', async () => {
    const over = grantOf({ status: 'requested', purposes, until: now });
    expect(await verdict('approve', holding(over))).toBe('invalid-claims /cmd/with/until');
    expect(await verdict('approve', holding(over), { until: now + 1 })).toBe('done');
  });
});

describe('who takes part in a grant', () => {
  it('is a counter that is there and has not left', async () => {
    expect(await verdict('give', [agencyOf(agency)])).toBe('command-refused');
    const left = counterOf(holder, { status: 'left' });
    expect(await verdict('give', [left])).toBe('command-refused');
    expect(await verdict('request', [agencyOf(agency), left])).toBe('command-refused');
    for (const other of ['*', 'agency:post', 'guild:tehran', 'vendor:pars', 'counter']) {
      const said = await verdict('give', people, { holder: other });
      expect(said).toMatch(/^invalid-claims \/cmd\/with\/holder/);
    }
  });

  it('is an agency that is there and active', async () => {
    const counter = counterOf(holder);
    expect(await verdict('request', [counter])).toBe('command-refused');
    for (const status of ['suspended', 'left']) {
      const said = await verdict('request', [counter, agencyOf(agency, { status })]);
      expect(said).toBe('command-refused');
    }
    const said = await verdict('request', people, { agency: 'counter:72110346' });
    expect(said).toBe('invalid-claims /cmd/with/agency');
  });
});

describe('grant.approve', () => {
  const asked = grantOf({ status: 'requested', purposes, justification: reason });

  it('makes the request active, narrowed as the agency wants', async () => {
    expect((await run('approve', holding(asked))).grants).toEqual([{ ...asked, status: 'active' }]);
    const narrower = {
      purposes: ['passport-issue'],
      level: 'verify',
      fields: [],
      quota: { perSecond: 1 },
      from: now + 1,
      until: now + 2,
    };
    expect((await run('approve', holding(asked), narrower)).grants).toEqual([
      { ...asked, ...narrower, status: 'active' },
    ]);
  });

  it('adds no purpose to those that were asked for', async () => {
    const wider = { purposes: ['passport-issue', 'inheritance'] };
    expect(await verdict('approve', holding(asked), wider)).toBe(
      'invalid-claims /cmd/with/purposes',
    );
  });

  it('does not let the times reach into those of another grant', async () => {
    const next = grantOf({ id: idAt(now), from: now + day, until: now + 2 * day });
    const standing = holding(asked, next);
    expect(await verdict('approve', standing)).toBe('done');
    expect(await verdict('approve', standing, { until: now + day + 1 })).toBe('command-refused');
  });
});

describe('grant.suspend, grant.reinstate and grant.revoke', () => {
  it('change the status, and say why', async () => {
    const suspended = grantOf({ status: 'suspended', reason: 'پیش از این' });
    expect((await run('suspend', holding(grantOf()))).grants).toEqual([
      grantOf({ status: 'suspended', reason }),
    ]);
    expect((await run('reinstate', holding(suspended))).grants).toEqual([grantOf({ reason })]);
    expect((await run('revoke', holding(suspended))).grants).toEqual([
      grantOf({ status: 'revoked', reason, until: now }),
    ]);
  });

  it('leave the end of a grant that is over or has not begun when it is revoked', async () => {
    for (const times of [
      { from: now - 2 * day, until: now - day },
      { from: now, until: now + day },
      { from: now + 1, until: now + day },
    ]) {
      const [revoked] = (await run('revoke', holding(grantOf(times)))).grants;
      expect(revoked).toMatchObject({ status: 'revoked', ...times });
    }
  });
});

describe('the room of an entry', () => {
  const filled = (count: number, change: (place: number) => JsonObject): JsonObject[] =>
    Array.from({ length: count }, (_, place) =>
      grantOf({ id: idAt(now - place), target: `service-${place}`, ...change(place) }),
    );

  it('is for so many grants', async () => {
    const almost = filled(mostOfEach - 1, () => ({}));
    const full = filled(mostOfEach, () => ({}));
    for (const name of ['request', 'give'] as const) {
      expect(await verdict(name, holding(...almost))).toBe('done');
      expect(await verdict(name, holding(...full))).toBe('command-refused');
    }
  });

  it('is made by what was revoked and has been over for a year, only when it is needed', async () => {
    const old = { status: 'revoked', from: now - year - day, until: now - year };
    const fresh = { ...old, until: now - year + 1 };
    const change = (place: number): JsonObject => (place < 2 ? old : fresh);
    const full = filled(mostOfEach, change);
    const { grants } = await run('give', holding(...full));
    expect(grants).toHaveLength(mostOfEach - 1);
    expect(grants.slice(0, -1)).toEqual(full.slice(2));
    const almost = filled(mostOfEach - 1, change);
    expect((await run('give', holding(...almost))).grants).toHaveLength(mostOfEach);
    const none = filled(mostOfEach, () => fresh);
    expect(await verdict('give', holding(...none))).toBe('command-refused');
    const active = filled(mostOfEach, () => ({ ...old, status: 'active' }));
    expect(await verdict('give', holding(...active))).toBe('command-refused');
  });

  it('is not filled so far that a grant could not be revoked in it', async () => {
    const long = Array.from({ length: 64 }, (_, place) => `p${place}`.padEnd(60, 'x'));
    let standing = people;
    let given = 0;
    for (let place = 0; place < mostOfEach; place += 1) {
      const change = { target: `service-${place}`, purposes: long };
      const by = senderOf(holder, { command: idAt(now + place) });
      const sent = { ...contents.request, ...change };
      const planned = await planOrNothing(accessCommands, 'grant.request', sent, standing, by);
      given += planned.length;
      standing = after(standing, planned);
    }
    const entry = standing.find(({ kind }) => kind === 'access');
    expect(given).toBeGreaterThan(1);
    expect(given).toBeLessThan(mostOfEach);
    expect(Buffer.byteLength(JSON.stringify(entry))).toBeLessThanOrEqual(fullEntry);
    for (const name of ['approve', 'revoke'] as const) {
      expect(await verdict(name, standing, { grant: idAt(now) })).toBe('done');
    }
    const stop = { holder, target, stopped: true, reason: 'ک'.repeat(300) };
    expect(await verdictOf('limit.set', standing, stop)).toBe('done');
  });
});

const isLive = ({ status }: Grant): boolean => status !== 'revoked';

/** Whether two share an instant, looked for one by one. */
const meet = (one: Grant, other: Grant): boolean =>
  Array.from({ length: 12 }, (_, hour) => now + hour - 3).some(
    (time) => one.from <= time && time < one.until && other.from <= time && time < other.until,
  );

const grantsIn = (standing: readonly RegistryEntry[]): readonly Grant[] =>
  standing.flatMap((entry) => (entry.kind === 'access' ? entry.grants : []));

const times = fc
  .tuple(fc.integer({ min: -3, max: 6 }), fc.integer({ min: 1, max: 5 }))
  .map(([from, length]) => ({ from: now + from, until: now + Math.min(from + length, 8) }))
  .filter(({ from, until }) => from < until && now < until);

describe('any commands about grants', () => {
  it('refuse what overlaps, and nothing else, as a look at every instant finds', async () => {
    const status = fc.constantFrom('requested', 'active', 'suspended', 'revoked');
    const targets = fc.constantFrom(target, 'group:identity');
    const standing = fc.array(fc.tuple(times, status, targets), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(standing, times, targets, async (stand, asked, wanted) => {
        const grants = stand.map(([span, one, named], place) =>
          grantOf({ id: idAt(now + place), ...span, status: one, target: named }),
        );
        const entry = accessOf({ grants });
        const [wish] = accessOf({ grants: [grantOf({ ...asked, target: wanted })] }).grants;
        if (wish === undefined) throw new Error('There is no wish.');
        const collides = entry.grants.some(
          (one) => isLive(one) && one.target === wanted && meet(one, wish),
        );
        const change = { ...asked, target: wanted };
        const expected = collides ? 'command-refused' : 'done';
        expect(await verdict('give', [...people, entry], change)).toBe(expected);
        expect(await verdict('request', [...people, entry], change)).toBe(expected);
      }),
      { numRuns: 400 },
    );
  });

  it('leave no two live grants of one target at a time, in whatever order they come', async () => {
    const step = fc.record({
      name: fc.constantFrom(...names),
      span: times,
      target: fc.constantFrom(target, 'identity'),
      which: fc.nat({ max: 5 }),
      holder: fc.constantFrom(holder, 'counter:72110346'),
    });
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
        let standing: readonly RegistryEntry[] = [...people, counterOf('counter:72110346')];
        for (const [place, { name, span, which, ...one }] of steps.entries()) {
          const held = grantsIn(
            standing.filter((entry) => entry.kind === 'access' && entry.holder === one.holder),
          );
          const id = held[which % Math.max(held.length, 1)]?.id ?? idAt(now);
          const wanted = {
            request: { target: one.target, ...span },
            give: { target: one.target, ...span, holder: one.holder },
            approve: { grant: id, holder: one.holder, ...span },
            suspend: { grant: id, holder: one.holder },
            reinstate: { grant: id, holder: one.holder },
            revoke: { grant: id, holder: one.holder },
          }[name];
          const sent = { ...contents[name], ...wanted };
          const command = idAt(now + place);
          const by = senderOf(name === 'request' ? one.holder : agency, { command });
          const before = grantsIn(standing).filter(({ status }) => status === 'revoked');
          const kind = `grant.${name}`;
          const planned = await planOrNothing(accessCommands, kind, sent, standing, by);
          changes += planned.length;
          standing = after(standing, planned);
          for (const revoked of before) expect(grantsIn(standing)).toContainEqual(revoked);
        }
        for (const entry of standing) {
          if (entry.kind !== 'access') continue;
          expect(entry.grants.length).toBeLessThanOrEqual(mostOfEach);
          expect(new Set(entry.grants.map(({ id }) => id)).size).toBe(entry.grants.length);
          const live = entry.grants.filter(isLive);
          for (const [at, one] of live.entries()) {
            expect(one.from).toBeLessThan(one.until);
            const others = live.slice(at + 1).filter((other) => other.target === one.target);
            expect(others.filter((other) => meet(one, other))).toEqual([]);
          }
        }
      }),
      { numRuns: 200 },
    );
    expect(changes).toBeGreaterThan(500);
  });
});
