import { describe, expect, it } from 'vitest';
import { InquiryId } from '#shared/kernel/id.ts';
import { commands } from '#shared/registry/commands/index.ts';
import { accessName, participantName } from '#shared/registry/entry.ts';
import { readState } from '#shared/registry/read-state.ts';
import { change } from '#tests/support/changes.ts';
import {
  buildCommand,
  commandIdAt,
  counterId,
  makeCommanded,
  refusalOf,
  registrarOf,
  reinstate,
  type Said,
  suspend,
} from '#tests/support/commands.ts';
import { payloadOf } from '#tests/support/exchange.ts';
import { makeKey, testNow, withMembers } from '#tests/support/messages.ts';
import { counterOf, keyEntryOf } from '#tests/support/registry.ts';

const minutes = 60_000;

describe('a command', () => {
  it('takes effect under the next number, and is on record with all that it led to', async () => {
    const stage = await makeCommanded();
    const text = await buildCommand(suspend(1), { key: stage.keys.registrar, now: testNow });
    const n = stage.begun + 1;
    const entry = { kind: 'participant', key: 'counter:1', version: 2 };
    expect(await stage.run(text)).toEqual({ n, t: testNow, entries: [entry], repeated: false });
    const standing = await stage.registry.store.findParticipant('counter:1');
    expect(standing).toMatchObject({ status: 'suspended', version: 2, n });
    expect(await stage.registry.store.version()).toBe(n);
    const [leaf] = stage.leaves();
    expect(leaf).toMatchObject({ n, t: testNow, command: text });
    expect(JSON.parse(leaf?.entries ?? '')).toEqual({ entries: [standing] });
  });

  it('sent again, signed anew, is told what it came to and takes effect once', async () => {
    const stage = await makeCommanded();
    const said = suspend(1, 1, commandIdAt(testNow));
    const first = await stage.send(said);
    stage.clock.advance(20 * minutes);
    await stage.send(suspend(2));
    expect(await stage.send(said)).toEqual({ ...first, repeated: true });
    expect(await stage.registry.store.version()).toBe(stage.begun + 2);
    expect(stage.leaves()).toHaveLength(2);
  });

  it.each([
    ['another content', { ...suspend(1), with: { id: counterId(1), reason: 'something else' } }],
    ['another version', suspend(1, 2)],
    ['another name', reinstate(1, 1)],
  ])('with the id of one that took effect and %s is refused', async (_, other: Said) => {
    const stage = await makeCommanded();
    const id = commandIdAt(testNow);
    await stage.send(suspend(1, 1, id));
    const problem = await refusalOf(stage.send({ ...other, id }));
    expect(problem).toMatchObject({ name: 'reference-conflict', status: 409 });
    expect(stage.leaves()).toHaveLength(1);
  });

  it('with the id of a command of somebody else is refused, and told nothing of it', async () => {
    const other = await makeKey('ES256', 'registrar:other');
    const stage = await makeCommanded();
    await change(stage.registry.store, { ...counterOf('registrar:other'), version: 1 });
    await change(stage.registry.store, keyEntryOf(other));
    const said = suspend(1, 1, commandIdAt(testNow));
    await stage.send(said);
    const problem = await refusalOf(stage.send(said, { key: other }));
    expect(problem).toMatchObject({ name: 'reference-conflict', extras: {} });
  });

  it('on another version than the one that stands is refused, and told which stands', async () => {
    const stage = await makeCommanded();
    await stage.send(suspend(1));
    for (const on of [0, 1, 3]) {
      const problem = await refusalOf(stage.send(reinstate(1, on)));
      expect(problem).toMatchObject({ name: 'stale-version', status: 409, extras: { current: 2 } });
    }
    expect(await stage.send(reinstate(1, 2))).toMatchObject({ repeated: false });
  });

  it('about something that does not stand is about version 0', async () => {
    const stage = await makeCommanded();
    const register = {
      do: 'participant.register',
      with: { id: 'counter:99', title: { fa: 'دفتر', en: 'Office' } },
    };
    const problem = await refusalOf(stage.send({ ...register, on: 1 }));
    expect(problem).toMatchObject({ name: 'stale-version', extras: { current: 0 } });
    expect(await stage.send({ ...register, on: 0 })).toMatchObject({ entries: [{ version: 1 }] });
  });

  it('is never of a time before that of the change before it', async () => {
    const stage = await makeCommanded();
    const now = testNow - 2 * minutes;
    await stage.send(suspend(1));
    const text = await buildCommand(suspend(2), { key: stage.keys.registrar, now });
    expect(await stage.run(text, { now: () => now })).toMatchObject({ t: testNow });
  });

  it('reads what only its main entry can name', async () => {
    const stage = await makeCommanded();
    const { kid } = stage.keys.counter;
    const revoke = { do: 'key.revoke', on: 1, with: { kid, reason: 'the key was lost' } };
    const { entries } = await stage.send(revoke);
    expect(entries.map(({ key }) => key).toSorted()).toEqual(['counter:1', kid].toSorted());
    const standing = await stage.registry.store.findKey(kid);
    expect(standing).toMatchObject({ status: 'revoked', version: 2 });
  });
});

