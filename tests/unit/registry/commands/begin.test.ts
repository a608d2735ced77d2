import { beforeAll, describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { beginCommands } from '#shared/registry/commands/begin.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { makeKey, testNow as now, type TestKey } from '#tests/support/messages.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { judge, plan, senderOf, tenYears } from './planning.ts';

const id = 'registrar:cra';
const title = { fa: 'سازمان تنظیم مقررات', en: 'Regulatory authority' };

let key: TestKey;

beforeAll(async () => {
  key = await makeKey('ES256', id);
});

const contentOf = (change: JsonObject = {}): JsonObject => ({
  id,
  title,
  jwk: key.jwk,
  label: 'registry desk',
  ...change,
});

const verdict = (
  change: JsonObject = {},
  standing: readonly RegistryEntry[] = [],
  by = senderOf(id, { kid: key.kid }),
) => judge(beginCommands, 'registry.begin', contentOf(change), standing, by);

describe('registry.begin', () => {
  it('writes the registrar and its officer key of ten years', async () => {
    const by = senderOf(id, { kid: key.kid });

    expect(await plan(beginCommands, 'registry.begin', contentOf(), [], by)).toEqual([
      { kind: 'participant', id, title, status: 'active', keys: 1, version: 1 },
      {
        kind: 'key',
        kid: key.kid,
        jwk: key.jwk,
        owner: id,
        label: 'registry desk',
        status: 'active',
        role: 'officer',
        notBefore: now,
        notAfter: now + tenYears,
        version: 1,
      },
    ]);
  });

  it('is refused when the registrar or the key stands', async () => {
    expect(await verdict({}, [agencyOf(id)])).toBe('command-refused');
    expect(await verdict({}, [agencyOf(id, { status: 'left' })])).toBe('command-refused');
    expect(await verdict({}, [keyEntryOf(key)])).toBe('command-refused');
    expect(await verdict({}, [agencyOf('agency:post')])).toBe('done');
  });

  it('is signed by the key in it, as the registrar in it', async () => {
    expect(await verdict({}, [], senderOf(id))).toBe('wrong-role');
    expect(await verdict({}, [], senderOf('registrar:other', { kid: key.kid }))).toBe('wrong-role');
  });

  it.each(roles)('by a %s', async (role) => {
    const of = `${role}:cra`;
    const expected = role === 'registrar' ? 'done' : 'wrong-role';

    expect(await verdict({ id: of }, [], senderOf(of, { kid: key.kid }))).toBe(expected);
  });

  it.each<[string, JsonObject, string]>([
    ['begins with anybody else', { id: 'agency:post' }, '/id'],
    ['has a title in one language', { title: { fa: 'سازمان' } }, '/title/en'],
    ['has a number for a label', { label: '0499370899' }, '/label'],
    ['has a secret key', { jwk: { kty: 'oct', k: 'AAAA' } }, '/jwk/k'],
    ['says the role', { role: 'officer' }, ''],
  ])('is refused when it %s', async (_, change, pointer) => {
    expect(await verdict(change)).toBe(`invalid-claims /cmd/with${pointer}`);
  });
});
