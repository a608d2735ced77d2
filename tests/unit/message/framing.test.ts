import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import { jwsPart, parseMessage } from '#shared/message/framing.ts';
import { kinds } from '#shared/message/kind.ts';
import {
  buildAccess,
  buildRequest,
  buildResponse,
  makeKey,
  type TestKey,
  testNow,
} from '#tests/support/messages.ts';
import { requestOf, requestWithJwsOf } from '#tests/support/sizes.ts';

let key: TestKey;

beforeAll(async () => {
  key = await makeKey();
});

const problemOf = (text: string, kind: keyof typeof kinds = 'request'): string | undefined => {
  try {
    parseMessage(text, kinds[kind]);
  } catch (error) {
    if (error instanceof Problem) return error.name;
    throw error;
  }
  return undefined;
};

describe('parseMessage', () => {
  it('takes a message apart and loses nothing of it', async () => {
    const text = await buildRequest({ key, now: testNow });
    const framed = parseMessage(text, kinds.request);

    expect(framed.header).toEqual({ alg: 'ES256', kid: key.kid, typ: 'inq-request+sd-jwt' });
    expect(`${[framed.jws, ...framed.disclosures].join('~')}~`).toBe(text);
    expect(jwsPart(text)).toBe(framed.jws);
    expect(framed.signature.length).toBe(64);
  });

  it('holds the JWS of a request to 4096 characters, and each length up to there can be', async () => {
    for (const length of [4093, 4094, 4095, 4096]) {
      const text = await requestWithJwsOf(length, { key, now: testNow });
      expect([jwsPart(text).length, problemOf(text)]).toEqual([length, undefined]);
    }
    for (const length of [4097, 4098, 4099, 4100]) {
      const text = await requestWithJwsOf(length, { key, now: testNow });
      expect([jwsPart(text).length, problemOf(text)]).toEqual([length, 'too-large']);
    }
  });

  it('holds a request to 65536 characters', async () => {
    for (const length of [65_535, 65_536, 65_537, 65_538]) {
      const text = await requestOf(length, { key, now: testNow });
      expect([text.length, problemOf(text)]).toEqual([
        length,
        length <= 65_536 ? undefined : 'too-large',
      ]);
    }
  });

  it('wants a ~ behind an SD-JWT and none behind a JWT', async () => {
    const response = await buildResponse({ key, now: testNow });
    const access = await buildAccess({ key, now: testNow, htu: 'https://exchange.example/' });

    expect(problemOf(response, 'response')).toBeUndefined();
    expect(problemOf(response.slice(0, -1), 'response')).toBe('malformed');
    expect(problemOf(access, 'access')).toBeUndefined();
    expect(problemOf(`${access}~`, 'access')).toBe('malformed');
  });

  it('throws Problems only, on any text', () => {
    const parts = fc.array(fc.constantFrom('.', '~', 'e30', 'eyJhIjoxfQ', '=', ' ', '\u06f1', 'A'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((list) => list.join('')),
        ),
        (text) => {
          expect(['malformed', 'header-not-allowed', 'disclosure-invalid']).toContain(
            problemOf(text),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});
