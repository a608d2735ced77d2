import { describe, expect, it } from 'vitest';
import type { WitnessReply } from '#shared/audit/publish/ask-witnesses.ts';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { cosignatureMessage, formatCosignature } from '#shared/audit/tlog/cosignature.ts';
import { formatSignature } from '#shared/audit/tlog/note.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { type LogWorld, makeLogWorld } from '#tests/support/log-world.ts';

/** A log of six leaves that is published. */
const logged = async (options: Parameters<typeof makeLogWorld>[0] = {}): Promise<LogWorld> => {
  const world = makeLogWorld(options);
  await world.drain();
  await world.inquiries(5);
  world.clock.advance(60_000);
  await world.drain();
  return world;
};

const grow = async (world: LogWorld): Promise<void> => {
  await world.inquiries(3);
  world.clock.advance(60_000);
  await world.drain();
};

/** The first witness answers so; the others as they do. */
const lying =
  (world: LogWorld, answer: (body: Uint8Array) => Promise<WitnessReply>) =>
  (url: string, body: Uint8Array): Promise<WitnessReply> =>
    url === 'w0' ? answer(body) : world.client(url, body);

const text = (status: number, body: string): WitnessReply => ({
  status,
  type: 'text/plain; charset=utf-8',
  body,
});

const onRecord = (size: string): WitnessReply => ({
  status: 409,
  type: 'text/x.tlog.size; charset=utf-8',
  body: size,
});

describe('asking the witnesses of a log', () => {
  it('does nothing before the log is published', async () => {
    const world = makeLogWorld();
    expect(await world.startWitnessing()()).toEqual({
      size: 0,
      quorum: false,
      time: undefined,
      asked: [],
    });
  });

  it('publishes what they cosign, and keeps what a quorum has seen', async () => {
    const world = await logged();
    const witnessed = await world.startWitnessing()();
    const time = Math.floor(world.clock.now() / 1000);
    expect(witnessed).toMatchObject({ size: 6, quorum: true, time });
    expect(witnessed.asked.map(({ result }) => result)).toEqual(['cosigned', 'cosigned']);
    expect(world.opened()?.cosignedBy).toHaveLength(2);
    expect(world.cosigned()).toEqual(world.objects.peek(checkpointKey(0)));
  });

  it('asks nobody a second time for the same tree', async () => {
    const world = await logged();
    const round = world.startWitnessing();
    await round();
    expect((await round()).asked).toEqual([]);
  });

  it('asks again when their cosignatures of an idle log are old', async () => {
    const world = await logged();
    const round = world.startWitnessing();
    const { time = 0 } = await round();
    world.clock.advance(599_000);
    expect((await round()).asked).toEqual([]);
    world.clock.advance(2000);
    const again = await round();
    expect(again.asked).toHaveLength(2);
    expect(again.time).toBe(time + 601);
    expect(world.opened()?.note.signatures).toHaveLength(3);
  });

  it('starts from what each has on record, though it is a new process', async () => {
    const world = await logged();
    await world.startWitnessing()();
    await grow(world);
    const sent: string[] = [];
    const witnessed = await world.startWitnessing(0, {
      client: (url, body) => {
        sent.push(`${url} ${Buffer.from(body).toString().split('\n')[0] ?? ''}`);
        return world.client(url, body);
      },
    })();
    expect(witnessed).toMatchObject({ size: 9, quorum: true });
    expect(sent.toSorted()).toEqual(['w0 old 0', 'w0 old 6', 'w1 old 0', 'w1 old 6']);
  });

  it('remembers it, and asks once for the next tree', async () => {
    const world = await logged();
    let asked = 0;
    const round = world.startWitnessing(0, {
      client: (url, body) => {
        asked += 1;
        return world.client(url, body);
      },
    });
    await round();
    await grow(world);
    expect(await round()).toMatchObject({ size: 9, quorum: true });
    expect(asked).toBe(4);
  });

  it('reaches a quorum of many who answer at once', async () => {
    const world = await logged({ witnesses: 14 });
    expect(await world.startWitnessing()()).toMatchObject({ quorum: true });
    expect(world.opened()?.cosignedBy).toHaveLength(14);
  });

  it('keeps the tree that a quorum has seen, though the log has grown meanwhile', async () => {
    const world = await logged();
    const witnessed = await world.startWitnessing(0, {
      client: async (url, body) => {
        const answer = await world.client(url, body);
        if (url === 'w0') await grow(world);
        return answer;
      },
    })();
    expect(witnessed).toMatchObject({ size: 9, quorum: false });
    expect(witnessed.time).toBe(Math.floor(world.clock.now() / 1000) - 60);
    expect(Buffer.from(world.cosigned() ?? []).toString()).toContain('\n6\n');
    expect(world.opened()?.cosignedBy).toEqual([]);
  });

  it('publishes each as it arrives: one that is slow costs the others no time', async () => {
    const world = await logged({ witnesses: 3, quorum: 2 });
    const slow = Promise.withResolvers<WitnessReply>();
    const round = world.startWitnessing(0, { client: lying(world, () => slow.promise) })();
    while (world.cosigned() === undefined) await new Promise(setImmediate);
    expect(world.opened()?.cosignedBy).toHaveLength(2);
    slow.resolve(text(503, ''));
    expect(await round).toMatchObject({ quorum: true });
  });

  it('without witnesses has no quorum to lose, and no time', async () => {
    const world = await logged({ witnesses: 0 });
    expect(await world.startWitnessing()()).toEqual({
      size: 6,
      quorum: true,
      time: undefined,
      asked: [],
    });
  });

  it('does not ask one without an address', async () => {
    const world = await logged();
    const policy = world.policyOf();
    const [one, ...others] = policy.witnesses;
    if (one === undefined) throw new Error('There is no witness.');
    const witnesses = [{ ...one, url: undefined }, ...others];
    const { asked, quorum } = await world.startWitnessing(0, {
      policy: { ...policy, witnesses },
    })();
    expect([asked.length, quorum]).toEqual([1, false]);
  });

  it('tells when the store is away, and makes it good', async () => {
    for (const fault of ['not-persisted', 'unacknowledged'] as const) {
      const world = await logged();
      const round = world.startWitnessing();
      world.objects.faults.breakCall('replace', fault);
      await expect(round()).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await round()).toMatchObject({ quorum: true });
    }
  });
});

