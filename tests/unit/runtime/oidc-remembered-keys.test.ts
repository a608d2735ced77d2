import { describe, expect, it } from 'vitest';
import { type PublishedKey, readKeySet } from '#functions/runtime/oidc/key-set.ts';
import { keyTimes, rememberedKeys } from '#functions/runtime/oidc/remembered-keys.ts';
import { testClock } from '#tests/support/exchange.ts';
import { makePersonKey, publicJwkOf } from '#tests/support/person-tokens.ts';

const jwks = (...kids: readonly string[]) =>
  readKeySet({ keys: kids.map((kid) => ({ ...publicJwkOf(sample), kid })) });

const sample = makePersonKey('EdDSA');

/** A provider that is asked: what it publishes can be changed, and it can be away. */
const provider = (...kids: readonly string[]) => {
  const clock = testClock();
  const state = { keys: jwks(...kids), away: false, hangs: false, asked: 0 };
  const hung: (() => void)[] = [];
  const load = async (): Promise<ReadonlyMap<string, PublishedKey>> => {
    state.asked += 1;
    if (state.hangs) await new Promise<void>((go) => hung.push(go));
    if (state.away) throw new Error('away');
    return state.keys;
  };
  /** What hung goes on. */
  const goOn = (): void => {
    for (const go of hung.splice(0)) go();
  };
  return { clock, state, goOn, find: rememberedKeys(load, clock.now) };
};

const away = { name: 'identity-provider-unavailable', extras: { retryAfter: 5 } } as const;

describe('the keys of a provider, remembered', () => {
  it('are asked for once, and again when they are no longer fresh', async () => {
    const { clock, state, find } = provider('a', 'b');
    expect(await Promise.all([find('a'), find('b'), find('a')])).toMatchObject([
      { kid: 'a' },
      { kid: 'b' },
      { kid: 'a' },
    ]);
    expect(state.asked).toBe(1);
    clock.advance(keyTimes.fresh - 1);
    await find('a');
    expect(state.asked).toBe(1);
    clock.advance(1);
    await find('a');
    expect(state.asked).toBe(2);
  });

  it('are the same object while the set is, so that an import is found again', async () => {
    const { find } = provider('a');
    expect(await find('a')).toBe(await find('a'));
  });

  it('are asked for again for an id that is new, once the cool-down is over', async () => {
    const { clock, state, find } = provider('a');
    await find('a');
    state.keys = jwks('a', 'b');
    expect(await find('b')).toBeUndefined();
    clock.advance(keyTimes.coolDown);
    expect(await find('b')).toMatchObject({ kid: 'b' });
    expect(state.asked).toBe(2);
  });

  it('are not asked for because strangers make up ids', async () => {
    const { clock, state, find } = provider('a');
    for (let n = 0; n < 1000; n += 1) {
      clock.advance(100);
      expect(await find(`made-up-${n}`)).toBeUndefined();
    }
    expect(state.asked).toBeLessThanOrEqual(1 + (1000 * 100) / keyTimes.coolDown);
  });

  it('that are known are given at once while a set is asked for and the provider hangs', async () => {
    const { clock, state, goOn, find } = provider('a');
    await find('a');
    clock.advance(keyTimes.coolDown);
    state.hangs = true;
    state.keys = jwks('a', 'b');
    const stranger = find('b');
    expect(await find('a')).toMatchObject({ kid: 'a' });
    clock.advance(keyTimes.fresh);
    expect(await find('a')).toMatchObject({ kid: 'a' });
    expect(state.asked).toBe(2);
    goOn();
    expect(await stranger).toMatchObject({ kid: 'b' });
  });

  it('that are known are given at once when the asking for a set fails, which nobody waits for', async () => {
    const { clock, state, find } = provider('a');
    await find('a');
    state.away = true;
    clock.advance(keyTimes.fresh);
    expect(await find('a')).toMatchObject({ kid: 'a' });
    await Promise.resolve();
    expect(await find('a')).toMatchObject({ kid: 'a' });
    expect(state.asked).toBe(2);
  });

  it('are asked for less and less often while the provider is away, up to a longest pause', async () => {
    const { clock, state, find } = provider('a');
    await find('a');
    state.away = true;
    const asked: number[] = [];
    for (let n = 0; n < 400; n += 1) {
      clock.advance(1000);
      const before = state.asked;
      await find('b').catch(() => undefined);
      if (state.asked > before) asked.push(n + 1);
    }
    expect(asked).toEqual([30, 90, 210, 330]);
  });

  it('are asked for again when a signature did not hold under one, not more often than else', async () => {
    const { clock, state, find } = provider('a');
    const first = await find('a');
    state.keys = jwks('a');
    expect(await find('a', first)).toBe(first);
    clock.advance(keyTimes.coolDown);
    const second = await find('a', first);
    expect(second).toMatchObject({ kid: 'a' });
    expect(second).not.toBe(first);
    for (let n = 0; n < 10; n += 1) expect(await find('a', second)).toBe(second);
    expect(state.asked).toBe(2);
    state.away = true;
    clock.advance(keyTimes.coolDown);
    expect(await find('a', second)).toBe(second);
  });

  it('that are taken back count no longer once a new set is there, an hour later at the latest', async () => {
    const { clock, state, find } = provider('a', 'b');
    await find('a');
    state.keys = jwks('b');
    clock.advance(keyTimes.fresh);
    expect(await find('a')).toMatchObject({ kid: 'a' });
    expect(await find('a')).toBeUndefined();
    expect(await find('b')).toMatchObject({ kid: 'b' });
    state.keys = jwks('c');
    clock.advance(keyTimes.young);
    expect(await find('b')).toBeUndefined();
  });

  it('still count while the provider is away, but not for ever', async () => {
    const { clock, state, find } = provider('a');
    await find('a');
    state.away = true;
    clock.advance(keyTimes.longest - 1);
    expect(await find('a')).toMatchObject({ kid: 'a' });
    clock.advance(1);
    await expect(find('a')).rejects.toMatchObject(away);
  });

  it('that are not known while it is away are unavailable, not unknown', async () => {
    const { clock, state, find } = provider('a');
    await find('a');
    state.away = true;
    clock.advance(keyTimes.coolDown);
    await expect(find('b')).rejects.toMatchObject(away);
    expect(await find('a')).toMatchObject({ kid: 'a' });
    state.away = false;
    clock.advance(2 * keyTimes.coolDown);
    expect(await find('b')).toBeUndefined();
  });

  it('cannot be had while it never answered; it is left alone for a moment each time', async () => {
    const { clock, state, find } = provider('a');
    state.away = true;
    for (let n = 0; n < 10; n += 1) await expect(find('a')).rejects.toMatchObject(away);
    expect(state.asked).toBe(1);
    state.away = false;
    clock.advance(keyTimes.retry);
    expect(await find('a')).toMatchObject({ kid: 'a' });
  });
});