describe('a command that does not hold leaves nothing behind', () => {
  type Case = {
    readonly name: string;
    readonly problem: string;
    readonly pointer?: string;
    readonly said?: Said;
    readonly bent?: Parameters<typeof buildCommand>[1] extends infer Sent ? Partial<Sent> : never;
    readonly as?: 'station' | 'counter' | 'root';
  };
  const cases: readonly Case[] = [
    {
      name: 'of a kind that there is not',
      problem: 'invalid-claims',
      pointer: '/cmd/do',
      said: { ...suspend(1), do: 'participant.abolish' },
    },
    {
      name: 'with a content of another form',
      problem: 'invalid-claims',
      pointer: '/cmd/with/reason',
      said: { ...suspend(1), with: { id: 'counter:1', reason: '' } },
    },
    { name: 'by a role that may not send it', problem: 'wrong-role', as: 'counter' },
    { name: 'by the key of a station', problem: 'wrong-role', as: 'station' },
    { name: 'by a key that nobody knows', problem: 'unknown-key', as: 'root' },
    {
      name: 'to another address',
      problem: 'wrong-audience',
      bent: { audience: 'https://x.example' },
    },
    { name: 'that has expired', problem: 'expired', bent: { now: testNow - 3 * minutes } },
    {
      name: 'of another kind of message',
      problem: 'wrong-typ',
      bent: { header: withMembers({ typ: 'inq-access+jwt' }) },
    },
    {
      name: 'of somebody else than who owns the key',
      problem: 'issuer-key-mismatch',
      bent: { claims: withMembers({ iss: 'registrar:other' }) },
    },
    {
      name: 'with an id of more than five minutes ago',
      problem: 'stale-inquiry',
      said: suspend(1, 1, commandIdAt(testNow - 5 * minutes - 1)),
    },
    {
      name: 'with an id of more than five minutes ahead',
      problem: 'stale-inquiry',
      said: suspend(1, 1, commandIdAt(testNow + 5 * minutes + 1)),
    },
    { name: 'that the state does not allow', problem: 'command-refused', said: reinstate(1, 1) },
  ];
  it.each(cases)('$name: $problem', async ({ problem, pointer, said = suspend(1), bent, as }) => {
    const stage = await makeCommanded();
    const key = as === undefined ? {} : { key: stage.keys[as] };
    const refused = await refusalOf(stage.send(said, { ...key, ...bent }));
    expect(refused.name).toBe(problem);
    expect(refused.extras.errors?.map((error) => error.pointer)).toEqual(
      pointer === undefined ? undefined : [pointer],
    );
    expect(refused.message).not.toContain('abolish');
    expect(stage.registry.faults.calls('propose')).toBe(0);
    expect(stage.journal.dump()).toEqual([]);
  });

  it.each([testNow - 5 * minutes, testNow + 5 * minutes])(
    'one whose id is of five minutes to either side does hold',
    async (time) => {
      const stage = await makeCommanded();
      expect(await stage.send(suspend(1, 1, commandIdAt(time)))).toMatchObject({ repeated: false });
    },
  );

  it.each(['suspended', 'left'] as const)('by a participant that is %s', async (status) => {
    const stage = await makeCommanded();
    const standing = await stage.registry.store.findParticipant('registrar:cra');
    if (standing === undefined) throw new Error('There is no registrar.');
    await change(stage.registry.store, { ...standing, status, version: 2 });
    expect(await refusalOf(stage.send(suspend(1)))).toMatchObject({ name: 'wrong-role' });
    expect(stage.leaves()).toEqual([]);
  });

  it('by a participant that is not on record, whoever owns the key', async () => {
    const stranger = await makeKey('ES256', 'registrar:nobody');
    const stage = await makeCommanded();
    await change(stage.registry.store, keyEntryOf(stranger));
    const problem = await refusalOf(stage.send(suspend(1), { key: stranger }));
    expect(problem.name).toBe('wrong-role');
  });

  it('by a key that is revoked while the command is on its way', async () => {
    const stage = await makeCommanded();
    const { store } = stage.registry;
    const text = await buildCommand(suspend(1), { key: stage.keys.registrar, now: testNow });
    const reading = stage.registry.faults.pauseCall('findKey', 'after');
    const running = refusalOf(stage.run(text));
    await reading.reached;
    const key = await store.findKey(stage.keys.registrar.kid);
    if (key === undefined) throw new Error('There is no key.');
    await change(store, { ...key, status: 'revoked', version: 2 });
    reading.release();
    expect((await running).name).toBe('key-not-active');
    expect(stage.leaves()).toEqual([]);
  });

  it('whose leaf would outgrow an entry of the log', async () => {
    const title = { fa: 'ب'.repeat(200), en: 'x'.repeat(66_000) };
    const { keys } = await makeCommanded();
    const entries = [
      registrarOf('registrar:cra'),
      keyEntryOf(keys.registrar),
      counterOf('counter:1', { title }),
    ];
    const stage = await makeCommanded({ entries });
    expect(await refusalOf(stage.send(suspend(1)))).toMatchObject({ name: 'too-large' });
    expect(stage.registry.faults.calls('propose')).toBe(0);
  });
});

