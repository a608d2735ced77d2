import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import {
  type Homes,
  isWithin,
  type Naming,
  narrowing,
  type Placed,
  Scope,
  scopesOf,
} from '#shared/registry/scope.ts';

const tehran = 'تهران';
const fars = 'فارس';

const counters = { 'counter:1': tehran, 'counter:2': fars, 'counter:3': undefined } as const;
const agencies = ['agency:police', 'agency:post'] as const;

const homes = new Map([
  ['counter:1', tehran],
  ['counter:2', fars],
]);

const all: Scope = { kind: 'all' };
const inTehran: Scope = { kind: 'province', value: tehran };
const ofPolice: Scope = { kind: 'agency', value: 'agency:police' };
const ofCounter: Scope = { kind: 'counter', value: 'counter:1' };

describe('a scope', () => {
  it.each([
    all,
    inTehran,
    { kind: 'province', value: 'چهارمحال و بختیاری' },
    { kind: 'province', value: 'ک'.repeat(60) },
    ofPolice,
    ofCounter,
  ])('may be %j', (scope) => {
    expect(Scope.parse(scope)).toEqual(scope);
  });

  it.each([
    ['of another kind', { kind: 'city', value: tehran }],
    ['everything of something', { kind: 'all', value: tehran }],
    ['a province without a name', { kind: 'province' }],
    ['a province with an empty name', { kind: 'province', value: '' }],
    ['a province of 61 characters', { kind: 'province', value: 'ک'.repeat(61) }],
    ['a province with a control', { kind: 'province', value: 'ته\u0000ران' }],
    ['a province with a line break', { kind: 'province', value: 'ته\nران' }],
    ['a province with a direction mark', { kind: 'province', value: 'ته\u200Fران' }],
    ['a province with space around it', { kind: 'province', value: ' تهران' }],
    ['a province that is not NFC', { kind: 'province', value: 'ا\u0653ذربایجان' }],
    ['a province in the letters of another keyboard', { kind: 'province', value: '\u0643رمان' }],
    ['an agency that is none', { kind: 'agency', value: 'counter:1' }],
    ['every agency', { kind: 'agency', value: 'agency:*' }],
    ['a counter that is none', { kind: 'counter', value: 'agency:police' }],
  ])('is not %s', (_, scope) => {
    expect(Scope.safeParse(scope).success).toBe(false);
  });
});

describe('scopesOf', () => {
  const own = {
    counter: [{ kind: 'counter', value: 'counter:one' }],
    agency: [{ kind: 'agency', value: 'agency:one' }],
    auditor: [all],
    registrar: [all],
    guild: [all],
    vendor: [],
    operator: [],
    exchange: [],
  } as const;

  it.each(roles)('without scopes of its own: a %s', (role) => {
    expect(scopesOf({ id: `${role}:one` })).toEqual(own[role]);
  });

  it.each(roles)('scopes on record say nothing of a %s, unless it is an auditor', (role) => {
    const expected = role === 'auditor' ? [ofPolice] : own[role];
    expect(scopesOf({ id: `${role}:one`, scopes: [ofPolice] })).toEqual(expected);
  });

  it('an auditor with an empty list has none', () => {
    expect(scopesOf({ id: 'auditor:one', scopes: [] })).toEqual([]);
  });

  it('what is no participant has none', () => {
    expect(scopesOf({ id: 'nobody' })).toEqual([]);
  });
});

describe('isWithin', () => {
  const entry: Placed = { counter: 'counter:1', agency: 'agency:police', province: tehran };

  it.each<[string, readonly Scope[], Placed, boolean]>([
    ['everything', [all], entry, true],
    ['nothing', [], entry, false],
    ['its province', [inTehran], entry, true],
    ['another province', [{ kind: 'province', value: fars }], entry, false],
    ['a province that nobody knows', [inTehran], { ...entry, province: undefined }, false],
    ['its agency', [ofPolice], entry, true],
    ['another agency', [ofPolice], { ...entry, agency: 'agency:post' }, false],
    ['its counter', [ofCounter], entry, true],
    ['another counter', [ofCounter], { ...entry, counter: 'counter:2' }, false],
    ['one of two', [{ kind: 'province', value: fars }, ofPolice], entry, true],
  ])('%s', (_, scopes, placed, expected) => {
    expect(isWithin(scopes, placed)).toBe(expected);
  });
});

const verdict = (scopes: readonly Scope[], filter: Naming, at: Homes = homes): string => {
  try {
    narrowing(scopes, filter, at);
    return 'allowed';
  } catch (error) {
    if (error instanceof Problem) return error.name;
    throw error;
  }
};

