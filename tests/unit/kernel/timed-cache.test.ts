import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import { timedCache } from '#shared/kernel/timed-cache.ts';
import { testClock } from '#tests/support/exchange.ts';

type Bounds = {
  readonly max: number;
  readonly maxAbsent: number;
  readonly perSecond: number;
  readonly burst: number;
};

/** A cache over a store that knows the keys that begin with `k`, and counts what it is asked. */
const cacheOf = (change: Partial<Bounds> = {}) => {
  const { max = 100, maxAbsent = 100, perSecond = 10, burst = 20 } = change;
  const clock = testClock();
  const asked: string[] = [];
  const answers: Promise<void>[] = [];
  const get = timedCache({
    now: clock.now,
    ttl: 60_000,
    absentTtl: 10_000,
    max,
    maxAbsent,
    misses: { perSecond, burst },
    load: async (key: string) => {
      asked.push(key);
      await answers.shift();
      return key.startsWith('k') ? `${key} ${asked.length}` : undefined;
    },
  });
  /** Makes the next load wait for this. */
  const answerWith = (answer: Promise<void>): void => {
    answers.push(answer);
  };
  return { get, asked, clock, answerWith };
};

const failing = (): Promise<void> => Promise.reject(new Problem('store-unavailable', 'Away.'));

/** What the cache may answer for a key: what the store says, or that it was not asked. */
const isRight = (key: string, value: unknown): boolean => {
  if (value instanceof Problem) return value.name === 'rate-limited';
  return key.startsWith('x') ? value === undefined : String(value).startsWith(`${key} `);
};

