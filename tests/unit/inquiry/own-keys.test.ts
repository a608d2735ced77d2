import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentKey, publishedKeys } from '#shared/inquiry/key-ring.ts';
import { keySet } from '#shared/inquiry/key-set.ts';
import { ownKeys, ringGrace, ringRefresh } from '#shared/inquiry/own-keys.ts';
import { testNow } from '#tests/support/messages.ts';
import { begunStage, day, hour, plainSmith, ringStage } from './key-ring-stage.ts';

const unavailable = { name: 'signer-unavailable', status: 503, extras: { retryAfter: 2 } } as const;

const key = (n: number, at?: number, from?: number) => ({
  n,
  announced: at === undefined || from === undefined ? undefined : { at, from },
});

describe('the current key', () => {
  it.each([
    ['the first, which signs as soon as it is announced', [key(1, 5, 0)], 5, 1],
    ['the one before, until the time of the next', [key(1, 5, 0), key(2, 6, 20)], 19, 1],
    ['the next from its very time on', [key(1, 5, 0), key(2, 6, 20)], 20, 2],
    ['never one that was not announced', [key(1, 5, 0), key(2)], 99, 1],
    [
      'the one made last, whose time may lie before that of another',
      [key(1, 5, 0), key(2, 6, 50), key(3, 7, 20)],
      60,
      3,
    ],
    ['whatever the order they come in', [key(10, 7, 20), key(9, 6, 10)], 30, 10],
  ])('is %s', (_, keys, now, expected) => {
    expect(currentKey(keys, now)?.n).toBe(expected);
  });

  it('is none while there is none that was announced', () => {
    expect(currentKey([key(1)], 99)).toBeUndefined();
    expect(currentKey([key(1, 5, 20)], 19)).toBeUndefined();
  });

  it('is exactly one of the published, from the time of the first on', async () => {
    const signer = await plainSmith().open(await plainSmith().make());
    const times = fc.array(fc.option(fc.nat(100), { nil: undefined }), { maxLength: 6 });
    fc.assert(
      fc.property(times, fc.nat(120), (froms, now) => {
        const later = froms.map((from, place) => ({ ...key(place + 2, 1, from), signer }));
        const published = publishedKeys([{ ...key(1, 1, 0), signer }, ...later], now);
        const announced = froms.filter((from) => from !== undefined).length + 1;
        expect(published).toHaveLength(announced);
        expect(published.filter(({ status }) => status === 'current')).toHaveLength(1);
        expect(published[0]?.status).toBe('current');
        expect(published.filter(({ status }) => status === 'next')).toEqual(
          published.filter(({ status, announced: { from } }) => status === 'next' && from > now),
        );
      }),
    );
  });
});

describe('the published set', () => {
  it('has the current, the next and the retired, and says since when and from when on', async () => {
    const stage = await begunStage();
    const { clock } = stage;
    clock.advance(89 * day);
    await stage.rotator()({ urgent: false });
    clock.advance(2 * day);
    await stage.rotator()({ urgent: false });
    clock.advance(88 * day);
    const rotated = await stage.rotator()({ urgent: false });
    const json = keySet(await stage.process().published());
    expect(json).toEqual({
      keys: [
        expect.objectContaining({ status: 'current', use: 'sig', alg: 'ES256', kty: 'EC' }),
        expect.objectContaining({ status: 'next', kid: rotated.announced?.kid }),
        expect.objectContaining({ status: 'retired', iat: testNow / 1000 }),
      ],
    });
    expect(JSON.stringify(json)).not.toContain('"d"');
    const [current, next, retired] = await stage.process().published();
    expect(retired?.announced).toEqual({ at: testNow, from: 0 });
    expect(current?.announced.from).toBe(testNow + 90 * day + 10 * 60_000);
    expect(next?.announced.from).toBe(clock.now() + day + 10 * 60_000);
    expect(JSON.stringify(json)).not.toContain('"exp"');
  });
});

