import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal, unseal } from '#shared/audit/vault.ts';
import { endOfHoldWindow, holdWindowLength, holdWindowOf } from '#shared/inquiry/hold-key-store.ts';
import { holdKeys } from '#shared/inquiry/hold-keys.ts';
import { memoryHoldKeyStore } from '#shared/inquiry/memory-hold-key-store.ts';
import type { Briefly } from '#shared/inquiry/ports.ts';
import { wrapKey } from '#shared/inquiry/wrap-key.ts';
import { type SecretKey, sha256 } from '#shared/kernel/bytes.ts';
import { patiently, testClock } from '#tests/support/exchange.ts';
import { testNow } from '#tests/support/messages.ts';

const faults = ['not-persisted', 'unacknowledged'] as const;
const random = (length: number): Uint8Array => randomBytes(length);
const vaultKey = sha256('vault key');
const until = testNow + 600_000;

/** Processes over one store, with one clock. */
const setUp = () => {
  const clock = testClock();
  const keys = memoryHoldKeyStore();
  const start = (change: { readonly briefly?: Briefly; readonly vaultKey?: SecretKey } = {}) =>
    holdKeys({
      store: keys.store,
      vaultKey,
      now: clock.now,
      random,
      briefly: patiently,
      ...change,
    });
  return { clock, ...keys, start };
};

const bytesOf = (key: SecretKey | undefined): string | undefined => {
  if (key === undefined) return undefined;
  return Buffer.from(key instanceof Uint8Array ? key : key.export()).toString('hex');
};