describe('timedCache', () => {
  it('asks the store once for a key that it finds', async () => {
    const { get, asked } = cacheOf();
    expect([await get('k1'), await get('k1')]).toEqual(['k1 1', 'k1 1']);
    expect(asked).toEqual(['k1']);
  });

  it('lets all calls for one key share the load that is under way', async () => {
    const { get, asked, answerWith } = cacheOf();
    const gate = Promise.withResolvers<void>();
    answerWith(gate.promise);
    const calls = Array.from({ length: 50 }, () => get('k1'));
    gate.resolve();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['k1 1']));
    expect(asked).toEqual(['k1']);
  });

  it('keeps what it found for the last millisecond of its time and not one more', async () => {
    const { get, asked, clock } = cacheOf();
    await get('k1');
    clock.advance(59_999);
    expect(await get('k1')).toBe('k1 1');
    clock.advance(1);
    expect(await get('k1')).toBe('k1 2');
    expect(asked).toHaveLength(2);
  });

  it('remembers that there is nothing, for a shorter time', async () => {
    const { get, asked, clock } = cacheOf();
    expect(await get('x')).toBeUndefined();
    clock.advance(9999);
    expect(await get('x')).toBeUndefined();
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await get('x');
    expect(asked).toHaveLength(2);
  });

  it('forgets a failed load, so that the next call asks again', async () => {
    const { get, answerWith } = cacheOf();
    answerWith(failing());
    await expect(get('k1')).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(await get('k1')).toBe('k1 2');
  });

  it('tells all that wait for a load that it failed', async () => {
    const { get, asked, answerWith } = cacheOf();
    answerWith(failing());
    const calls = await Promise.allSettled([get('k1'), get('k1'), get('k1')]);
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(asked).toHaveLength(1);
  });

  it('spares the store a flood of unknown keys', async () => {
    const { get, asked } = cacheOf();
    const keys = Array.from({ length: 5000 }, (_, index) => `x${index}`);
    const calls = await Promise.allSettled(keys.map((key) => get(key)));
    expect(asked).toHaveLength(20);
    const refused = calls.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(4980);
    expect(refused[0]).toMatchObject({
      reason: { name: 'rate-limited', extras: { retryAfter: 1 } },
    });
  });

  it('lets some unknown keys through again as time goes on', async () => {
    const { get, asked, clock } = cacheOf();
    for (let key = 0; key < 40; key += 1) await get(`x${key}`).catch(() => undefined);
    expect(asked).toHaveLength(20);
    clock.advance(1000);
    for (let key = 40; key < 80; key += 1) await get(`x${key}`).catch(() => undefined);
    expect(asked).toHaveLength(30);
  });

  it('saves up no more misses than its burst, however long nobody asks', async () => {
    const { get, asked, clock } = cacheOf();
    clock.advance(3_600_000);
    for (let key = 0; key < 100; key += 1) await get(`x${key}`).catch(() => undefined);
    expect(asked).toHaveLength(20);
  });

  it('looks up again what it found before, even while unknown keys are refused', async () => {
    const { get, clock } = cacheOf();
    await get('k1');
    clock.advance(60_000);
    for (let key = 0; key < 40; key += 1) await get(`x${key}`).catch(() => undefined);
    expect(await get('k1')).toMatch(/^k1 /);
    await expect(get('k2')).rejects.toMatchObject({
      name: 'rate-limited',
      extras: {
        retryAfter: 1,
        limits: [{ name: 'unknown-names', quota: 20, window: 2, left: 0, reset: 1 }],
      },
    });
  });

  it('answers from memory while unknown keys are refused', async () => {
    const { get } = cacheOf();
    await get('k1');
    for (let key = 0; key < 100; key += 1) await get(`x${key}`).catch(() => undefined);
    expect(await get('k1')).toBe('k1 1');
    expect(await get('x0')).toBeUndefined();
  });

  it('counts no key as a miss that is found', async () => {
    const { get, asked } = cacheOf();
    for (let key = 0; key < 100; key += 1) await get(`k${key}`);
    expect(asked).toHaveLength(100);
  });

  it('counts no failed load as a miss', async () => {
    const { get, asked, answerWith } = cacheOf();
    for (let key = 0; key < 100; key += 1) {
      answerWith(failing());
      await get(`x${key}`).catch(() => undefined);
    }
    expect(asked).toHaveLength(100);
  });

  it('gives a value again that says that there is nothing, for the shorter time', async () => {
    const clock = testClock();
    const asked: string[] = [];
    const get = timedCache({
      now: clock.now,
      ttl: 60_000,
      absentTtl: 10_000,
      max: 10,
      maxAbsent: 10,
      misses: { perSecond: 1, burst: 2 },
      isAbsent: ({ found }: { readonly found: boolean }) => !found,
      load: async (key: string) => {
        asked.push(key);
        return { found: key.startsWith('k') };
      },
    });
    const nothing = await get('x1');
    clock.advance(9999);
    expect(await get('x1')).toBe(nothing);
    clock.advance(1);
    expect(await get('x1')).toEqual({ found: false });
    await get('k1');
    clock.advance(50_000);
    await get('k1');
    expect(asked).toEqual(['x1', 'x1', 'k1']);
    await Promise.allSettled(['x2', 'x3', 'x4', 'x5'].map((key) => get(key)));
    expect(asked.slice(3)).toEqual(['x2', 'x3']);
  });

  it('keeps the misses of different kinds of keys apart', async () => {
    const asked: string[] = [];
    const kinds = { a: 'first', b: 'first' };
    const get = timedCache({
      now: testClock().now,
      ttl: 60_000,
      absentTtl: 10_000,
      max: 100,
      maxAbsent: 100,
      misses: { perSecond: 1, burst: 3 },
      kindOf: (key: string) => (key.slice(0, 1) in kinds ? 'first' : 'second'),
      load: async (key: string): Promise<undefined> => {
        asked.push(key);
      },
    });
    const numbers = [1, 2, 3, 4, 5];
    await Promise.allSettled(numbers.flatMap((n) => [`a${n}`, `b${n}`]).map((key) => get(key)));
    expect(asked).toEqual(['a1', 'b1', 'a2']);
    await Promise.allSettled(numbers.map((n) => get(`c${n}`)));
    expect(asked.slice(3)).toEqual(['c1', 'c2', 'c3']);
  });

  it('drops the oldest key when there are too many', async () => {
    const { get, asked } = cacheOf({ max: 3 });
    for (const key of ['k1', 'k2', 'k3', 'k4']) await get(key);
    for (const key of ['k2', 'k3', 'k4']) await get(key);
    expect(asked).toHaveLength(4);
    await get('k1');
    expect(asked).toHaveLength(5);
  });

  it('remembers no more absent keys than it may, and drops the oldest', async () => {
    const { get, asked } = cacheOf({ maxAbsent: 3 });
    for (const key of ['x1', 'x2', 'x3', 'x4']) await get(key);
    for (const key of ['x2', 'x3', 'x4']) await get(key);
    expect(asked).toHaveLength(4);
    await get('x1');
    expect(asked).toHaveLength(5);
  });

  it('lets absent keys crowd out nothing that was found', async () => {
    const { get, asked } = cacheOf({ max: 2, burst: 1000 });
    await get('k1');
    for (let key = 0; key < 500; key += 1) await get(`x${key}`);
    expect(asked).toHaveLength(501);
    expect(await get('k1')).toBe('k1 1');
  });

  it('holds to its bounds in every run of calls, and never answers wrongly', async () => {
    const step = fc.oneof(
      fc.record({ key: fc.constantFrom('k1', 'k2', 'k3', 'x1', 'x2', 'x3', 'x4', 'x5') }),
      fc.record({ wait: fc.integer({ min: 0, max: 30_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { get, asked, clock } = cacheOf({ max: 2, maxAbsent: 2, perSecond: 1, burst: 3 });
        let waited = 0;
        let unknown = 0;
        for (const one of steps) {
          if ('wait' in one) {
            clock.advance(one.wait);
            waited += one.wait;
            continue;
          }
          const before = asked.length;
          const value = await get(one.key).catch((error: unknown) => error);
          if (one.key.startsWith('x') && asked.length > before) unknown += 1;
          expect(isRight(one.key, value)).toBe(true);
        }
        expect(unknown).toBeLessThanOrEqual(3 + waited / 1000);
      }),
      { numRuns: 300 },
    );
  });
});
