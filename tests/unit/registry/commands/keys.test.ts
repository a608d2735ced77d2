import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { InquiryId } from '#shared/kernel/id.ts';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { receiveKeyProof } from '#shared/message/receive.ts';
import type { Sender } from '#shared/registry/commands/command.ts';
import { keyCommands } from '#shared/registry/commands/keys.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import {
  clockAt,
  directoryOf,
  inquiryIdAt,
  makeKey,
  testNow as now,
  registered,
  type TestKey,
  withMembers,
} from '#tests/support/messages.ts';
import { agencyOf, counterOf, keyEntryOf } from '#tests/support/registry.ts';
import { buildProof } from './key-proof.ts';
import {
  after,
  commandId,
  commandsUrl,
  day,
  judge,
  minute,
  participantIn,
  plan,
  planOrNothing,
  senderOf,
  tenYears,
} from './planning.ts';

const id = 'counter:72110345';
const reason = 'کلید گم شده است';
const owner = counterOf(id, { keys: 3, version: 7 });
const signing = 'S'.repeat(43);

let key: TestKey;
let other: TestKey;

beforeAll(async () => {
  key = await makeKey('ES256', id);
  other = await makeKey('Ed25519', id);
});

const contentOf = async (change: JsonObject = {}, of = key, to = id): Promise<JsonObject> => ({
  owner: to,
  jwk: of.jwk,
  label: 'till-3',
  role: 'station',
  notBefore: now,
  notAfter: now + 365 * day,
  proof: await buildProof(of, { iss: to }),
  ...change,
});

const addVerdict = async (
  change: JsonObject = {},
  standing: readonly RegistryEntry[] = [owner],
  by?: Sender,
) => judge(keyCommands, 'key.add', await contentOf(change), standing, by);

const revokeVerdict = (
  change: JsonObject,
  standing: readonly RegistryEntry[],
  by: Sender = senderOf(),
) => judge(keyCommands, 'key.revoke', { kid: key.kid, reason, ...change }, standing, by);

const standingKey = (change: JsonObject = {}): RegistryEntry =>
  keyEntryOf(key, { role: 'officer', notBefore: now - day, version: 4, ...change });

const revokedKey = (): RegistryEntry =>
  standingKey({ status: 'revoked', revoked: { reason, from: now } });

describe('key.add', () => {
  it('writes the key as the command says, and one key more to its owner', async () => {
    const jwk = { ...key.jwk, use: 'sig', kid: key.kid };

    expect(await plan(keyCommands, 'key.add', await contentOf({ jwk }), [owner])).toEqual([
      {
        kind: 'key',
        kid: key.kid,
        jwk: key.jwk,
        owner: id,
        label: 'till-3',
        status: 'active',
        role: 'station',
        notBefore: now,
        notAfter: now + 365 * day,
        version: 1,
      },
      { ...owner, keys: 4, version: 8 },
    ]);
  });

  it('takes keys of both curves', async () => {
    expect(await judge(keyCommands, 'key.add', await contentOf({}, other), [owner])).toBe('done');
  });

  it('counts from nothing what stood before there were commands', async () => {
    const standing = [counterOf(id, { version: 7 })];
    const planned = await plan(keyCommands, 'key.add', await contentOf(), standing);

    expect(participantIn(planned, id).keys).toBe(1);
  });

  it.each([
    [0, 'done'],
    [63, 'done'],
    [64, 'command-refused'],
    [65, 'command-refused'],
  ])('with %i keys of its owner on record: %s', async (keys, expected) => {
    expect(await addVerdict({}, [{ ...owner, keys }])).toBe(expected);
  });

  it.each(['active', 'suspended', 'left'] as const)(
    'for a participant that is %s',
    async (status) => {
      const expected = status === 'active' ? 'done' : 'command-refused';

      expect(await addVerdict({}, [{ ...owner, status }])).toBe(expected);
    },
  );

  it('for nobody', async () => {
    expect(await addVerdict({}, [])).toBe('command-refused');
  });

  it('for the exchange', async () => {
    const exchange = agencyOf('exchange:main');
    const content = await contentOf({}, key, exchange.id);

    expect(await judge(keyCommands, 'key.add', content, [exchange])).toBe(
      'invalid-claims /cmd/with/owner',
    );
  });

  it('once and for all: not again while it stands, nor when it is revoked', async () => {
    expect(await addVerdict({}, [owner, standingKey()])).toBe('command-refused');
    expect(await addVerdict({}, [owner, revokedKey()])).toBe('command-refused');
    expect(await addVerdict({}, [owner, standingKey({ owner: 'agency:post' })])).toBe(
      'command-refused',
    );
  });

  const keyRoles = ['station', 'server', 'officer'] as const;
  const rows = roles
    .filter((role) => role !== 'exchange')
    .flatMap((role) => keyRoles.map((keyRole) => [keyRole, role] as const));

  it.each(rows)('as a %s of one with the role %s', async (keyRole, role) => {
    const to = `${role}:some`;
    const content = await contentOf({ role: keyRole }, key, to);
    const refused = role === 'agency' && keyRole === 'station';

    expect(await judge(keyCommands, 'key.add', content, [agencyOf(to)])).toBe(
      refused ? 'invalid-claims /cmd/with/role' : 'done',
    );
  });
});

