import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { mostOfEach } from '#shared/registry/access.ts';
import { accessCommands } from '#shared/registry/commands/access.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { testNow as now } from '#tests/support/messages.ts';
import { counterOf } from '#tests/support/registry.ts';
import {
  accessBy,
  accessOf,
  agency,
  grantOf,
  holder,
  limitOf,
  people,
  reason,
  target,
  verdictOf,
} from './accesses.ts';
import { after, planOrNothing, senderOf } from './planning.ts';

const names = ['access.narrow', 'access.open', 'limit.set', 'limit.lift'] as const;
type Name = (typeof names)[number];

const contents: Readonly<Record<Name, JsonObject>> = {
  'access.narrow': { target, justification: reason },
  'access.open': { target },
  'limit.set': { holder, target, stopped: true, reason },
  'limit.lift': { holder, target, reason },
};

const verdict = (
  name: Name,
  standing: readonly RegistryEntry[],
  change: JsonObject = {},
  by = senderOf(agency),
) => verdictOf(name, standing, { ...contents[name], ...change }, by);

const run = (name: Name, standing: readonly RegistryEntry[], change: JsonObject = {}) =>
  accessBy(name, standing, { ...contents[name], ...change });

const narrowing = { target, justification: reason, from: now - 1 };
const everyone = (change: JsonObject = {}): RegistryEntry => accessOf({ holder: '*', ...change });

const states: Readonly<Record<string, readonly RegistryEntry[]>> = {
  'no entries': people,
  'empty entries': [...people, accessOf(), everyone()],
  'another target': [
    ...people,
    accessOf({ limits: [limitOf({ target: 'group:identity' })] }),
    everyone({ narrowed: [{ ...narrowing, target: 'identity' }] }),
  ],
  'this target': [
    ...people,
    accessOf({ limits: [limitOf()] }),
    everyone({ narrowed: [narrowing] }),
  ],
};

/** Commands by row, states by column. */
const table: Readonly<Record<Name, readonly string[]>> = {
  'access.narrow': ['done', 'done', 'done', 'no'],
  'access.open': ['no', 'no', 'no', 'done'],
  'limit.set': ['done', 'done', 'done', 'done'],
  'limit.lift': ['no', 'no', 'no', 'done'],
};

describe('access and limits', () => {
  it.each(names)('%s is decided by what stands', async (name) => {
    for (const [place, [state, standing]] of Object.entries(states).entries()) {
      const expected = table[name][place] === 'done' ? 'done' : 'command-refused';
      expect(`${state}: ${await verdict(name, standing)}`).toBe(`${state}: ${expected}`);
    }
  });

  it.each(names)('%s is for agencies only, each for itself', async (name) => {
    const standing = states['this target'] ?? [];
    for (const role of roles.filter((one) => one !== 'agency')) {
      const by = senderOf(`${role}:civil-registry`);
      expect(await verdict(name, standing, {}, by)).toBe('wrong-role');
    }
    const other = senderOf('agency:post');
    const isMaking = name === 'access.narrow' || name === 'limit.set';
    expect(await verdict(name, standing, {}, other)).toBe(isMaking ? 'done' : 'command-refused');
  });

  it.each(names)('%s takes nothing but its content', async (name) => {
    const standing = states['this target'] ?? [];
    expect(await verdict(name, standing, { note: 'x' })).toMatch(/^invalid-claims/);
    for (const member of Object.keys(contents[name])) {
      expect(await verdict(name, standing, { [member]: {} })).toMatch(/^invalid-claims/);
    }
  });

  it.each([
    '',
    'Life-status',
    'life-status@1',
    'civil-registry/life-status',
    'group:',
    'groups:identity',
    'group:group:identity',
    '*',
    'a',
    `a${'b'.repeat(41)}`,
  ])('do not take %j for a target', async (wrong) => {
    for (const name of names) {
      const said = await verdict(name, people, { target: wrong });
      expect(said).toBe('invalid-claims /cmd/with/target');
    }
  });
});

describe('access.narrow and access.open', () => {
  it('put on record what is not open to everybody, why, and from when', async () => {
    const empty = { kind: 'access', agency, holder: '*', grants: [], limits: [] };
    const narrowed = [{ target, justification: reason, from: now }];
    expect(await run('access.narrow', [])).toEqual({ ...empty, narrowed, version: 1 });
    const both = [narrowing, { ...narrowing, target: 'group:identity' }];
    expect(await run('access.open', [everyone({ narrowed: both, limits: [limitOf()] })])).toEqual({
      ...empty,
      limits: [limitOf()],
      narrowed: both.slice(1),
      version: 4,
    });
  });

  it('need a justification, without a number in it', async () => {
    expect(await verdictOf('access.narrow', [], { target })).toMatch(/^invalid-claims/);
    for (const justification of ['', '  ', 'ملی ۰۴۹۹۳۷۰۸۹۹', 'a\u202eb cd']) {
      const said = await verdict('access.narrow', [], { justification });
      expect(said).toMatch(/^invalid-claims \/cmd\/with\/justification/);
    }
  });

  it('have room for so many', async () => {
    const narrowed = Array.from({ length: mostOfEach }, (_, place) => ({
      ...narrowing,
      target: `service-${place}`,
    }));
    expect(await verdict('access.narrow', [everyone({ narrowed: narrowed.slice(1) })])).toBe(
      'done',
    );
    expect(await verdict('access.narrow', [everyone({ narrowed })])).toBe('command-refused');
  });
});

