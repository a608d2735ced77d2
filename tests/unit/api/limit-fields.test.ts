import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLimits, writeLimits } from '#shared/api/limit-fields.ts';
import type { LimitState } from '#shared/kernel/limit-state.ts';
import { meterKinds, meterPeriods } from '#shared/registry/meters.ts';

const second: LimitState = { name: 'service-all-second', quota: 50, window: 1, left: 9, reset: 1 };
const day: LimitState = { name: 'grant-day', quota: 1000, window: 86_400, left: 0, reset: 4711 };

const headersOf = (fields: Readonly<Record<string, string>>) => {
  const headers = new Headers(fields);
  return (name: string): string | null => headers.get(name);
};

const names = meterKinds.flatMap((kind) => meterPeriods.map((per) => `${kind}-${per}`));
const count = fc.nat();
const anyLimits = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...names),
    quota: count,
    window: count,
    left: count,
    reset: count,
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

describe('the fields RateLimit and RateLimit-Policy', () => {
  it('name each policy with its quota and window, and what is left until when', () => {
    expect(writeLimits([second, day])).toEqual({
      'ratelimit-policy': '"service-all-second";q=50;w=1, "grant-day";q=1000;w=86400',
      ratelimit: '"service-all-second";r=9;t=1, "grant-day";r=0;t=4711',
    });
  });

  it('are not there without a limit', () => {
    expect(writeLimits([])).toEqual({});
    expect(readLimits(() => null)).toEqual([]);
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyLimits, (limits) => {
        expect(readLimits(headersOf({ ...writeLimits(limits) }))).toEqual(limits);
      }),
    );
  });

  it('are read with the parameters of others passed over', () => {
    const fields = {
      'ratelimit-policy': '"grant-day";q=1000;qu="requests";w=86400;pk=:YQ==:',
      ratelimit: '"grant-day";r=0;pk=:YQ==:;t=4711',
    };
    expect(readLimits(headersOf(fields))).toEqual([day]);
  });

  it.each([
    ['a policy without a state', { 'ratelimit-policy': '"a";q=1;w=1' }],
    ['a state without a policy', { ratelimit: '"a";r=1;t=1' }],
    ['a quota that is missing', { 'ratelimit-policy': '"a";w=1', ratelimit: '"a";r=1;t=1' }],
    ['a quota below zero', { 'ratelimit-policy': '"a";q=-1;w=1', ratelimit: '"a";r=1;t=1' }],
    ['a number with a fraction', { 'ratelimit-policy': '"a";q=1;w=1', ratelimit: '"a";r=1.5;t=1' }],
    ['an older form', { 'ratelimit-policy': '100;w=60', ratelimit: 'limit=100, remaining=5' }],
  ])('say nothing with %s', (_, fields: Readonly<Record<string, string>>) => {
    expect(readLimits(headersOf(fields))).toEqual([]);
  });

  it('of any text are read without an error', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (policy, state) => {
        expect(readLimits((name) => (name === 'ratelimit' ? state : policy))).toBeInstanceOf(Array);
      }),
    );
  });
});