describe('a process', () => {
  it('makes the first key where there is none, once, however many begin', async () => {
    const stage = ringStage();
    const kids = await Promise.all(
      Array.from({ length: 20 }, async () => (await stage.process().signer()).kid),
    );
    expect(new Set(kids).size).toBe(1);
    expect(stage.shown()).toEqual([{ n: 1, at: 0, from: 0 }]);
    expect(new Set(stage.leaves().map(({ kid }) => kid))).toEqual(new Set(kids));
    expect(stage.leaves()[0]).not.toHaveProperty('from');
  });

  it('reads the ring once a minute, however many ask', async () => {
    const stage = await begunStage();
    const { signer } = stage.process();
    const before = stage.ring.faults.calls('read');
    await Promise.all(Array.from({ length: 50 }, () => signer()));
    stage.clock.advance(ringRefresh - 1);
    await signer();
    expect(stage.ring.faults.calls('read')).toBe(before + 1);
    stage.clock.advance(1);
    await Promise.all(Array.from({ length: 50 }, () => signer()));
    expect(stage.ring.faults.calls('read')).toBe(before + 2);
  });

  it('signs with the next key from its time on, without a restart', async () => {
    const stage = await begunStage();
    const { signer } = stage.process();
    const first = (await signer()).kid;
    stage.clock.advance(89 * day);
    const { announced } = await stage.rotator()({ urgent: false });
    stage.clock.advance((announced?.from ?? 0) - stage.clock.now() - 1);
    expect((await signer()).kid).toBe(first);
    stage.clock.advance(1);
    expect((await signer()).kid).toBe(announced?.kid);
  });

  it('goes over to the next key even while the ring cannot be read: it knew it before', async () => {
    const stage = await begunStage();
    const { signer } = stage.process();
    stage.clock.advance(89 * day);
    const { announced } = await stage.rotator()({ urgent: false });
    stage.clock.advance((announced?.from ?? 0) - stage.clock.now() - ringRefresh);
    await signer();
    stage.clock.advance(ringRefresh);
    stage.ring.faults.breakCall('read', 'not-persisted');
    expect((await signer()).kid).toBe(announced?.kid);
  });

  it('bears a ring that cannot be read for ten minutes, and then signs no more', async () => {
    const stage = await begunStage();
    const { signer, published } = stage.process();
    const { kid } = await signer();
    const { ring, clock } = stage;
    const began = clock.now();
    for (let nth = 1; nth < 1000; nth += 1) ring.faults.breakCall('read', 'not-persisted', nth);
    const calls = ring.faults.calls('read');
    while (clock.now() < began + ringRefresh + ringGrace) {
      expect((await signer()).kid).toBe(kid);
      clock.advance(1000);
    }
    // Tried again every five seconds, not by every caller.
    expect(ring.faults.calls('read') - calls).toBe(ringGrace / 5000);
    await expect(signer()).rejects.toMatchObject(unavailable);
    await expect(published()).rejects.toMatchObject(unavailable);
  });

  it('whose clock goes back reads again rather than believe what is to come', async () => {
    const stage = await begunStage();
    let error = 0;
    const parts = stage.parts(() => stage.clock.now() + error);
    const { signer } = ownKeys(parts);
    await signer();
    const before = stage.ring.faults.calls('read');
    error = -hour;
    await signer();
    expect(stage.ring.faults.calls('read')).toBe(before + 1);
  });

  it.each([-60_000, 60_000])(
    'whose clock is wrong by %d ms signs with a published key',
    async (error) => {
      const stage = await begunStage();
      const wrong = stage.process(error);
      stage.clock.advance(89 * day);
      const { announced } = await stage.rotator(error)({ urgent: false });
      stage.clock.advance((announced?.from ?? 0) - stage.clock.now() - 120_000);
      for (let step = 0; step < 8; step += 1) {
        const published = await stage.process().published();
        const { kid } = await wrong.signer();
        expect(published.map((one) => one.kid)).toContain(kid);
        stage.clock.advance(30_000);
      }
    },
  );

  it('that cannot open a key signs nothing, and changes nothing', async () => {
    const stage = await begunStage();
    const before = stage.ring.dump();
    const smith = { ...plainSmith(), open: () => Promise.reject(new Error('another secret')) };
    const { signer } = ownKeys({ ...stage.parts(), smith });
    await expect(signer()).rejects.toMatchObject(unavailable);
    expect(stage.ring.dump()).toEqual(before);
  });
});

describe('the first key', () => {
  const writes = [
    ['make', 'not-persisted'],
    ['make', 'unacknowledged'],
    ['mark', 'not-persisted'],
    ['mark', 'unacknowledged'],
    ['putRecord', 'not-persisted'],
    ['putRecord', 'unacknowledged'],
  ] as const;

  it.each(writes)(
    'is not used when %s breaks (%s), and the next that asks goes on',
    async (call, fault) => {
      const stage = ringStage();
      if (call === 'putRecord') stage.journal.faults.breakCall(call, fault);
      else stage.ring.faults.breakCall(call, fault);
      const { signer } = stage.process();
      await expect(signer()).rejects.toMatchObject(unavailable);
      const { kid } = await signer();
      expect(stage.shown()).toEqual([{ n: 1, at: 0, from: 0 }]);
      expect(new Set(stage.leaves().map((leaf) => leaf.kid))).toEqual(new Set([kid]));
      expect((await stage.process().signer()).kid).toBe(kid);
    },
  );
});
