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
  const state = { keys: jwks(...kids), away: false, asked: 0 };
  const load = async (): Promise<ReadonlyMap<string, PublishedKey>> => {
    state.asked += 1;
    if (state.away) throw new Error('away');
    return state.keys;
  };
  return { clock, state, find: rememberedKeys(load, clock.now) };
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

  it('that are taken back count no longer once a new set is there', async () => {
    const { clock, state, find } = provider('a', 'b');
    await find('a');
    state.keys = jwks('b');
    clock.advance(keyTimes.fresh);
    expect(await find('a')).toBeUndefined();
    expect(await find('b')).toMatchObject({ kid: 'b' });
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
    clock.advance(keyTimes.coolDown);
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