describe('a witness that does not do what it should', () => {
  const other = noteKey('witness.example/1', 'cosignature');
  const own = noteKey('witness.example/0', 'cosignature');

  /** A cosignature of what is published, by a key, with a bit to flip. */
  const cosigns = async (world: LogWorld, key: typeof own, bent = 0): Promise<string> => {
    const note = world.opened()?.note.text ?? '';
    const time = Math.floor(world.clock.now() / 1000);
    const signature = formatCosignature(time, await key.sign(cosignatureMessage(note, time)));
    signature[20] = (signature[20] ?? 0) ^ bent;
    const { name, id } = key.verifier;
    return formatSignature({ name, id, signature });
  };

  const cases: Readonly<
    Record<string, { answer: (world: LogWorld) => Promise<WitnessReply>; result: string }>
  > = {
    'is down': {
      answer: () => Promise.reject(new Error('connection refused')),
      result: 'no-answer',
    },
    'has a bad signature': {
      answer: async (world) => text(200, await cosigns(world, own, 1)),
      result: 'refused',
    },
    "gives somebody else's cosignature": {
      answer: async (world) => text(200, await cosigns(world, other)),
      result: 'refused',
    },
    'gives garbage': {
      answer: async () => text(200, '\u0000— x\n\n— w0 AAAA\n'),
      result: 'refused',
    },
    'gives far too much': {
      answer: async (world) => text(200, `${await cosigns(world, own)}${'x'.repeat(200_000)}`),
      result: 'refused',
    },
    'gives nothing': { answer: async () => text(200, ''), result: 'refused' },
    'is away': { answer: async () => text(503, ''), result: 'refused' },
    'does not know the log': { answer: async () => text(404, ''), result: 'refused' },
    'does not believe the proof': { answer: async () => text(422, ''), result: 'disagrees' },
    'says that it knows a larger tree': { answer: async () => onRecord('7\n'), result: 'ahead' },
    'says so for ever': { answer: async () => onRecord('3\n'), result: 'disagrees' },
    'knows another tree of this size': { answer: async () => onRecord('6\n'), result: 'disagrees' },
    'names no size': { answer: async () => onRecord('six\n'), result: 'disagrees' },
    'names a size without its newline': { answer: async () => onRecord('3'), result: 'disagrees' },
    'names a size beyond all counting': {
      answer: async () => onRecord('18446744073709551615\n'),
      result: 'disagrees',
    },
    'names a size in a text of another type': {
      answer: async () => text(409, '3\n'),
      result: 'disagrees',
    },
  };

  it.each(Object.entries(cases))('that %s costs its own cosignature only', async (_, lie) => {
    const world = await logged({ witnesses: 3, quorum: 2 });
    const round = world.startWitnessing(0, { client: lying(world, () => lie.answer(world)) });
    const witnessed = await round();
    expect(witnessed).toMatchObject({ size: 6, quorum: true });
    expect(witnessed.asked[0]).toMatchObject({ witness: 'w0', result: lie.result });
    expect(world.opened()?.cosignedBy).toHaveLength(2);
    expect(world.check({ settled: false })).toEqual([]);
  });

  it('that was rolled back is asked from where it stands now', async () => {
    const world = await logged();
    const round = world.startWitnessing();
    await round();
    await grow(world);
    const rolled = makeLogWorld();
    const witnessed = await world.startWitnessing(0, {
      client: lying(world, (body) => rolled.client('w0', body)),
    })();
    expect(witnessed).toMatchObject({ size: 9, quorum: true });
  });

  it('that is behind is brought up by a proof from its own tree', async () => {
    const world = await logged();
    const [w0] = world.witnesses;
    await world.startWitnessing()();
    for (let n = 0; n < 3; n += 1) {
      await grow(world);
      await world.startWitnessing(0, {
        client: lying(world, async () => text(503, '')),
      })();
    }
    expect(w0?.latest.dump().get('exchange.example/log/0')?.size).toBe(6n);
    expect(await world.startWitnessing()()).toMatchObject({ size: 15, quorum: true });
    expect(w0?.latest.dump().get('exchange.example/log/0')?.size).toBe(15n);
  });

  it('is not asked about a published checkpoint that the log did not sign', async () => {
    const world = await logged();
    const bytes = Buffer.from(world.objects.peek(checkpointKey(0)) ?? []);
    world.objects.overwrite(checkpointKey(0), utf8(bytes.toString().replace('\n6\n', '\n5\n')));
    expect(await world.startWitnessing()()).toMatchObject({ size: 0, asked: [] });
  });
});
