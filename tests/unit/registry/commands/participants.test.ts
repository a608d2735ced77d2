import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { participantCommands } from '#shared/registry/commands/participants.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { Participant } from '#shared/registry/participant.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';
import {
  after,
  judge,
  otherRegistrar,
  outcomeOf,
  participantIn,
  plan,
  planOrNothing,
  registrar,
  senderOf,
} from './planning.ts';

const id = 'counter:72110345';
const title = { fa: 'دفتر پیشخوان ۷۲۱۱۰۳۴۵', en: 'Counter 72110345' };
const reason = 'بازدید حضوری';

const names = ['register', 'rename', 'suspend', 'reinstate', 'leave'] as const;
type Name = (typeof names)[number];

const contentOf = (name: Name, of = id): JsonObject =>
  name === 'register' || name === 'rename' ? { id: of, title } : { id: of, reason };

const run = (name: Name, standing: readonly RegistryEntry[], by = senderOf(), of = id) =>
  plan(participantCommands, `participant.${name}`, contentOf(name, of), standing, by);

const tryRun = (name: Name, standing: readonly RegistryEntry[], by = senderOf(), of = id) =>
  planOrNothing(participantCommands, `participant.${name}`, contentOf(name, of), standing, by);

const verdict = (name: Name, standing: readonly RegistryEntry[], by = senderOf(), of = id) =>
  judge(participantCommands, `participant.${name}`, contentOf(name, of), standing, by);

const standingAs = (status: Participant['status'] | 'none', of = id): readonly RegistryEntry[] =>
  status === 'none' ? [] : [agencyOf(of, { status, keys: 3, reason: 'پیش از این', version: 7 })];

describe('what a command does to a participant as it stands', () => {
  const table = {
    none: { register: 'active' },
    active: { rename: 'active', suspend: 'suspended', leave: 'left' },
    suspended: { rename: 'suspended', reinstate: 'active', leave: 'left' },
    left: {},
  } as const;
  const rows = (['none', 'active', 'suspended', 'left'] as const).flatMap((status) => {
    const allowed: Partial<Record<Name, string>> = table[status];
    return names.map((name) => [name, status, allowed[name] ?? 'command-refused'] as const);
  });

  it.each(rows)('%s when %s stands: %s', async (name, status, expected) => {
    const came = async () => participantIn(await run(name, standingAs(status)), id).status;

    expect(await outcomeOf(came())).toBe(expected);
  });
});

describe('what a command writes', () => {
  it('register: an active participant without keys, and nothing else', async () => {
    expect(await run('register', [])).toEqual([
      { kind: 'participant', id, title, status: 'active', keys: 0, version: 1 },
    ]);
  });

  it('rename: the title, and leaves the rest', async () => {
    const standing = counterOf(id, { keys: 3, reason, version: 7 });

    expect(await run('rename', [standing])).toEqual([{ ...standing, title, version: 8 }]);
  });

  it.each([
    ['suspend', 'active', 'suspended'],
    ['reinstate', 'suspended', 'active'],
    ['leave', 'suspended', 'left'],
  ] as const)('%s: status and reason, and leaves the rest', async (name, from, status) => {
    const standing = counterOf(id, { keys: 3, reason: 'پیش از این', status: from, version: 7 });

    expect(await run(name, [standing])).toEqual([{ ...standing, status, reason, version: 8 }]);
  });
});

describe('who is registered', () => {
  it.each(roles)('a participant of the role %s', async (role) => {
    const expected = role === 'exchange' ? 'invalid-claims /cmd/with/id' : 'done';

    expect(await verdict('register', [], senderOf(), `${role}:some`)).toBe(expected);
  });

  it.each(names)('the exchange itself is not there for %s', async (name) => {
    expect(await verdict(name, [agencyOf('exchange:main')], senderOf(), 'exchange:main')).toBe(
      'invalid-claims /cmd/with/id',
    );
  });
});

