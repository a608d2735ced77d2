import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { auditorCommands } from '#shared/registry/commands/auditors.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { Participant } from '#shared/registry/participant.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { judge, plan, senderOf } from './planning.ts';

const id = 'auditor:inspection';
const reason = 'حکم شمارهٔ ۱۲ سازمان';
const inTehran = { kind: 'province', value: 'تهران' };
const ofPolice = { kind: 'agency', value: 'agency:police' };

const contentOf = (change: JsonObject = {}): JsonObject => ({
  id,
  scopes: [inTehran, ofPolice],
  reason,
  ...change,
});

const standingAs = (status: Participant['status'], change = {}): readonly RegistryEntry[] => [
  agencyOf(id, { status, keys: 3, reason: 'پیش از این', version: 7, ...change }),
];

const verdict = (
  change: JsonObject = {},
  standing = standingAs('active'),
  by = senderOf(),
): Promise<string> => judge(auditorCommands, 'auditor.scope', contentOf(change), standing, by);

describe('auditor.scope', () => {
  it('writes the scopes and the reason, and leaves the rest', async () => {
    const [standing] = standingAs('active', { scopes: [{ kind: 'all' }] });
    if (standing === undefined) throw new Error('There is no auditor.');

    const changed = await plan(auditorCommands, 'auditor.scope', contentOf(), [standing]);

    const scopes = [inTehran, ofPolice];
    expect(changed).toEqual([{ ...standing, scopes, reason, version: 8 }]);
  });

  it('takes everything away with an empty list', async () => {
    const content = contentOf({ scopes: [] });

    expect(await plan(auditorCommands, 'auditor.scope', content, standingAs('active'))).toEqual([
      expect.objectContaining({ id, scopes: [] }),
    ]);
  });

  it.each([
    ['active', 'done'],
    ['suspended', 'done'],
    ['left', 'command-refused'],
  ] as const)('of one who is %s: %s', async (status, expected) => {
    expect(await verdict({}, standingAs(status))).toBe(expected);
  });

  it('of one that is not registered is refused', async () => {
    expect(await verdict({}, [])).toBe('command-refused');
  });

  it.each(roles)('sent by a %s', async (role) => {
    const expected = role === 'registrar' ? 'done' : 'wrong-role';

    expect(await verdict({}, standingAs('active'), senderOf(`${role}:any`))).toBe(expected);
  });

  it.each(roles.filter((role) => role !== 'auditor'))('is not for a %s', async (role) => {
    const other = `${role}:some`;

    expect(await verdict({ id: other }, [agencyOf(other)])).toBe('invalid-claims /cmd/with/id');
  });

  const provinces = (count: number): readonly JsonValue[] =>
    Array.from({ length: count }, (_, n) => ({ kind: 'province', value: `استان ${n}` }));

  it.each<[string, JsonObject, string]>([
    ['32 scopes', { scopes: [...provinces(32)] }, 'done'],
    ['33 scopes', { scopes: [...provinces(33)] }, 'invalid-claims /cmd/with/scopes'],
    ['one twice', { scopes: [inTehran, ofPolice, inTehran] }, 'invalid-claims /cmd/with/scopes'],
    [
      'everything twice',
      { scopes: [{ kind: 'all' }, { kind: 'all' }] },
      'invalid-claims /cmd/with/scopes',
    ],
    [
      'a scope that is none',
      { scopes: [{ kind: 'agency', value: 'counter:1' }] },
      'invalid-claims /cmd/with/scopes/0/value',
    ],
    ['no list', { scopes: 'all' }, 'invalid-claims /cmd/with/scopes'],
    ['a member more', { until: 0 }, 'invalid-claims /cmd/with'],
    ['a person in the reason', { reason: 'کد ملی ۰۴۹۹۳۷۰۸۹۹' }, 'invalid-claims /cmd/with/reason'],
  ])('with %s', async (_, change, expected) => {
    expect(await verdict(change)).toBe(expected);
  });

  it('gives its scopes and its reason', async () => {
    const judgeWhole = (content: JsonObject) =>
      judge(auditorCommands, 'auditor.scope', content, standingAs('active'));

    expect(await judgeWhole({ id, reason })).toBe('invalid-claims /cmd/with/scopes');
    expect(await judgeWhole({ id, scopes: [] })).toBe('invalid-claims /cmd/with/reason');
  });
});