describe('limit.set and limit.lift', () => {
  const terms = {
    purposes: ['passport-issue'],
    level: 'verify',
    fields: ['lifeStatus'],
    quota: { perSecond: 1, perDay: 10 },
  };

  it('put on record what holds for one counter, or for everybody', async () => {
    const limit = { target, stopped: false, ...terms, reason };
    const set = await run('limit.set', people, { stopped: false, ...terms });
    expect(set).toEqual({ ...accessOf({ limits: [limit] }), version: 1 });
    const all = await run('limit.set', [], { holder: '*' });
    expect(all).toEqual({ ...accessOf({ holder: '*', limits: [limitOf()] }), version: 1 });
    const lifted = await run('limit.lift', [everyone({ limits: [limitOf()] })], { holder: '*' });
    expect(lifted).toEqual({ ...everyone(), version: 4 });
  });

  it('replace the limit of the target whole, and no other', async () => {
    const other = limitOf({ target: 'group:identity' });
    const standing = accessOf({ grants: [grantOf()], limits: [limitOf(terms), other] });
    const { limits, grants } = await run('limit.set', [...people, standing], {
      stopped: false,
      level: 'match',
    });
    expect(limits).toEqual([other, { target, stopped: false, level: 'match', reason }]);
    expect(grants).toEqual([grantOf()]);
  });

  it('want something to be limited', async () => {
    const nothing = await verdict('limit.set', people, { stopped: false });
    expect(nothing).toBe('invalid-claims /cmd/with');
    for (const [name, value] of Object.entries(terms)) {
      const said = await verdict('limit.set', people, { stopped: false, [name]: value });
      expect(said).toBe('done');
    }
  });

  it('are about counters that are there and have not left', async () => {
    expect(await verdict('limit.set', [])).toBe('command-refused');
    expect(await verdict('limit.set', [counterOf(holder, { status: 'left' })])).toBe(
      'command-refused',
    );
    expect(await verdict('limit.set', [counterOf(holder, { status: 'suspended' })])).toBe('done');
    for (const other of ['agency:post', 'guild:tehran', '**', '']) {
      const said = await verdict('limit.set', people, { holder: other });
      expect(said).toMatch(/^invalid-claims \/cmd\/with\/holder/);
    }
  });

  it('have room for so many targets, and for a stop however long the terms of others', async () => {
    const limits = Array.from({ length: mostOfEach }, (_, place) =>
      limitOf({ target: `service-${place}` }),
    );
    const full = [...people, accessOf({ limits })];
    expect(await verdict('limit.set', full)).toBe('command-refused');
    expect(await verdict('limit.set', full, { target: 'service-3' })).toBe('done');
    const long = Array.from({ length: 64 }, (_, place) => `f${place}`.padEnd(64, 'x'));
    const wide = { stopped: false, fields: long };
    const heavy = [
      ...people,
      accessOf({ limits: limits.slice(0, 4).map((one) => ({ ...one, ...wide })) }),
    ];
    expect(await verdict('limit.set', heavy, wide)).toBe('command-refused');
    expect(await verdict('limit.set', heavy)).toBe('done');
    expect(await verdict('limit.set', heavy, { target: 'service-1', ...wide })).toBe('done');
  });
});

describe('any commands about access', () => {
  it('leave one narrowing and one limit for a target, and touch one entry each', async () => {
    const step = fc.record({
      name: fc.constantFrom(...names),
      target: fc.constantFrom(target, 'identity', 'group:identity'),
      holder: fc.constantFrom(holder, '*'),
      by: fc.constantFrom(agency, 'agency:post'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let standing = people;
        for (const { name, by, ...one } of steps) {
          const named = name.startsWith('limit') ? one : { target: one.target };
          const sent = { ...contents[name], ...named };
          const planned = await planOrNothing(accessCommands, name, sent, standing, senderOf(by));
          expect(planned.every((entry) => entry.kind === 'access' && entry.agency === by)).toBe(
            true,
          );
          standing = after(standing, planned);
        }
        for (const entry of standing) {
          if (entry.kind !== 'access') continue;
          for (const list of [entry.narrowed, entry.limits]) {
            expect(new Set(list.map((one) => one.target)).size).toBe(list.length);
          }
          expect(entry.holder === '*' || entry.narrowed.length === 0).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