describe('the span of a key', () => {
  const begins = 'invalid-claims /cmd/with/notBefore';
  const ends = 'invalid-claims /cmd/with/notAfter';

  it.each([
    ['begins a minute ago', now - minute, now + 1, 'done'],
    ['begins more than a minute ago', now - minute - 1, now + 1, begins],
    ['begins long ago', 0, now + 1, begins],
    ['begins in ten years', now + tenYears, now + tenYears + 1, 'done'],
    ['begins later than that', now + tenYears + 1, now + tenYears + 2, begins],
    ['ends as it begins', now + 1, now + 1, ends],
    ['ends before it begins', now + 2, now + 1, ends],
    ['ends now', now - 1, now, ends],
    ['ended', now - 2, now - 1, ends],
    ['is ten years', now, now + tenYears, 'done'],
    ['is longer', now, now + tenYears + 1, ends],
  ])('that %s', async (_, notBefore, notAfter, expected) => {
    expect(await addVerdict({ notBefore, notAfter })).toBe(expected);
  });
});

describe('the label of a key', () => {
  it.each([['a'], ['till-3'], ['پیشخوان ۳'], ['till 12345678'], ['ا'.repeat(60)]])(
    'may be %s',
    async (label) => {
      expect(await addVerdict({ label })).toBe('done');
    },
  );

  it.each<[JsonValue]>([
    [''],
    [' till'],
    ['-'],
    ['ا'.repeat(61)],
    ['till 123456789'],
    ['till ۰۴۹-۹۳۷-۰۸۹'],
    ['till\n3'],
    ['till\u202E3'],
    [3],
  ])('is not %j', async (label) => {
    expect(await addVerdict({ label })).toContain('invalid-claims /cmd/with/label');
  });
});