describe('a title', () => {
  const judgeTitle = (change: JsonObject) =>
    judge(participantCommands, 'participant.register', { id, title: { ...title, ...change } }, []);

  it.each([
    ['one character', 'ا'],
    ['120 characters', 'ا'.repeat(120)],
    ['a ZWNJ, as Persian spelling has it', 'پیشخوان‌های شهر'],
    ['punctuation', 'دفتر «مرکزی» (شعبهٔ ۲)'],
  ])('may be %s', async (_, text) => {
    expect(await judgeTitle({ fa: text })).toBe('done');
    expect(await judgeTitle({ en: text })).toBe('done');
  });

  it.each<[string, JsonValue]>([
    ['empty', ''],
    ['121 characters', 'ا'.repeat(121)],
    ['nothing but space', ' '],
    ['nothing but a ZWNJ', '\u200C'],
    ['with space around it', ' دفتر'],
    ['with a line break', 'دفتر\nمرکزی'],
    ['with a NUL', 'دفتر\u0000'],
    ['with a C1 control', 'دفتر\u0085مرکزی'],
    ['with a line separator', 'دفتر\u2028مرکزی'],
    ['with a right-to-left override', 'دفتر\u202Eمرکزی'],
    ['with an isolate', 'دفتر\u2067مرکزی'],
    ['with an Arabic letter mark', 'دفتر\u061Cمرکزی'],
    ['with a byte order mark', '\uFEFFدفتر'],
    ['a number', 7],
  ])('is not %s', async (_, text) => {
    expect(await judgeTitle({ fa: text })).toContain('invalid-claims /cmd/with/title/fa');
    expect(await judgeTitle({ en: text })).toContain('invalid-claims /cmd/with/title/en');
  });

  it('is in both languages and no other', async () => {
    const judgeWhole = (whole: JsonObject) =>
      judge(participantCommands, 'participant.register', { id, title: whole }, []);

    expect(await judgeWhole({ fa: 'دفتر' })).toBe('invalid-claims /cmd/with/title/en');
    expect(await judgeWhole({ ...title, ar: 'مكتب' })).toBe('invalid-claims /cmd/with/title');
  });
});

describe('the content', () => {
  it.each(names)('of %s holds no other member', async (name) => {
    const content = { ...contentOf(name), status: 'active' };

    expect(await judge(participantCommands, `participant.${name}`, content, [])).toBe(
      'invalid-claims /cmd/with',
    );
  });

  it.each(['suspend', 'reinstate', 'leave'] as const)('of %s gives a reason', async (name) => {
    const judgeReason = (content: JsonObject) =>
      judge(participantCommands, `participant.${name}`, content, standingAs('active'));

    expect(await judgeReason({ id })).toBe('invalid-claims /cmd/with/reason');
    expect(await judgeReason({ id, reason: 'کد ملی ۰۴۹۹۳۷۰۸۹۹' })).toBe(
      'invalid-claims /cmd/with/reason',
    );
  });
});

describe('one registrar always remains', () => {
  const changing = ['suspend', 'reinstate', 'leave'] as const;

  it.each(changing)('none can %s itself', async (name) => {
    for (const status of ['active', 'suspended'] as const) {
      const itself = { ...registrar, status };
      const verdictNow = await verdict(name, [itself, otherRegistrar], senderOf(), registrar.id);
      expect(verdictNow).toBe('command-refused');
    }
  });

  it('one may suspend, reinstate and remove another', async () => {
    const other = { ...otherRegistrar, status: 'suspended' } as const;
    const of = otherRegistrar.id;

    expect(await verdict('suspend', [registrar, otherRegistrar], senderOf(), of)).toBe('done');
    expect(await verdict('reinstate', [registrar, other], senderOf(), of)).toBe('done');
    expect(await verdict('leave', [registrar, otherRegistrar], senderOf(), of)).toBe('done');
  });

  it.each(changing)('one that is not active itself cannot %s another', async (name) => {
    const status = name === 'reinstate' ? 'suspended' : 'active';
    for (const own of ['suspended', 'left'] as const) {
      const standing = [
        { ...registrar, status: own },
        { ...otherRegistrar, status },
      ] as const;
      expect(await verdict(name, standing, senderOf(), otherRegistrar.id)).toBe('wrong-role');
    }
  });

  it('after whatever they do to each other', async () => {
    const ids = ['registrar:a', 'registrar:b', 'registrar:c'];
    const step = fc.tuple(
      fc.constantFrom(...changing),
      fc.constantFrom(...ids),
      fc.constantFrom(...ids),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        let standing: readonly RegistryEntry[] = ids.map((each) => agencyOf(each));
        for (const [name, from, of] of steps) {
          const changed = await tryRun(name, standing, senderOf(from), of);
          standing = after(standing, changed);
          expect(standing.some((entry) => 'status' in entry && entry.status === 'active')).toBe(
            true,
          );
        }
      }),
    );
  });
});

describe('by whom', () => {
  const rows = names.flatMap((name) => roles.map((role) => [name, role] as const));

  it.each(rows)('%s sent by a %s', async (name, role) => {
    const status = name === 'register' ? 'none' : name === 'reinstate' ? 'suspended' : 'active';
    const expected = role === 'registrar' ? 'done' : 'wrong-role';

    expect(await verdict(name, standingAs(status), senderOf(`${role}:any`))).toBe(expected);
  });
});

describe('whatever is sent in whatever order', () => {
  it('a participant that has left never changes again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { maxLength: 20 }), async (steps) => {
        let standing: readonly RegistryEntry[] = [];
        let gone: readonly RegistryEntry[] | undefined;
        for (const name of steps) {
          const changed = await tryRun(name, standing);
          standing = after(standing, changed);
          expect(standing).toEqual(gone ?? standing);
          if (changed.length > 0 && name === 'leave') gone = standing;
        }
        expect(standing.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
