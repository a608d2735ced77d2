import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { licenceCommands } from '#shared/registry/commands/licences.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { testNow as now, withMembers } from '#tests/support/messages.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';
import {
  after,
  day,
  judge,
  outcomeOf,
  participantIn,
  plan,
  planOrNothing,
  senderOf,
  tenYears,
} from './planning.ts';

const id = 'counter:72110345';
const reason = 'بازدید حضوری';
const terms = {
  number: '72-11-0346',
  issuer: 'سازمان تنظیم مقررات',
  province: 'تهران',
  city: 'ری',
  validFrom: now,
  validUntil: now + 730 * day,
} as const;

const names = ['issue', 'renew', 'suspend', 'reinstate', 'revoke'] as const;
type Name = (typeof names)[number];

const contents: Readonly<Record<Name, JsonObject>> = {
  issue: { id, licence: terms },
  renew: { id, validUntil: now + 730 * day },
  suspend: { id, reason },
  reinstate: { id, reason },
  revoke: { id, reason },
};

const verdict = (
  name: Name,
  standing: readonly RegistryEntry[],
  change: JsonObject = {},
  by = senderOf(),
) => judge(licenceCommands, `licence.${name}`, { ...contents[name], ...change }, standing, by);

const run = (name: Name, standing: readonly RegistryEntry[], change: JsonObject = {}) =>
  plan(licenceCommands, `licence.${name}`, { ...contents[name], ...change }, standing);

const before = {
  number: '72-11-0345',
  issuer: 'registrar',
  province: 'تهران',
  city: 'تهران',
  validFrom: now - 365 * day,
  validUntil: now + 365 * day,
} as const;

const withLicence = (licence: JsonObject, change: JsonObject = {}): readonly RegistryEntry[] => [
  counterOf(id, { licence: { ...before, ...licence }, keys: 2, version: 7, ...change }),
];

const over = { validUntil: now };

const states = {
  'no participant': [],
  'no licence': [counterOf(id, { licence: undefined })],
  'a valid one': withLicence({ status: 'valid' }),
  'one that begins later': withLicence({ status: 'valid', validFrom: now + day }),
  'a valid one that is over': withLicence({ status: 'valid', ...over }),
  'a suspended one': withLicence({ status: 'suspended' }),
  'a suspended one that is over': withLicence({ status: 'suspended', ...over }),
  'a revoked one': withLicence({ status: 'revoked' }),
  'a revoked one that is over': withLicence({ status: 'revoked', ...over }),
  'a valid one of a suspended counter': withLicence({ status: 'valid' }, { status: 'suspended' }),
  'no licence of a suspended counter': [counterOf(id, { licence: undefined, status: 'suspended' })],
  'no licence of a counter that left': [counterOf(id, { licence: undefined, status: 'left' })],
  'a valid one of a counter that left': withLicence({ status: 'valid' }, { status: 'left' }),
  'a suspended one of a counter that left': withLicence(
    { status: 'suspended' },
    { status: 'left' },
  ),
} as const satisfies Readonly<Record<string, readonly RegistryEntry[]>>;

describe('what a command does to a licence as it stands', () => {
  const ofValid = { renew: 'valid', suspend: 'suspended', revoke: 'revoked' } as const;
  const ofSuspended = { renew: 'suspended', reinstate: 'valid', revoke: 'revoked' } as const;
  const allowed: Readonly<Record<keyof typeof states, Partial<Record<Name, string>>>> = {
    'no participant': {},
    'no licence': { issue: 'valid' },
    'a valid one': ofValid,
    'one that begins later': ofValid,
    'a valid one that is over': { ...ofValid, issue: 'valid' },
    'a suspended one': ofSuspended,
    'a suspended one that is over': { renew: 'suspended', revoke: 'revoked', issue: 'valid' },
    'a revoked one': { issue: 'valid' },
    'a revoked one that is over': { issue: 'valid' },
    'a valid one of a suspended counter': ofValid,
    'no licence of a suspended counter': { issue: 'valid' },
    'no licence of a counter that left': {},
    'a valid one of a counter that left': {},
    'a suspended one of a counter that left': {},
  };
  const rows = Object.entries(allowed).flatMap(([state, cells]) =>
    names.map((name) => [name, state, cells[name] ?? 'command-refused'] as const),
  );

  it.each(rows)('%s when there is %s: %s', async (name, state, expected) => {
    const standing = new Map(Object.entries(states)).get(state) ?? [];
    const came = async () =>
      participantIn(await run(name, standing), id).licence?.status ?? 'no licence';

    expect(await outcomeOf(came())).toBe(expected);
  });
});

