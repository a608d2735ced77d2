import { SDJwtInstance } from '@sd-jwt/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, sha256, toBase64Url } from '#shared/kernel/bytes.ts';
import { algorithms } from '#shared/message/algorithm.ts';
import { requestFacts } from '#shared/message/claims.ts';
import { receiveRequest, receiveResponse } from '#shared/message/receive.ts';
import {
  buildRequest,
  buildResponse,
  clockAt,
  directoryOf,
  makeKey,
  rawSign,
  registered,
  requestClaimsAt,
  requestFactsExample,
  type TestKey,
  testAudience,
  testNow,
} from '#tests/support/messages.ts';

/** The other library with our key: it brings its own framing, digests, salts' place and sorting. */
const judge = async (key: TestKey): Promise<SDJwtInstance<Record<string, unknown>>> => {
  const { key: publicKey } = await registered(key);
  const scheme = key.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' };
  return new SDJwtInstance({
    omitTyp: true,
    signAlg: key.alg,
    hashAlg: 'sha-256',
    hasher: (data) => sha256(typeof data === 'string' ? data : new Uint8Array(data)),
    saltGenerator: (length) => toBase64Url(crypto.getRandomValues(new Uint8Array(length))),
    signer: async (data) => toBase64Url(await rawSign(key, data)),
    verifier: (data, signature) =>
      crypto.subtle.verify(
        scheme,
        publicKey,
        Buffer.from(fromBase64Url(signature) ?? []),
        Buffer.from(data),
      ),
  });
};

const atTestNow = { currentDate: testNow / 1000 };

const verdictOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'accepted',
    () => 'refused',
  );

describe.each(algorithms)('@sd-jwt/core with %s', (alg) => {
  let counter: TestKey;
  let agency: TestKey;

  beforeAll(async () => {
    counter = await makeKey(alg);
    agency = await makeKey(alg, 'agency:civil-registry');
  });

  it('opens our requests and finds the same facts', async () => {
    const text = await buildRequest({ key: counter, now: testNow });
    const library = await judge(counter);
    const { payload, header } = await library.verify(text, atTestNow);

    expect(header).toEqual({ alg, kid: counter.kid, typ: 'inq-request+sd-jwt' });
    expect(payload).toMatchObject({ iss: counter.owner, ...requestFactsExample });
  });

  it('opens our responses, whichever fields were withheld', async () => {
    const facts = { name: 'سارا', alive: true, address: { city: 'تبریز', plates: [1, 2] } };
    const text = await buildResponse({ key: agency, now: testNow, facts });
    const [jws, ...disclosures] = text.split('~').slice(0, -1);
    const library = await judge(agency);
    const whole = await library.verify(text, atTestNow);
    const trimmed = await library.verify(`${[jws, disclosures[1]].join('~')}~`, atTestNow);

    expect(whole.payload).toMatchObject(facts);
    expect(trimmed.payload).toMatchObject({ alive: true });
    expect(trimmed.payload).not.toHaveProperty('name');
    expect(trimmed.payload).not.toHaveProperty('address');
  });

  it('refuses a message of ours that was tampered with, as we do', async () => {
    const text = await buildRequest({ key: counter, now: testNow });
    const other = await buildRequest({ key: counter, now: testNow });
    const payload = text.split('.')[1] ?? '';
    const tampered = text.replace(payload, other.split('.')[1] ?? '');
    const keyOf = directoryOf([await registered(counter)]);
    const receiver = { audience: testAudience, keyOf, now: clockAt(testNow) };

    expect(await verdictOf((await judge(counter)).verify(tampered, atTestNow))).toBe('refused');
    expect(await verdictOf(receiveRequest(tampered, receiver))).toBe('refused');
  });

  it('makes requests that we take, with the same claims and facts', async () => {
    const claims = requestClaimsAt(testNow, counter.owner);
    const text = await (await judge(counter)).issue(
      { ...claims, ...requestFactsExample },
      { _sd: [...requestFacts] },
      { header: { typ: 'inq-request+sd-jwt', kid: counter.kid } },
    );
    const keyOf = directoryOf([await registered(counter)]);
    const verified = await receiveRequest(text, {
      audience: testAudience,
      keyOf,
      now: clockAt(testNow),
    });

    expect(verified.claims).toMatchObject(claims);
    expect(verified.facts).toEqual(requestFactsExample);
  });

  it('trims a response of ours, and we still take it', async () => {
    const facts = { name: 'سارا', alive: true };
    const text = await buildResponse({ key: agency, now: testNow, facts });
    const trimmed = await (await judge(agency)).present(text, { name: true });
    const keyOf = directoryOf([await registered(agency)]);
    const verified = await receiveResponse(trimmed, {
      audience: testAudience,
      keyOf,
      now: clockAt(testNow),
    });

    expect(verified.disclosures.map(({ name, value }) => [name, value])).toEqual([
      ['name', 'سارا'],
    ]);
  });

  it('makes decoys and nested digests when asked to, and those we refuse', async () => {
    const claims = requestClaimsAt(testNow, counter.owner);
    const header = { header: { typ: 'inq-request+sd-jwt', kid: counter.kid } };
    const library = await judge(counter);
    const everything = { ...claims, ...requestFactsExample };
    const decoy = await library.issue(everything, { _sd: [...requestFacts], _sd_decoy: 1 }, header);
    const nested = await library.issue(
      { ...everything, params: { birthDate: '1985-03-21' } },
      { _sd: [...requestFacts], params: { _sd: ['birthDate'] } },
      header,
    );
    const keyOf = directoryOf([await registered(counter)]);
    const receiver = { audience: testAudience, keyOf, now: clockAt(testNow) };

    for (const text of [decoy, nested]) {
      expect(await verdictOf(library.verify(text, atTestNow))).toBe('accepted');
      await expect(receiveRequest(text, receiver)).rejects.toMatchObject({
        name: 'disclosure-invalid',
      });
    }
  });
});
