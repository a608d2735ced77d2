import { beforeAll, describe, expect, it } from 'vitest';
import type { ProblemName } from '#shared/kernel/problem.ts';
import { receiveAccess, receiveRequest } from '#shared/message/receive.ts';
import {
  buildAccess,
  buildRequest,
  clockAt,
  directoryOf,
  makeKey,
  registered,
  type Standing,
  type TestKey,
  testAudience,
  testNow,
  withMembers,
  withTimes,
} from '#tests/support/messages.ts';

const now = testNow / 1000;
let key: TestKey;

beforeAll(async () => {
  key = await makeKey();
});

type Verdict = ProblemName | 'accepted';

const verdictOf = (attempt: Promise<unknown>): Promise<Verdict> =>
  attempt.then(
    () => 'accepted',
    (error: { readonly name: ProblemName }) => error.name,
  );

const judge = async (text: Promise<string>, standing: Standing = {}): Promise<Verdict> =>
  verdictOf(
    receiveRequest(await text, {
      audience: testAudience,
      keyOf: directoryOf([await registered(key, standing)]),
      now: clockAt(testNow + 999),
    }),
  );

describe('the times of a request, with the clock standing still', () => {
  it.each<[string, { readonly iat: number; readonly exp: number; readonly nbf?: number }, Verdict]>(
    [
      ['one second long', { iat: 0, exp: 1 }, 'accepted'],
      ['no second long', { iat: 0, exp: 0 }, 'invalid-claims'],
      ['300 seconds long', { iat: 0, exp: 300 }, 'accepted'],
      ['301 seconds long', { iat: 0, exp: 301 }, 'lifetime-too-long'],
      ['begun 60 seconds ahead', { iat: 60, exp: 61 }, 'accepted'],
      ['begun 61 seconds ahead', { iat: 61, exp: 62 }, 'not-yet-valid'],
      ['expired this second', { iat: -60, exp: 0 }, 'accepted'],
      ['expired 10 seconds ago', { iat: -60, exp: -10 }, 'accepted'],
      ['expired 11 seconds ago', { iat: -60, exp: -11 }, 'expired'],
      ['valid from 60 seconds ahead', { iat: 0, exp: 200, nbf: 60 }, 'accepted'],
      ['valid from 61 seconds ahead', { iat: 0, exp: 200, nbf: 61 }, 'not-yet-valid'],
    ],
  )('%s', async (_, offsets, verdict) => {
    const text = buildRequest({
      key,
      now: testNow,
      claims: withTimes(now, offsets),
    });

    expect(await judge(text)).toBe(verdict);
  });
});

describe("a key's validity, to the millisecond", () => {
  it.each<[string, Standing, Verdict]>([
    ['begins now', { notBefore: testNow + 999 }, 'accepted'],
    ['begins in a millisecond', { notBefore: testNow + 1000 }, 'key-not-active'],
    ['ends in a millisecond', { notAfter: testNow + 1000 }, 'accepted'],
    ['ends now', { notAfter: testNow + 999 }, 'key-not-active'],
    ['is revoked', { status: 'revoked' }, 'key-not-active'],
    ['belongs to nobody that has a role', { owner: 'nobody' }, 'wrong-role'],
  ])('%s', async (_, standing, verdict) => {
    expect(await judge(buildRequest({ key, now: testNow }), standing)).toBe(verdict);
  });
});

describe('an access token', () => {
  it.each<[number, Verdict]>([
    [60, 'accepted'],
    [61, 'lifetime-too-long'],
  ])('that lives %i seconds: %s', async (lifetime, verdict) => {
    const text = await buildAccess({
      key,
      now: testNow,
      htu: 'https://exchange.example/v1/inquiries/1',
      claims: withMembers({ exp: now + lifetime }),
    });
    const keyOf = directoryOf([await registered(key)]);

    expect(
      await verdictOf(
        receiveAccess(text, { audience: testAudience, keyOf, now: clockAt(testNow) }),
      ),
    ).toBe(verdict);
  });
});