describe('what a command writes', () => {
  const [standing] = withLicence({ status: 'suspended' }, { reason: 'پیش از این' });

  it('issue: the licence alone, and takes away the reason that the last one had', async () => {
    const last = withLicence({ status: 'revoked' }, { reason });

    expect(await run('issue', last)).toEqual([
      counterOf(id, { licence: { ...terms, status: 'valid' }, keys: 2, version: 8 }),
    ]);
  });

  it('issue: keeps the reason for which the counter is suspended', async () => {
    const last = counterOf(id, { licence: undefined, status: 'suspended', reason });

    expect(await run('issue', [last])).toEqual([
      { ...last, licence: { ...terms, status: 'valid' }, version: 2 },
    ]);
  });

  it('renew: the end alone; a suspended one stays suspended', async () => {
    const validUntil = now + 730 * day;

    expect(await run('renew', withLicence({ status: 'suspended' }))).toEqual(
      withLicence({ status: 'suspended', validUntil }, { version: 8 }),
    );
  });

  it.each([
    ['suspend', 'valid', 'suspended'],
    ['reinstate', 'suspended', 'valid'],
    ['revoke', 'valid', 'revoked'],
  ] as const)('%s: status and reason, and leaves the rest', async (name, from, status) => {
    expect(await run(name, withLicence({ status: from }, { reason: 'پیش از این' }))).toEqual(
      withLicence({ status }, { reason, version: 8 }),
    );
    expect(standing).toMatchObject({ reason: 'پیش از این', version: 7 });
  });
});

describe('the term of a new licence', () => {
  const none = states['no licence'];
  const until = 'invalid-claims /cmd/with/licence/validUntil';
  const from = 'invalid-claims /cmd/with/licence/validFrom';

  it.each([
    ['begins and ends as late as it may', now + tenYears, now + 2 * tenYears, 'done'],
    ['begins later than in ten years', now + tenYears + 1, now + tenYears + 2, from],
    ['began long ago', now + 1 - tenYears, now + 1, 'done'],
    ['is longer than ten years', now - tenYears, now + 1, until],
    ['is ten years', now, now + tenYears, 'done'],
    ['is ten years and a millisecond', now, now + tenYears + 1, until],
    ['is a millisecond', now, now + 1, 'done'],
    ['is nothing', now + 1, now + 1, until],
    ['ends before it begins', now + 2, now + 1, until],
    ['ends now', now - 1, now, until],
    ['is over', now - 2, now - 1, until],
  ])('that %s', async (_, validFrom, validUntil, expected) => {
    expect(await verdict('issue', none, { licence: { ...terms, validFrom, validUntil } })).toBe(
      expected,
    );
  });
});

describe('the end that a licence is renewed to', () => {
  const until = 'invalid-claims /cmd/with/validUntil';

  it.each([
    ['a millisecond later', before.validUntil + 1, 'done'],
    ['the same', before.validUntil, 'command-refused'],
    ['earlier', before.validUntil - 1, 'command-refused'],
    ['ten years from now', now + tenYears, 'done'],
    ['a millisecond more', now + tenYears + 1, until],
    ['now', now, until],
    ['past', now - 1, until],
    ['no whole number', '2030', until],
  ] satisfies readonly (readonly [string, JsonValue, string])[])(
    'is %s',
    async (_, validUntil, expected) => {
      expect(await verdict('renew', states['a valid one'], { validUntil })).toBe(expected);
    },
  );

  it('is in the future also when the licence was over long ago', async () => {
    const standing = withLicence({ status: 'valid', validUntil: now - 10 * day });

    expect(await verdict('renew', standing, { validUntil: now - day })).toBe(until);
    expect(await verdict('renew', standing, { validUntil: now + 1 })).toBe('done');
  });
});

describe('the number of a new licence', () => {
  it.each(['a revoked one', 'a valid one that is over', 'a suspended one that is over'] as const)(
    'is another than that of %s before, in whatever digits',
    async (state) => {
      for (const number of ['72-11-0345', '72110345', '۷۲-۱۱-۰۳۴۵', '٧٢-١١-٠٣٤٥']) {
        expect(await verdict('issue', states[state], { licence: { ...terms, number } })).toBe(
          'command-refused',
        );
      }
    },
  );
});

