import { describe, expect, it } from 'vitest';
import { keyName } from '#shared/registry/entry.ts';
import { limitedPast, pastLookUps } from '#shared/registry/limited-past.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import {
  mostInThePast,
  parseGrantsQuery,
  parseParticipantsQuery,
} from '#shared/registry/registry-query.ts';
import { testClock } from '#tests/support/exchange.ts';

const at = '2026-01-01T00:00:00Z';

describe('a page of a past time', () => {
  it.each([
    ['participants', parseParticipantsQuery],
    ['grants', parseGrantsQuery],
  ] as const)('of %s is short, whatever is asked for', (_, parse) => {
    expect(parse({ at }).limit).toBe(mostInThePast);
    expect(parse({ at, limit: '100' }).limit).toBe(mostInThePast);
    expect(parse({ at, limit: '3' }).limit).toBe(3);
    expect(parse({ limit: '100' }).limit).toBe(100);
    expect(parse({}).limit).toBe(50);
  });
});

describe('a store with a limited past', () => {
  it('refuses what is asked for too often, by all together, until time has passed', async () => {
    const { store, faults } = memoryRegistryStore();
    const clock = testClock();
    const limited = limitedPast(store, clock.now);
    const look = () => limited.asOf(keyName('kid'), 0);
    for (let n = 0; n < pastLookUps.burst; n += 1) await look();
    await expect(look()).rejects.toMatchObject({
      name: 'rate-limited',
      status: 429,
      extras: { retryAfter: 1 },
    });
    expect(faults.calls('asOf')).toBe(pastLookUps.burst);
    clock.advance(1000);
    for (let n = 0; n < pastLookUps.perSecond; n += 1) await look();
    await expect(look()).rejects.toMatchObject({ name: 'rate-limited' });
  });

  it('reads the present as ever', async () => {
    const { store } = memoryRegistryStore();
    const limited = limitedPast(store, testClock().now);
    for (let n = 0; n < pastLookUps.burst + 10; n += 1) {
      await limited.asOf(keyName('kid'), 0).catch(() => undefined);
    }
    expect(await limited.readAll([keyName('kid')])).toEqual([undefined]);
    expect(await limited.version()).toBe(0);
  });
});