describe('the proof of possession', () => {
  const refused = 'invalid-claims /cmd/with/proof';
  const seconds = Math.floor(now / 1000);

  it.each<[string, JsonObject]>([
    ['names another owner', { iss: 'counter:72110346' }],
    ['names another address', { aud: 'https://exchange.example/v1/inquiries' }],
    ['names another exchange', { aud: 'https://other.example/v1/commands' }],
    ['is for another command', { cmd_id: inquiryIdAt(now) }],
    ['has expired', { iat: seconds - 120, exp: seconds - 60 }],
    ['lives too long', { exp: seconds + 301 }],
    ['is of the future', { iat: seconds + 120, exp: seconds + 180 }],
    ['ends before it begins', { exp: seconds - 1 }],
    ['says more than it should', { role: 'officer' }],
  ])('that %s', async (_, claims) => {
    const proof = await buildProof(key, { iss: id, ...claims });

    expect(await addVerdict({ proof })).toBe(refused);
  });

  it.each(['iss', 'aud', 'iat', 'exp', 'jti', 'cmd_id'])('without %s', async (member) => {
    const proof = await buildProof(key, {}, { claims: withMembers({ [member]: undefined }) });

    expect(await addVerdict({ proof })).toBe(refused);
  });

  it('by another key, under either name', async () => {
    const named = withMembers({ kid: key.kid, alg: key.alg });

    expect(await addVerdict({ proof: await buildProof(other) })).toBe(refused);
    expect(await addVerdict({ proof: await buildProof(other, {}, { header: named }) })).toBe(
      refused,
    );
  });

  it('by another key of the same curve under its name', async () => {
    const third = await makeKey('ES256', id);
    const header = withMembers({ kid: key.kid });

    expect(await addVerdict({ proof: await buildProof(third, {}, { header }) })).toBe(refused);
  });

  it('by the key under the name of another', async () => {
    const header = withMembers({ kid: other.kid });

    expect(await addVerdict({ proof: await buildProof(key, {}, { header }) })).toBe(refused);
  });

  it('of another typ', async () => {
    const header = withMembers({ typ: 'inq-command+jwt' });

    expect(await addVerdict({ proof: await buildProof(key, {}, { header }) })).toBe(refused);
  });

  it('that is no message at all', async () => {
    for (const proof of ['x', 'a.b.c', 'سلام']) expect(await addVerdict({ proof })).toBe(refused);
    for (const proof of ['', 'x'.repeat(2049), 7]) {
      expect(await addVerdict({ proof })).toContain(refused);
    }
  });

  it('holds for a key that begins later', async () => {
    expect(await addVerdict({ notBefore: now + day })).toBe('done');
  });

  it('is refused for the same key under another command', async () => {
    const command = InquiryId.parse(inquiryIdAt(now));

    expect(await addVerdict({}, [owner], senderOf(undefined, { command }))).toBe(refused);
  });

  it('is a message that anybody can check with the key', async () => {
    const keyOf = directoryOf([await registered(key)]);
    const proof = await buildProof(key);
    const { claims } = await receiveKeyProof(proof, {
      audience: commandsUrl,
      keyOf,
      now: clockAt(now),
    });

    expect(claims.cmd_id).toBe(commandId);
  });
});