describe('the key of a held answer', () => {
  it('is made by whoever needs it first, and is the same in every process', async () => {
    const { start, dump } = setUp();
    const [one, two] = [start(), start()];
    const key = bytesOf(await one.keyUntil(until));
    expect(key).toHaveLength(64);
    expect(bytesOf(await two.keyUntil(until))).toBe(key);
    expect(bytesOf(await start().keyOf(until))).toBe(key);
    expect([...dump().keys()]).toEqual([holdWindowOf(until)]);
  });

  it('is one key, when twenty processes make it at the same moment', async () => {
    const { start, dump } = setUp();
    const made = await Promise.all(Array.from({ length: 20 }, () => start().keyUntil(until)));
    expect(new Set(made.map(bytesOf)).size).toBe(1);
    expect(bytesOf(made[0])).toHaveLength(64);
    expect(dump().size).toBe(1);
  });

  it('is asked for once a process and window, however many need it at once', async () => {
    const { start, faults: plan } = setUp();
    const keys = start();
    await Promise.all(Array.from({ length: 50 }, () => keys.keyUntil(until)));
    for (let n = 0; n < 20; n += 1) await keys.keyUntil(until + n);
    expect(plan.calls('make')).toBe(1);
    expect(plan.calls('find')).toBe(0);
  });

  it('is another one in every window, and in every exchange', async () => {
    const { start } = setUp();
    const keys = start();
    const windows = [0, 1, 2].map((n) => until + n * holdWindowLength);
    const made = await Promise.all(windows.map((one) => keys.keyUntil(one)));
    const elsewhere = await setUp().start().keyUntil(until);
    expect(new Set([...made, elsewhere].map(bytesOf)).size).toBe(4);
  });

  it('stands there wrapped only', async () => {
    const { start, dump } = setUp();
    const key = bytesOf(await start().keyUntil(until)) ?? '';
    const [box] = dump().values();
    expect(Buffer.from(box ?? []).includes(Buffer.from(key, 'hex'))).toBe(false);
    expect(box?.length).toBeGreaterThan(60);
  });

  it('opens what was sealed until then, and never after the end of its window', async () => {
    const length = holdWindowLength;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 2 * length }),
        fc.oneof(fc.nat({ max: 4 * length }), fc.constantFrom(0, 1, length - 1, length)),
        fc.nat({ max: 2 * length }),
        async (hold, offset, passing) => {
          const { clock, start } = setUp();
          clock.advance(offset);
          const sealedAt = clock.now();
          const last = sealedAt + hold;
          const keys = start();
          const key = await keys.keyUntil(last);
          if (key === undefined) throw new Error('There is no key.');
          const box = seal(['WyJhIl0'], 'here', { key, nonce: () => random(12) });
          clock.advance(passing);
          const end = endOfHoldWindow(holdWindowOf(last));
          expect(end).toBeGreaterThan(last);
          expect(end - last).toBeLessThanOrEqual(length);
          for (const process of [keys, start()]) {
            const opening = await process.keyOf(last);
            const said = opening && unseal(box, 'here', { key: opening });
            const isOver = clock.now() >= end;
            expect(said).toEqual(isOver ? undefined : ['WyJhIl0']);
            expect((await process.keyUntil(last)) === undefined).toBe(isOver);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('goes at the last millisecond of its window, out of memory too', async () => {
    const { clock, start, faults: plan, dump } = setUp();
    const keys = start();
    await keys.keyUntil(until);
    clock.advance(endOfHoldWindow(holdWindowOf(until)) - clock.now() - 1);
    expect(await keys.keyUntil(until)).toBeDefined();
    expect(await keys.keyOf(until)).toBeDefined();
    clock.advance(1);
    expect(dump().size).toBe(1);
    expect(await keys.keyUntil(until)).toBeUndefined();
    expect(await keys.keyOf(until)).toBeUndefined();
    // Nothing was asked of the store any more.
    expect([plan.calls('make'), plan.calls('find')]).toEqual([1, 1]);
    // Back in its window, as by a clock that is set: what was in memory is gone.
    clock.advance(-1);
    expect(await keys.keyUntil(until)).toBeDefined();
    expect(plan.calls('make')).toBe(2);
  });

  it('is given out by no call that its window ended under', async () => {
    const { clock, start, faults: plan } = setUp();
    const keys = start();
    await keys.keyUntil(until);
    const pauses = [plan.pauseCall('find', 'after'), plan.pauseCall('make', 'after')];
    const asked = [keys.keyOf(until), start().keyUntil(until)];
    await Promise.all(pauses.map(({ reached }) => reached));
    clock.advance(2 * holdWindowLength + 600_000);
    for (const { release } of pauses) release();
    expect(await Promise.all(asked)).toEqual([undefined, undefined]);
  });

  it('opens nothing any more once it was taken away, in the process that made it neither', async () => {
    const { start, sweep } = setUp();
    const keys = start();
    expect(await keys.keyOf(until)).toBeUndefined();
    await keys.keyUntil(until);
    sweep();
    expect(await keys.keyOf(until)).toBeUndefined();
  });

  it('is none when another exchange wrapped what stands there, or another window', async () => {
    const { start, store } = setUp();
    await start({ vaultKey: sha256('another') }).keyUntil(until);
    const next = until + holdWindowLength;
    const box = wrapKey(random(32), holdWindowOf(until), { vaultKey, random });
    await store.make(holdWindowOf(next), box);
    for (const one of [until, next]) {
      expect(await start().keyUntil(one)).toBeUndefined();
      expect(await start().keyOf(one)).toBeUndefined();
    }
  });
});

describe('a store of keys that fails', () => {
  it.each(faults)(
    '(%s) gives no key to those who wait, and the next one gets it',
    async (fault) => {
      const { start, faults: plan, dump } = setUp();
      const keys = start();
      plan.breakCall('make', fault);
      const waiting = await Promise.all(Array.from({ length: 5 }, () => keys.keyUntil(until)));
      expect(waiting).toEqual(Array.from({ length: 5 }, () => undefined));
      expect(dump().size).toBe(fault === 'unacknowledged' ? 1 : 0);
      const key = bytesOf(await keys.keyUntil(until));
      expect(key).toHaveLength(64);
      expect(bytesOf(await keys.keyOf(until))).toBe(key);
      expect(plan.calls('make')).toBe(2);
    },
  );

  it.each(faults)('(%s) when it is read, is told to whoever opens', async (fault) => {
    const { start, faults: plan } = setUp();
    const keys = start();
    await keys.keyUntil(until);
    plan.breakCall('find', fault);
    await expect(keys.keyOf(until)).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(await keys.keyOf(until)).toBeDefined();
  });

  it('or only takes long, is waited for briefly; the key is there for whoever comes later', async () => {
    const { start, faults: plan } = setUp();
    const pause = plan.pauseCall('make', 'before');
    const keys = start({ briefly: async () => undefined });
    expect(await keys.keyUntil(until)).toBeUndefined();
    await pause.reached;
    expect(await keys.keyUntil(until)).toBeUndefined();
    pause.release();
    await new Promise(setImmediate);
    expect(await keys.keyUntil(until)).toBeDefined();
    expect(plan.calls('make')).toBe(1);
  });
});
