import { describe, expect, it } from 'vitest';
import { loadedDirectory, loadRest, readKeySet } from '#shared/client/published-keys.ts';
import { keySet } from '#shared/inquiry/key-set.ts';
import type { VerificationKey } from '#shared/message/key.ts';
import { testClock } from '#tests/support/exchange.ts';
import { makeKey, registered, testNow } from '#tests/support/messages.ts';

const [first, second] = await Promise.all(
  ['exchange:estelam', 'exchange:estelam'].map((owner) => makeKey('ES256', owner)),
);

const keysOf = async (): Promise<readonly [VerificationKey, VerificationKey]> => {
  if (first === undefined || second === undefined) throw new Error('no keys');
  return [await registered(first), await registered(second)];
};

const stage = async () => {
  const [old, next] = await keysOf();
  const clock = testClock();
  const published: VerificationKey[] = [old];
  const told = { loads: 0, fails: false };
  const load = async () => {
    told.loads += 1;
    const keys = [...published];
    await Promise.resolve();
    if (told.fails) throw new Error('The exchange is away.');
    return keys;
  };
  return { old, next, clock, published, told, keyOf: loadedDirectory(load, clock.now) };
};

describe('the keys that others publish, as they are found', () => {
  it('are loaded when one is first needed, and not again for those known', async () => {
    const { keyOf, old, clock, told } = await stage();
    expect(await keyOf(old.kid)).toBe(old);
    clock.advance(100 * 86_400_000);
    expect(await keyOf(old.kid)).toBe(old);
    expect(told.loads).toBe(1);
  });

  it('are loaded again for one that came later: a rotation needs no restart', async () => {
    const { keyOf, old, next, clock, published, told } = await stage();
    await keyOf(old.kid);
    published.push(next);
    clock.advance(loadRest);
    expect(await keyOf(next.kid)).toBe(next);
    expect(await keyOf(old.kid)).toBe(old);
    expect(told.loads).toBe(2);
  });

  it('are loaded once in a while only, whatever names are made up', async () => {
    const { keyOf, old, clock, told } = await stage();
    await keyOf(old.kid);
    for (let n = 0; n < 100; n += 1) expect(await keyOf(`made up ${n}`)).toBeUndefined();
    expect(told.loads).toBe(1);
    clock.advance(loadRest);
    for (let n = 0; n < 100; n += 1) await keyOf(`made up ${n}`);
    expect(told.loads).toBe(2);
  });

  it('are loaded once for all who wait', async () => {
    const { keyOf, old, told } = await stage();
    const found = await Promise.all(Array.from({ length: 20 }, () => keyOf(old.kid)));
    expect(new Set(found)).toEqual(new Set([old]));
    expect(told.loads).toBe(1);
  });

  it('that cannot be loaded are tried for again at once', async () => {
    const { keyOf, old, told } = await stage();
    told.fails = true;
    await expect(keyOf(old.kid)).rejects.toThrow('away');
    told.fails = false;
    expect(await keyOf(old.kid)).toBe(old);
  });

  it('are found again by a clock that was set back', async () => {
    const { keyOf, old, next, clock, published } = await stage();
    await keyOf(old.kid);
    published.push(next);
    clock.advance(-3_600_000);
    expect(await keyOf(next.kid)).toBe(next);
  });
});

describe('the set of the exchange', () => {
  it('is read whole: the current key, the next and those retired', async () => {
    const [{ kid, alg, jwk }, other] = await keysOf();
    const announced = { at: testNow, from: testNow };
    const json = keySet([
      { kid, alg, jwk, announced, status: 'current' },
      { kid: other.kid, alg: other.alg, jwk: other.jwk, announced, status: 'retired' },
    ]);
    const read = await readKeySet(json, 'exchange:estelam');
    expect(read.map((key) => [key.kid, key.owner])).toEqual([
      [kid, 'exchange:estelam'],
      [other.kid, 'exchange:estelam'],
    ]);
  });
});
