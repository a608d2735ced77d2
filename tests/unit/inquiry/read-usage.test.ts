import { describe, expect, it } from 'vitest';
import { readUsage } from '#shared/inquiry/read-usage.ts';
import { parseUsageQuery } from '#shared/inquiry/usage-query.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { accessOf, grantOf, limitOf, narrowed } from '#tests/support/access.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { testNow } from '#tests/support/messages.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';

const till = 'counter:72110345';
const agency = 'agency:civil-registry';
const service = identityService.ref;

const stageWith = async (...more: readonly RegistryEntry[]): Promise<TestExchange> => {
  const quota = { counter: { perSecond: 9, perDay: 5 }, all: { perDay: 100 } };
  const entries = sampleEntries(await testKeys());
  const registry = entries.map((entry) =>
    entry === identityService ? serviceWith({ quota }) : entry,
  );
  return makeExchange({ registry: [...registry, ...more] });
};

const usage = (
  { exchange, clock }: TestExchange,
  sender: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<JsonObject> =>
  readUsage(exchange)(parseUsageQuery({ service, ...parameters }, clock.now()), sender);

const asked = async (test: TestExchange, times: number): Promise<void> => {
  for (let n = 0; n < times; n += 1) await test.submit(await test.request());
};

describe('what is read of the use of quotas', () => {
  it('by a counter is its own, and nobody else\u2019s', async () => {
    const test = await stageWith();
    await asked(test, 2);
    await test.submit(await test.request({ key: test.keys.otherCounter }));
    expect(await usage(test, till)).toEqual({
      service,
      counter: till,
      day: '2027-01-15',
      from: '2027-01-14T20:30:00.000Z',
      until: '2027-01-15T20:30:00.000Z',
      meters: [{ name: 'service-counter-day', used: 2, most: 5, left: 3 }],
    });
    expect(await usage(test, till, { counter: till })).toEqual(await usage(test, till));
  });

  it('by the agency of the service is that of all counters together', async () => {
    const test = await stageWith();
    await asked(test, 2);
    await test.submit(await test.request({ key: test.keys.otherCounter }));
    const said = await usage(test, agency);
    expect(said['meters']).toEqual([{ name: 'service-all-day', used: 3, most: 100, left: 97 }]);
    expect(said).not.toHaveProperty('counter');
  });

  it('by the agency of a counter that it names, beside that of all', async () => {
    const test = await stageWith();
    await asked(test, 2);
    const { meters } = await usage(test, agency, { counter: till });
    expect(meters).toEqual([
      { name: 'service-counter-day', used: 2, most: 5, left: 3 },
      { name: 'service-all-day', used: 2, most: 100, left: 98 },
    ]);
  });

  it('names the grant and the limits that count', async () => {
    const test = await stageWith(
      narrowed(),
      accessOf({
        grants: [grantOf({ quota: { perDay: 7 } })],
        limits: [limitOf({ quota: { perDay: 3 } })],
      }),
    );
    await asked(test, 1);
    const { meters } = await usage(test, till);
    expect(meters).toEqual([
      { name: 'service-counter-day', used: 0, most: 5, left: 5 },
      { name: 'limit-own-day', used: 1, most: 3, left: 2 },
      { name: 'grant-day', grant: grantOf().id, used: 1, most: 7, left: 6 },
    ]);
  });

  it('of another day is what was used then', async () => {
    const test = await stageWith();
    await asked(test, 2);
    test.clock.advance(86_400_000);
    await asked(test, 1);
    const [today, before] = [
      await usage(test, till),
      await usage(test, till, { day: '2027-01-15' }),
    ];
    expect(today['meters']).toEqual([{ name: 'service-counter-day', used: 1, most: 5, left: 4 }]);
    expect(before['meters']).toEqual([{ name: 'service-counter-day', used: 2 }]);
  });

  it('is nothing, and no call, where there is no quota', async () => {
    const test = await makeExchange();
    expect((await usage(test, till))['meters']).toEqual([]);
    expect(test.meters.faults.calls('read')).toBe(0);
  });

  it.each([
    ['a counter of another', 'wrong-role', till, { counter: 'counter:72110346' }],
    ['another agency', 'not-found', 'agency:telecom', {}],
    ['a service of nobody', 'not-found', till, { service: 'post/horoscope@1' }],
    ['a version of nobody', 'not-found', agency, { service: 'civil-registry/identity@2' }],
    ['a counter of nobody', 'not-found', agency, { counter: 'counter:1' }],
  ])('is refused to %s', async (_, name, sender, parameters) => {
    const test = await stageWith();
    await expect(usage(test, sender, { ...parameters })).rejects.toMatchObject({ name });
  });

  it('is told as store-unavailable where the meters cannot be read', async () => {
    const test = await stageWith();
    test.meters.faults.breakCall('read', 'not-persisted');
    await expect(usage(test, till)).rejects.toMatchObject({ name: 'store-unavailable' });
  });
});

describe('a query of the use of quotas', () => {
  it.each([
    ['no service', {}],
    ['a service without a version', { service: 'civil-registry/identity' }],
    ['an agency in the place of a counter', { service, counter: agency }],
    ['a day that there is not', { service, day: '2027-02-30' }],
    ['a day of another form', { service, day: '1405/10/25' }],
    ['tomorrow', { service, day: '2027-01-16' }],
    ['a day that is forgotten', { service, day: '2026-12-31' }],
    ['an unknown parameter', { service, subject: 'anybody' }],
  ])('is refused with %s', (_, parameters) => {
    expect(() => parseUsageQuery(parameters, testNow)).toThrow('invalid-query');
  });

  it('reaches back fourteen days', () => {
    const { day, today } = parseUsageQuery({ service, day: '2027-01-01' }, testNow);
    expect([day.date, today]).toEqual(['2027-01-01', false]);
    expect(parseUsageQuery({ service, day: '2027-01-15' }, testNow).today).toBe(true);
  });
});
