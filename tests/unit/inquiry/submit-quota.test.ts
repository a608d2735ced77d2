import { describe, expect, it } from 'vitest';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import {
  makeExchange,
  receiptOf,
  refusal,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow, withInquiry } from '#tests/support/messages.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';

/** An exchange whose identity service has a quota. */
const quotaed = async (quota: JsonObject): Promise<TestExchange> => {
  const entries = sampleEntries(await testKeys());
  const registry = entries.map((entry) =>
    entry === identityService ? serviceWith({ quota }) : entry,
  );
  return makeExchange({ registry });
};

const ofADay = (perDay: number): Promise<TestExchange> => quotaed({ counter: { perDay } });

/** How many uses were given out. */
const givenBy = ({ meters }: TestExchange): number =>
  [...meters.dump().values()].reduce((sum, one) => sum + one, 0);

const leftAfter = async (test: TestExchange): Promise<number | undefined> => {
  const { limits } = await test.submit(await test.request());
  return limits?.[0]?.left;
};

describe('an inquiry for a service with a quota', () => {
  it('is answered, and told what is left', async () => {
    const test = await ofADay(3);
    const { answer, problem, limits } = await test.submit(await test.request());
    expect(problem).toBeUndefined();
    expect(answer).toBeDefined();
    expect(limits).toEqual([
      { name: 'service-counter-day', quota: 3, window: 86_400, left: 2, reset: 45_000 },
    ]);
    expect(await leftAfter(test)).toBe(1);
  });

  it('is refused above it, and leaves nothing', async () => {
    const test = await ofADay(2);
    await leftAfter(test);
    await leftAfter(test);
    const before = test.journal.dump();
    const { name, status, extras } = await refusal(test, await test.request());
    expect([name, status]).toEqual(['rate-limited', 429]);
    expect(extras).toMatchObject({ retryAfter: 45_000, limits: [{ quota: 2, left: 0 }] });
    expect(extras.receipt).toBeUndefined();
    expect(test.journal.dump()).toEqual(before);
    expect(test.agencies.calls).toHaveLength(2);
  });

  it('is counted for each counter by itself', async () => {
    const test = await ofADay(1);
    await leftAfter(test);
    const key = test.keys.otherCounter;
    const { limits } = await test.submit(await test.request({ key }));
    expect(limits?.[0]?.left).toBe(0);
    expect((await refusal(test, await test.request())).name).toBe('rate-limited');
  });

  it('is counted for all counters together where the quota is of all', async () => {
    const test = await quotaed({ all: { perDay: 1 } });
    await leftAfter(test);
    const other = await test.request({ key: test.keys.otherCounter });
    expect((await refusal(test, other)).extras.limits?.[0]?.name).toBe('service-all-day');
  });

  it('is counted by the time that its record names', async () => {
    const test = await quotaed({ counter: { perSecond: 1 } });
    await leftAfter(test);
    expect((await refusal(test, await test.request())).extras.retryAfter).toBe(1);
    test.clock.advance(1000);
    expect(await leftAfter(test)).toBe(0);
    const window = (seconds: number): string =>
      `service-counter ${identityService.ref} counter:72110345 second ${seconds}`;
    const first = testNow / 1000;
    expect([...test.meters.dump().keys()]).toEqual([window(first), window(first + 1)]);
  });

  it('spends nothing when it is denied', async () => {
    const test = await ofADay(3);
    const text = await test.request({ claims: withInquiry({ purpose: 'curiosity' }) });
    const { problem, limits } = await test.submit(text);
    expect(problem?.name).toBe('policy-denied');
    expect(limits).toEqual([]);
    expect(test.meters.faults.calls('take')).toBe(0);
  });

  it('spends nothing when it is stale, or no message', async () => {
    const test = await ofADay(3);
    const stale = withInquiry({ id: inquiryIdAt(testNow - 10_001) });
    await refusal(test, await test.request({ claims: stale }));
    await refusal(test, 'no message');
    expect(test.meters.faults.calls('take')).toBe(0);
  });

  it('spends one when the agency fails, and is told what is left', async () => {
    const test = await ofADay(3);
    test.agencies.play(() => ({ kind: 'timeout' }));
    const { problem, limits } = await test.submit(await test.request());
    expect(problem?.name).toBe('agency-timeout');
    expect(limits?.[0]?.left).toBe(2);
  });

  it('is served as often as the quota says by many processes at once', async () => {
    const test = await ofADay(5);
    const texts = await Promise.all(Array.from({ length: 20 }, () => test.request()));
    const served = await Promise.allSettled(texts.map(async (text) => test.restart().submit(text)));
    // Each of them has spent its own budget over one store.
    expect(served.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(test.agencies.calls).toHaveLength(5);
  });

  it('makes no call for a service without a quota', async () => {
    const test = await makeExchange();
    const { limits } = await test.submit(await test.request());
    expect(limits).toEqual([]);
    expect(test.meters.faults.calls('take')).toBe(0);
  });
});

describe('a retry of an inquiry for a service with a quota', () => {
  it('costs nothing', async () => {
    const test = await ofADay(2);
    const text = await test.request();
    await test.submit(text);
    for (let n = 0; n < 5; n += 1) {
      const again = await test.submit(await test.retry(text));
      expect(again.answer).toBeDefined();
      expect(again.limits).toBeUndefined();
    }
    expect(await leftAfter(test)).toBe(0);
  });

  it('is answered when nothing is left', async () => {
    const test = await ofADay(1);
    const text = await test.request();
    const first = await test.submit(text);
    expect((await refusal(test, await test.request())).name).toBe('rate-limited');
    const again = await test.submit(await test.retry(text));
    expect(again.answer).toBe(first.answer);
    expect(receiptOf(again.receipt).outcome).toBe('FOUND');
  });

  it('is answered when the store of meters is away', async () => {
    const test = await ofADay(5);
    const text = await test.request();
    const first = await test.submit(text);
    test.meters.faults.breakCall('take', 'not-persisted');
    const again = await test.submit(await test.retry(text));
    expect(again.answer).toBe(first.answer);
  });

  it('of the very same token is a replay, whatever is left', async () => {
    const test = await ofADay(1);
    const text = await test.request();
    await test.submit(text);
    expect((await refusal(test, text)).name).toBe('replayed');
  });
});

describe('a quota that cannot be counted', () => {
  it.each<readonly [Fault, number]>([
    ['not-persisted', 1],
    ['unacknowledged', 0],
  ])('(%s) lets nothing through', async (fault, left) => {
    const test = await ofADay(2);
    test.meters.faults.breakCall('take', fault);
    const { name } = await refusal(test, await test.request());
    expect(name).toBe('store-unavailable');
    expect(test.journal.dump()).toEqual([]);
    expect(test.agencies.calls).toEqual([]);
    expect(await leftAfter(test)).toBe(left);
  });
});

describe('an intent behind a quota that cannot be written', () => {
  it.each<Fault>(['not-persisted', 'unacknowledged'])(
    '(%s) costs its use: the log may hold it',
    async (fault) => {
      const test = await ofADay(3);
      test.journal.faults.breakCall('putIntent', fault);
      expect((await refusal(test, await test.request())).name).toBe('store-unavailable');
      expect(await leftAfter(test)).toBe(1);
      expect(givenBy(test)).toBe(2);
    },
  );

  it('gives its use back where the exchange could not sign before it', async () => {
    const test = await ofADay(2);
    let calls = 0;
    const flaky = test.restart({
      signer: () => {
        calls += 1;
        return calls === 2 ? Promise.reject(new Error('gone')) : test.exchange.signer();
      },
    });
    await expect(flaky.submit(await test.request())).rejects.toThrow('gone');
    const { limits } = await flaky.submit(await test.request());
    expect(limits?.[0]?.left).toBe(1);
  });
});
