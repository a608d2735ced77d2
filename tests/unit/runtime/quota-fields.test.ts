import { describe, expect, it } from 'vitest';
import { serve } from '#functions/runtime/http.ts';
import type { Observer } from '#functions/runtime/observe.ts';
import { answers } from '#functions/submit-inquiry/handler.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';
import { eventFor } from './events.ts';

const nobody: Observer = { outcome: () => {}, bug: () => {} };

const limited = async (): Promise<TestExchange> => {
  const quota = { counter: { perDay: 1 }, all: { perSecond: 8 } };
  const entries = sampleEntries(await testKeys());
  const registry = entries.map((entry) =>
    entry === identityService ? serviceWith({ quota }) : entry,
  );
  return makeExchange({ registry });
};

const post = async ({ exchange, request }: TestExchange) => {
  const handler = serve(() => ({ answers: answers(async () => exchange), observe: nobody }));
  const headers = { 'content-type': 'application/sd-jwt' };
  return handler(eventFor('submitInquiry', { headers, body: await request() }));
};

const policy = '"service-counter-day";q=1;w=86400, "service-all-second";q=8;w=1';

describe('the fields of an answer under quotas', () => {
  it('say what is left when it is answered', async () => {
    const { statusCode, headers } = await post(await limited());
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'ratelimit-policy': policy,
      ratelimit: '"service-counter-day";r=0;t=45000, "service-all-second";r=7;t=1',
    });
    expect(headers).not.toHaveProperty('retry-after');
  });

  it('say when to come back when it is refused', async () => {
    const test = await limited();
    await post(test);
    const { statusCode, headers, body } = await post(test);
    expect(statusCode).toBe(429);
    expect(headers).toMatchObject({
      'retry-after': '45000',
      'ratelimit-policy': policy,
      ratelimit: '"service-counter-day";r=0;t=45000, "service-all-second";r=7;t=1',
    });
    expect(JSON.parse(body ?? '')).toMatchObject({ status: 429 });
  });

  it('are not there without a quota', async () => {
    const { statusCode, headers } = await post(await makeExchange());
    expect(statusCode).toBe(200);
    expect(headers).not.toHaveProperty('ratelimit');
    expect(headers).not.toHaveProperty('ratelimit-policy');
  });
});