describe('narrowing', () => {
  const rows: readonly [string, readonly Scope[], Naming, 'allowed' | 'out-of-scope'][] = [
    ['everything, by one who reads all', [all], {}, 'allowed'],
    ['any name, by one who reads all', [all], { counter: 'counter:9' }, 'allowed'],
    ['everything, by one who reads nothing', [], {}, 'out-of-scope'],
    ['its own counter', [ofCounter], { counter: 'counter:1' }, 'allowed'],
    ['another counter', [ofCounter], { counter: 'counter:2' }, 'out-of-scope'],
    ['any agency, by a counter', [ofCounter], { agency: 'agency:post' }, 'allowed'],
    ['any service, by a counter', [ofCounter], { service: 'post/address@1' }, 'allowed'],
    ['its own province, by a counter', [ofCounter], { province: tehran }, 'allowed'],
    ['another province, by a counter', [ofCounter], { province: fars }, 'out-of-scope'],
    ['its own agency', [ofPolice], { agency: 'agency:police' }, 'allowed'],
    ['another agency', [ofPolice], { agency: 'agency:post' }, 'out-of-scope'],
    ['its own service', [ofPolice], { service: 'police/vehicle' }, 'allowed'],
    ['the service of another', [ofPolice], { service: 'post/address@1' }, 'out-of-scope'],
    ['any counter, by an agency', [ofPolice], { counter: 'counter:2' }, 'allowed'],
    ['any province, by an agency', [ofPolice], { province: fars }, 'allowed'],
    ['its own province', [inTehran], { province: tehran }, 'allowed'],
    ['another province', [inTehran], { province: fars }, 'out-of-scope'],
    ['a counter of its province', [inTehran], { counter: 'counter:1' }, 'allowed'],
    ['a counter of another province', [inTehran], { counter: 'counter:2' }, 'out-of-scope'],
    ['a counter of no province', [inTehran], { counter: 'counter:3' }, 'out-of-scope'],
    ['any agency, by a province', [inTehran], { agency: 'agency:post' }, 'allowed'],
    ['what one of two holds', [inTehran, ofPolice], { counter: 'counter:2' }, 'allowed'],
    [
      'what neither of two holds',
      [inTehran, ofPolice],
      { counter: 'counter:2', agency: 'agency:post' },
      'out-of-scope',
    ],
  ];

  it.each(rows)('%s', (_, scopes, filter, expected) => {
    expect(verdict(scopes, filter)).toBe(expected);
  });

  it.each<[string, readonly Scope[], Naming, 'allowed' | 'out-of-scope']>([
    ['a counter of another province now', [inTehran], { counter: 'counter:2' }, 'allowed'],
    ['a counter of no province now', [inTehran], { counter: 'counter:3' }, 'allowed'],
    ['another province', [inTehran], { province: fars }, 'out-of-scope'],
    ['another province, by a counter', [ofCounter], { province: fars }, 'allowed'],
    ['another counter, by a counter', [ofCounter], { counter: 'counter:2' }, 'out-of-scope'],
    ['another agency', [ofPolice], { agency: 'agency:post' }, 'out-of-scope'],
    ['everything, by one who reads nothing', [], {}, 'out-of-scope'],
  ])('of the past, where counters may have been elsewhere: %s', (_, scopes, filter, expected) => {
    expect(verdict(scopes, filter, 'past')).toBe(expected);
  });

  it('keeps what was asked, and says what it must lie within', () => {
    const filter = { agency: 'agency:post', limit: 7 };

    expect(narrowing([inTehran], filter)).toEqual({ ...filter, within: [inTehran] });
  });

  const scope = fc.oneof(
    fc.constant(all),
    fc.constantFrom(tehran, fars).map((value): Scope => ({ kind: 'province', value })),
    fc.constantFrom(...agencies).map((value): Scope => ({ kind: 'agency', value })),
    fc
      .constantFrom('counter:1', 'counter:2', 'counter:3')
      .map((value): Scope => ({ kind: 'counter', value })),
  );
  const naming = fc.record(
    {
      counter: fc.constantFrom('counter:1', 'counter:2', 'counter:3'),
      agency: fc.constantFrom(...agencies),
      service: fc.constantFrom('police/vehicle@1', 'post/address'),
      province: fc.constantFrom(tehran, fars),
    },
    { requiredKeys: [] },
  );

  /** Every inquiry that there can be. */
  const world = Object.entries(counters).flatMap(([counter, province]) =>
    agencies.map((agency): Placed => ({ counter, agency, province })),
  );

  const isNamed = (entry: Placed, { counter, agency, service, province }: Naming): boolean =>
    (counter === undefined || entry.counter === counter) &&
    (agency === undefined || entry.agency === agency) &&
    (service === undefined || entry.agency === `agency:${service.split('/')[0]}`) &&
    (province === undefined || entry.province === province);

  it('refuses exactly where nothing that is named lies within', () => {
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 3 }), naming, (scopes, filter) => {
        const named = world.filter((entry) => isNamed(entry, filter));
        // Where a filter contradicts itself there is nothing to refuse, and nothing to see.
        fc.pre(named.length > 0);
        const isMet = named.some((entry) => isWithin(scopes, entry));
        expect(verdict(scopes, filter)).toBe(isMet ? 'allowed' : 'out-of-scope');
      }),
      { numRuns: 2000 },
    );
  });
});