describe('the content', () => {
  it.each(names)('of %s is about a counter', async (name) => {
    for (const role of roles) {
      const of = `${role}:72110345`;
      const standing = [agencyOf(of, { licence: { ...before, status: 'suspended' } })];
      const verdictNow = await verdict(name, standing, { id: of });
      const aboutCounter = verdictNow !== 'invalid-claims /cmd/with/id';
      expect([role, aboutCounter]).toEqual([role, role === 'counter']);
    }
  });

  it.each(names)('of %s holds no other member', async (name) => {
    expect(await verdict(name, states['a valid one'], { status: 'valid' })).toBe(
      'invalid-claims /cmd/with',
    );
  });

  it.each(['suspend', 'reinstate', 'revoke'] as const)('of %s gives a reason', async (name) => {
    const pointer = 'invalid-claims /cmd/with/reason';

    expect(await verdict(name, states['a valid one'], { reason: '' })).toContain(pointer);
    expect(await verdict(name, states['a valid one'], { reason: 'کد ۰۴۹۹۳۷۰۸۹' })).toBe(pointer);
  });

  it.each(['number', 'issuer', 'province', 'city'] as const)(
    'has a plain text for the %s of a licence',
    async (member) => {
      const none = states['no licence'];
      for (const text of ['', ' ', 'ت\n', 'ت\u202Eه', 'ت'.repeat(121), undefined]) {
        const licence = withMembers({ [member]: text })(terms);
        expect(await verdict('issue', none, { licence })).toContain(
          `invalid-claims /cmd/with/licence/${member}`,
        );
      }
    },
  );

  it('does not say the status of a licence', async () => {
    expect(
      await verdict('issue', states['no licence'], { licence: { ...terms, status: 'valid' } }),
    ).toBe('invalid-claims /cmd/with/licence');
  });
});

describe('by whom', () => {
  const rows = names.flatMap((name) => roles.map((role) => [name, role] as const));

  it.each(rows)('%s sent by a %s', async (name, role) => {
    const state =
      name === 'issue' ? 'no licence' : name === 'reinstate' ? 'a suspended one' : 'a valid one';
    const expected = role === 'registrar' ? 'done' : 'wrong-role';

    expect(await verdict(name, states[state], {}, senderOf(`${role}:any`))).toBe(expected);
  });
});

describe('whatever is sent in whatever order', () => {
  const step = fc.record({
    name: fc.constantFrom('renew', 'suspend', 'reinstate', 'revoke'),
    later: fc.integer({ min: 0, max: 400 * day }),
    validUntil: fc.integer({ min: now - day, max: now + tenYears }),
  });

  const walk = async (
    steps: readonly { name: Name; later: number; validUntil: number }[],
    first: readonly RegistryEntry[],
    look: (licence: ReturnType<typeof participantIn>['licence'], time: number) => void,
  ): Promise<void> => {
    let standing = first;
    let time = now;
    for (const { name, later, validUntil } of steps) {
      time += later;
      const content = name === 'renew' ? { id, validUntil } : { id, reason };
      const by = senderOf(undefined, { now: time });
      const changed = await planOrNothing(
        licenceCommands,
        `licence.${name}`,
        content,
        standing,
        by,
      );
      standing = after(standing, changed);
      look(participantIn(standing, id).licence, time);
    }
  };

  it('a revoked licence stays as it was revoked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const revoked = states['a revoked one'];
        await walk(steps, revoked, (licence) => {
          expect(licence).toEqual(participantIn(revoked, id).licence);
        });
      }),
    );
  });

  it('once revoked on the way, it is never anything else again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        let final = false;
        await walk(steps, states['a valid one'], (licence) => {
          expect(licence?.status === 'revoked' || !final).toBe(true);
          final ||= licence?.status === 'revoked';
          expect(licence?.number).toBe(before.number);
        });
      }),
    );
  });

  it('an end never moves back, and never further than ten years ahead', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        let last: number = before.validUntil;
        await walk(steps, states['a valid one'], (licence, time) => {
          const end = licence?.validUntil ?? 0;
          expect(end).toBeGreaterThanOrEqual(last);
          expect(end === last || end <= time + tenYears).toBe(true);
          last = end;
        });
      }),
    );
  });
});