describe('the beginning of a registry', () => {
  const begin = async () => {
    const stage = await makeCommanded({ entries: [] });
    const { root: key } = stage.keys;
    const title = { fa: 'تنظیم‌گر', en: 'Regulator' };
    const said = (id = 'registrar:cra', jwk = key.jwk): Said => ({
      do: 'registry.begin',
      on: 0,
      with: { id, title, jwk: { ...jwk }, label: 'registry desk' },
      id: commandIdAt(testNow),
    });
    const root = { id: 'registrar:cra', jwk: key.jwk };
    const send = async (what: Said, by = key, rooted = true) =>
      stage.run(
        await buildCommand(what, { key: by, now: stage.clock.now() }),
        rooted ? { root } : {},
      );
    return { ...stage, said, send, root: key };
  };

  it('is change 1: the registrar and its key, and from then on that key commands', async () => {
    const { said, send, registry } = await begin();
    const first = said();
    const result = await send(first);
    expect(result).toMatchObject({ n: 1, repeated: false });
    expect(await registry.store.findParticipant('registrar:cra')).toMatchObject({ n: 1 });
    const register = {
      do: 'participant.register',
      on: 0,
      with: { id: 'counter:1', title: { fa: 'دفتر', en: 'Office' } },
    };
    expect(await send(register, undefined, false)).toMatchObject({ n: 2 });
    expect(await send(first)).toEqual({ ...result, repeated: true });
  });

  it('is refused when anything stands already', async () => {
    const { said, send, registry } = await begin();
    await change(registry.store, counterOf('counter:1'));
    expect(await refusalOf(send(said()))).toMatchObject({ name: 'command-refused' });
    const twice = await begin();
    await twice.send(twice.said());
    const other = { ...twice.said(), id: commandIdAt(testNow + 1) };
    expect(await refusalOf(twice.send(other))).toMatchObject({ name: 'command-refused' });
  });

  it('is for the configured key only', async () => {
    const { said, send, keys } = await begin();
    const other = keys.registrar;
    const unknown = await refusalOf(send(said('registrar:cra', other.jwk), other));
    expect(unknown.name).toBe('unknown-key');
    expect((await refusalOf(send(said(), undefined, false))).name).toBe('unknown-key');
    expect((await refusalOf(send(said('registrar:other')))).name).toBe('wrong-role');
  });

  it('is not for a registrar that is on record', async () => {
    const stage = await makeCommanded();
    const { registrar, root } = stage.keys;
    const said = {
      do: 'registry.begin',
      on: 0,
      with: {
        id: 'registrar:new',
        title: { fa: 'نو', en: 'New' },
        jwk: { ...root.jwk },
        label: 'x',
      },
    };
    const text = await buildCommand(said, { key: registrar, now: testNow });
    const configured = { root: { id: 'registrar:cra', jwk: root.jwk } };
    expect((await refusalOf(stage.run(text, configured))).name).toBe('wrong-role');
  });

  it('is all that the root key signs as long as it is not on record', async () => {
    const stage = await makeCommanded();
    const { root } = stage.keys;
    const text = await buildCommand(suspend(1), { key: root, now: testNow });
    const configured = { root: { id: 'registrar:cra', jwk: root.jwk } };
    expect((await refusalOf(stage.run(text, configured))).name).toBe('unknown-key');
    await change(stage.registry.store, keyEntryOf(root, { status: 'revoked' }));
    expect((await refusalOf(stage.run(text, configured))).name).toBe('key-not-active');
  });
});

