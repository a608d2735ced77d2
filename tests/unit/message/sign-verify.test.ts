import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url } from '#shared/kernel/bytes.ts';
import { algorithms } from '#shared/message/algorithm.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import { jwsPart } from '#shared/message/framing.ts';
import type { VerificationKey } from '#shared/message/key.ts';
import { kinds } from '#shared/message/kind.ts';
import {
  type Receiver,
  receiveAccess,
  receiveForward,
  receiveReceipt,
  receiveRequest,
  receiveResponse,
} from '#shared/message/receive.ts';
import { signMessage, signSdJwt } from '#shared/message/sign.ts';
import {
  buildRequest,
  clockAt,
  directoryOf,
  inquiryIdAt,
  makeKey,
  newJti,
  newSalt,
  registered,
  requestClaimsAt,
  requestFactsExample,
  type TestKey,
  testAudience,
  testNow,
} from '#tests/support/messages.ts';

const seconds = testNow / 1000;
const owners = { counter: 'counter:72110345', agency: 'agency:post', exchange: 'exchange:estelam' };

type Pair = { readonly key: TestKey; readonly known: VerificationKey };
const pairs = new Map<string, Pair>();

const pairOf = (alg: string, role: keyof typeof owners): Pair => {
  const pair = pairs.get(`${alg} ${role}`);
  if (pair === undefined) throw new Error(`There is no ${alg} key of the ${role}.`);
  return pair;
};

const receiver = (known: VerificationKey, now = testNow): Receiver => ({
  audience: testAudience,
  keyOf: directoryOf([known]),
  now: clockAt(now),
});

beforeAll(async () => {
  for (const alg of algorithms) {
    for (const [role, owner] of Object.entries(owners)) {
      const key = await makeKey(alg, owner);
      pairs.set(`${alg} ${role}`, { key, known: await registered(key) });
    }
  }
});

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
const params = fc.dictionary(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,10}$/),
  fc.oneof(
    fc.maxSafeInteger().map((n) => n || 0),
    text,
    fc.boolean(),
    fc.constant(null),
  ),
  { maxKeys: 5, noNullPrototype: true },
);

describe.each(algorithms)('a message signed with %s', (alg) => {
  it('is a request that says what was put into it', async () => {
    const { key, known } = pairOf(alg, 'counter');
    await fc.assert(
      fc.asyncProperty(params, text, text, async (made, reference, operator) => {
        const facts = { ...requestFactsExample, params: made, case: reference, operator };
        const claims = requestClaimsAt(testNow, key.owner);
        const disclosures = Object.entries(facts).map(([name, value]) =>
          makeDisclosure(newSalt(), name, value),
        );
        const message = await signSdJwt(kinds.request, claims, disclosures, key.signer);
        const verified = await receiveRequest(message, receiver(known));
        expect(verified.claims).toMatchObject(claims);
        expect(verified.facts).toEqual(facts);
        expect(verified.key).toBe(known);
        expect(verified.jws).toBe(jwsPart(message));
        expect(verified.disclosures).toEqual(disclosures);
      }),
      { numRuns: 30 },
    );
  });

  it('does not hold when any one character of its JWS is another', async () => {
    const { key, known } = pairOf(alg, 'counter');
    const message = await buildRequest({ key, now: testNow });
    const { length } = jwsPart(message);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: length - 1 }),
        fc.constantFrom(
          ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'.split(''),
        ),
        async (at, character) => {
          fc.pre(message[at] !== character);
          const changed = message.slice(0, at) + character + message.slice(at + 1);
          await expect(receiveRequest(changed, receiver(known))).rejects.toMatchObject({
            status: 400,
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is a response whose fields may be withheld one by one', async () => {
    const { key, known } = pairOf(alg, 'agency');
    const fields = [
      makeDisclosure(newSalt(), 'name', 'سارا'),
      makeDisclosure(newSalt(), 'lifeStatus', 'alive'),
      makeDisclosure(newSalt(), 'address', { city: 'تبریز', plate: 12 }),
    ];
    const claims = {
      iss: key.owner,
      aud: testAudience,
      iat: seconds,
      exp: seconds + 60,
      jti: newJti(),
      in_reply_to: newJti(),
      req_s256: 'A'.repeat(43),
      inq_id: inquiryIdAt(testNow),
      seq: 1,
      outcome: 'FOUND',
    };
    const message = await signSdJwt(kinds.response, claims, fields, key.signer);
    const [jws, ...texts] = message.split('~').slice(0, -1);
    await fc.assert(
      fc.asyncProperty(fc.subarray(texts), async (kept) => {
        const verified = await receiveResponse(`${[jws, ...kept].join('~')}~`, receiver(known));
        expect(verified.disclosures.map((disclosure) => disclosure.text)).toEqual(kept);
        expect(verified.jws).toBe(jws);
      }),
    );
  });

  it('is an access token, a forward and a receipt', async () => {
    const common = { aud: testAudience, iat: seconds, jti: newJti() };
    const counter = pairOf(alg, 'counter');
    const exchange = pairOf(alg, 'exchange');
    const access = {
      ...common,
      iss: counter.key.owner,
      exp: seconds + 60,
      htm: 'GET',
      htu: 'https://exchange.example/v1/inquiries/1',
    };
    const forward = {
      ...common,
      iss: exchange.key.owner,
      exp: seconds + 300,
      inq_id: inquiryIdAt(testNow),
      origin: await buildRequest({ key: counter.key, now: testNow }),
      origin_key: counter.key.jwk,
      level: 'match',
      fields: ['name'],
    };
    const receipt = {
      ...common,
      iss: exchange.key.owner,
      in_reply_to: newJti(),
      req_s256: 'A'.repeat(43),
      inq_id: inquiryIdAt(testNow),
      decision: { effect: 'allow', rule: 'grant.pension', registry: 12 },
      outcome: 'FOUND',
      leaf: 'A'.repeat(43),
      log: 'exchange.example/log',
      mmd: 60,
    };
    const signed = {
      access: await signMessage(kinds.access, access, counter.key.signer),
      forward: await signMessage(kinds.forward, forward, exchange.key.signer),
      receipt: await signMessage(kinds.receipt, receipt, exchange.key.signer),
    };
    const years = receiver(exchange.known, testNow + 10 * 365 * 86_400_000);

    expect((await receiveAccess(signed.access, receiver(counter.known))).claims).toEqual(access);
    expect((await receiveForward(signed.forward, receiver(exchange.known))).claims).toEqual(
      forward,
    );
    expect((await receiveReceipt(signed.receipt, years)).claims).toEqual(receipt);
  });

  it('holds nothing in its header but alg, kid and typ', async () => {
    const { key } = pairOf(alg, 'counter');
    const message = await signMessage(kinds.access, {}, key.signer);
    const header = Buffer.from(fromBase64Url(message.split('.')[0] ?? '') ?? []).toString();

    expect(JSON.parse(header)).toEqual({ alg, kid: key.kid, typ: 'inq-access+jwt' });
  });
});