describe('key.revoke', () => {
  it('writes reason and time, now unless it is said, and one key less to its owner', async () => {
    const standing = [owner, standingKey()];
    const revoke = (change: JsonObject) =>
      plan(keyCommands, 'key.revoke', { kid: key.kid, reason, ...change }, standing);
    const revoked = (from: number) => [
      { ...standingKey(), status: 'revoked', revoked: { reason, from }, version: 5 },
      { ...owner, keys: 2, version: 8 },
    ];

    expect(await revoke({})).toEqual(revoked(now));
    expect(await revoke({ from: now - day })).toEqual(revoked(now - day));
  });

  it.each([
    [3, 2],
    [1, 0],
    [0, 0],
    [undefined, 0],
  ])('of an owner with %s keys leaves %i', async (keys, left) => {
    const standing = [counterOf(id, { keys }), standingKey()];
    const planned = await plan(keyCommands, 'key.revoke', { kid: key.kid, reason }, standing);

    expect(participantIn(planned, id).keys).toBe(left);
  });

  it.each([
    ['a minute ahead', now + minute, 'done'],
    ['more than a minute ahead', now + minute + 1, 'invalid-claims /cmd/with/from'],
    ['now', now, 'done'],
    ['when the key began', now - day, 'done'],
    ['before the key began', now - day - 1, 'command-refused'],
    ['no time', -1, 'invalid-claims /cmd/with/from'],
  ])('from %s', async (_, from, expected) => {
    expect(await revokeVerdict({ from }, [owner, standingKey()])).toBe(expected);
  });

  it('takes back a key that has not begun', async () => {
    const standing = [owner, standingKey({ notBefore: now + day })];

    expect(await revokeVerdict({}, standing)).toBe('done');
    expect(await revokeVerdict({ from: now }, standing)).toBe('done');
    expect(await revokeVerdict({ from: now - 1 }, standing)).toBe('command-refused');
  });

  it.each(['active', 'suspended', 'left'] as const)('of an owner that is %s', async (status) => {
    expect(await revokeVerdict({}, [{ ...owner, status }, standingKey()])).toBe('done');
  });

  it('of a key that has run out, so that it counts no more', async () => {
    expect(await revokeVerdict({}, [owner, standingKey({ notAfter: now })])).toBe('done');
  });

  it('also when its owner is not on record', async () => {
    expect(
      await plan(keyCommands, 'key.revoke', { kid: key.kid, reason }, [standingKey()]),
    ).toEqual([
      { ...standingKey(), status: 'revoked', revoked: { reason, from: now }, version: 5 },
    ]);
  });

  it('of no key, or of one that is revoked', async () => {
    expect(await revokeVerdict({}, [owner])).toBe('command-refused');
    expect(await revokeVerdict({}, [owner, revokedKey()])).toBe('command-refused');
  });

  it('of the very key that a registrar signs it with', async () => {
    const own = standingKey({ owner: 'registrar:cra' });
    const standing = [agencyOf('registrar:cra', { keys: 2 }), own];
    const by = (kid: string) => senderOf('registrar:cra', { kid });

    expect(await revokeVerdict({}, standing, by(key.kid))).toBe('command-refused');
    expect(await revokeVerdict({}, standing, by(signing))).toBe('done');
  });

  it('of the key that a counter signs it with', async () => {
    const by = senderOf(id, { kid: key.kid });

    expect(await revokeVerdict({}, [owner, standingKey()], by)).toBe('done');
  });

  it('with a reason', async () => {
    expect(await revokeVerdict({ reason: '' }, [owner, standingKey()])).toContain(
      'invalid-claims /cmd/with/reason',
    );
    expect(await revokeVerdict({ reason: '0499370899' }, [owner, standingKey()])).toBe(
      'invalid-claims /cmd/with/reason',
    );
  });
});

describe('by whom', () => {
  const senders: readonly (readonly [string, Sender, string])[] = [
    ['an officer of the registrar', senderOf(), 'done'],
    ['an officer of the owner', senderOf(id), 'done'],
    ['a server of the registrar', senderOf(undefined, { keyRole: 'server' }), 'wrong-role'],
    ['a station of the owner', senderOf(id, { keyRole: 'station' }), 'wrong-role'],
    ['a server of the owner', senderOf(id, { keyRole: 'server' }), 'wrong-role'],
    ['an officer of another counter', senderOf('counter:72110346'), 'wrong-role'],
    ...roles
      .filter((role) => role !== 'registrar')
      .map(
        (role) => [`an officer of some ${role}`, senderOf(`${role}:any`), 'wrong-role'] as const,
      ),
  ];

  it.each(senders)('%s', async (_, by, expected) => {
    expect(await addVerdict({}, [owner], by)).toBe(expected);
    expect(await revokeVerdict({}, [owner, standingKey()], by)).toBe(expected);
  });
});