describe('a plan that is wrong', () => {
  const entry = counterOf('counter:1', { status: 'suspended', version: 2 });
  const plans = [
    ['nothing', []],
    ['not the main entry', [counterOf('counter:2', { version: 2 })]],
    ['an entry twice', [entry, entry]],
    ['an entry that it did not read', [entry, counterOf('counter:3', { version: 2 })]],
    ['a version too high', [{ ...entry, version: 3 }]],
    ['the version that stands', [{ ...entry, version: 1 }]],
    ['an entry of another form', [{ ...entry, title: { fa: '', en: '' } }]],
  ] as const;
  it.each(plans)('with %s is a bug, and never written', async (_, planned) => {
    const command = {
      senders: ['registrar'],
      prepare: () => ({
        main: () => participantName('counter:1'),
        names: () => [participantName('counter:1'), participantName('counter:2')],
        follows: () => [],
        plan: () => Promise.resolve([...planned]),
      }),
    } as const;
    const stage = await makeCommanded({ table: new Map([['participant.suspend', command]]) });
    await expect(stage.send(suspend(1))).rejects.not.toMatchObject({ extras: {} });
    expect(stage.registry.faults.calls('propose')).toBe(0);
    expect(stage.leaves()).toEqual([]);
  });

  it('that reads more than one read can is a bug', async () => {
    const names = Array.from({ length: 26 }, (_, place) => accessName('agency:a', `${place}`));
    const command = {
      senders: ['registrar'],
      prepare: () => ({
        main: () => participantName('counter:1'),
        names: () => names,
        follows: () => [],
        plan: () => Promise.resolve([entry]),
      }),
    } as const;
    const stage = await makeCommanded({ table: new Map([['participant.suspend', command]]) });
    await expect(stage.send(suspend(1))).rejects.toThrow('more than one read can');
  });
});

describe('the state that a command builds on', () => {
  const read = async (version: (begun: number) => number) => {
    const stage = await makeCommanded();
    await stage.send(suspend(1));
    const { keys, begun, registry } = stage;
    const { with: content } = reinstate(1, 2);
    const prepared = commands.get('participant.reinstate')?.prepare(content);
    if (prepared === undefined) throw new Error('There is no such command.');
    const by = {
      id: 'registrar:cra',
      role: 'registrar',
      keyRole: 'officer',
      kid: keys.registrar.kid,
      now: testNow,
      command: commandIdAt(testNow),
      audience: '',
    } as const;
    return readState(registry.store, prepared, by, version(begun));
  };

  it('is all of one version: none when a part of it is newer', async () => {
    expect(await read((begun) => begun)).toBeUndefined();
    const state = await read((begun) => begun + 1);
    expect(state?.(participantName('counter:1'))).toMatchObject({ status: 'suspended' });
    expect(state?.(participantName('registrar:cra'))).toMatchObject({ status: 'active' });
  });

  it('holds nothing that was not read', async () => {
    const state = await read((begun) => begun + 1);
    expect(state?.(participantName('counter:2'))).toBeUndefined();
  });
});

describe('the leaf of a change', () => {
  it('has an id of its own, which is not that of its command', async () => {
    const stage = await makeCommanded();
    const said = suspend(1, 1, commandIdAt(testNow));
    await stage.send(said);
    const [leaf] = stage.leaves();
    expect(InquiryId.safeParse(leaf?.id).success).toBe(true);
    expect(leaf?.id).not.toBe(said.id);
    expect(payloadOf(leaf?.command ?? '')).toMatchObject({ cmd: { id: said.id } });
  });
});