describe('the content', () => {
  it('of key.add holds all of its members and no other', async () => {
    const content = await contentOf();
    const without = Object.keys(content).map(async (member) => {
      const bent = withMembers({ [member]: undefined })(content);
      return [member, await judge(keyCommands, 'key.add', bent, [owner])] as const;
    });
    for (const [member, verdict] of await Promise.all(without)) {
      expect(verdict).toMatch(new RegExp(`^invalid-claims /cmd/with/${member}`));
    }
    expect(await addVerdict({ status: 'active' })).toBe('invalid-claims /cmd/with');
  });

  it('of key.revoke holds no other member', async () => {
    expect(await revokeVerdict({ status: 'revoked' }, [owner])).toBe('invalid-claims /cmd/with');
    expect(await revokeVerdict({ kid: 'till-3' }, [owner])).toBe('invalid-claims /cmd/with/kid');
  });

  it.each<[string, JsonObject, string]>([
    ['private', { d: 'A'.repeat(43) }, '/d'],
    ['of another curve', { crv: 'P-384' }, '/crv'],
    ['off its curve', { x: 'A'.repeat(43), y: 'A'.repeat(43) }, '/x'],
    ['under another name', { kid: 'A'.repeat(43) }, '/kid'],
    ['for encryption', { use: 'enc' }, '/use'],
    ['with a certificate', { x5c: [] }, ''],
  ])('has no key that is %s', async (_, members, pointer) => {
    expect(await addVerdict({ jwk: { ...key.jwk, ...members } })).toBe(
      `invalid-claims /cmd/with/jwk${pointer}`,
    );
  });

  it('tells nothing of a secret that was sent', async () => {
    const secret = 'U0VDUkVU'.repeat(5);
    const jwk = { ...key.jwk, d: secret };
    const refusal: unknown = await plan(keyCommands, 'key.add', await contentOf({ jwk }), [
      owner,
    ]).catch((error: unknown) => error);

    expect(JSON.stringify([String(refusal), refusal])).not.toContain(secret);
    expect(await judge(keyCommands, 'key.add', await contentOf({ jwk }), [owner])).toBe(
      'invalid-claims /cmd/with/jwk/d',
    );
  });
});

describe('whatever is sent in whatever order', () => {
  const owners = ['counter:a', 'agency:b', 'registrar:c'] as const;
  let keys: readonly { readonly kid: string; readonly content: JsonObject }[] = [];

  beforeAll(async () => {
    keys = await Promise.all(
      owners.flatMap((to) =>
        [0, 1].map(async () => {
          const made = await makeKey('Ed25519', to);
          const content = await contentOf({ role: 'officer' }, made, to);
          return { kid: made.kid, content };
        }),
      ),
    );
  });

  const step = fc.record({
    name: fc.constantFrom('key.add', 'key.revoke'),
    which: fc.nat({ max: 5 }),
    from: fc.constantFrom(...owners, 'registrar:d'),
  });

  const isActiveKey = (entry: RegistryEntry, of: string): boolean =>
    entry.kind === 'key' && entry.owner === of && entry.status === 'active';

  it('each owner counts its active keys, and a revoked key never comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let standing: readonly RegistryEntry[] = owners.map((each) => agencyOf(each, { keys: 0 }));
        const gone = new Set<string>();
        for (const { name, which, from } of steps) {
          const { kid = '', content = {} } = keys[which] ?? {};
          const sent = name === 'key.add' ? content : { kid, reason };
          const changed = await planOrNothing(keyCommands, name, sent, standing, senderOf(from));
          standing = after(standing, changed);
          if (changed.length > 0 && name === 'key.revoke') gone.add(kid);
          for (const each of owners) {
            const active = standing.filter((entry) => isActiveKey(entry, each));
            expect(participantIn(standing, each).keys).toBe(active.length);
            expect(active.some((entry) => entry.kind === 'key' && gone.has(entry.kid))).toBe(false);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('nobody but a registrar and the owner changes a key', async () => {
    await fc.assert(
      fc.asyncProperty(
        step,
        fc.constantFrom('officer', 'server', 'station'),
        async ({ name, which, from }, keyRole) => {
          const { content = {}, kid = '' } = keys[which] ?? {};
          const standing = owners.map((each) => agencyOf(each, { keys: 0 }));
          const added = await plan(keyCommands, 'key.add', content, standing);
          const [before, sent] =
            name === 'key.add' ? [standing, content] : [after(standing, added), { kid, reason }];
          const by = senderOf(from, { keyRole });
          const may =
            keyRole === 'officer' && (by.role === 'registrar' || from === content['owner']);
          expect(await judge(keyCommands, name, sent, before, by)).toBe(
            may ? 'done' : 'wrong-role',
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
