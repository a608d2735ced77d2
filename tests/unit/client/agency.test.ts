import { describe, expect, it } from 'vitest';
import { memorySequence } from '#infra/local/agencies/sequence.ts';
import { type AgencyOptions, agencyKit } from '#shared/client/agency.ts';
import { memoryReplayGuard } from '#shared/client/replay-guard.ts';
import { acceptAnswer } from '#shared/inquiry/accept-answer.ts';
import { exchangeId, inquiriesUrl } from '#shared/inquiry/exchange.ts';
import { ForwardClaims } from '#shared/message/claims.ts';
import { kinds } from '#shared/message/kind.ts';
import { termsOf } from '#shared/registry/terms.ts';
import { house } from '../../support/delegation.ts';
import { payloadOf } from '../../support/exchange.ts';
import {
  buildMessage,
  buildRequest,
  directoryOf,
  inquiryIdAt,
  makeKey,
  newJti,
  newSalt,
  registered,
  testNow,
  withInquiry,
  withMembers,
} from '../../support/messages.ts';
import {
  counterKey,
  exchangeKey,
  exchangeKeyOf,
  forwardOf,
  origin,
  person,
  serviceAt,
} from '../agencies/sample-forward.ts';

const service = serviceAt('civil-registry/identity@1');
const agencyKey = await makeKey('ES256', service.agency);
const birthDate = '1985-03-21';

const kit = (change: Partial<AgencyOptions> = {}) => {
  const now = () => testNow;
  return agencyKit({
    agency: service.agency,
    signer: agencyKey.signer,
    exchange: exchangeKeyOf,
    exchangeId,
    requestAudience: inquiriesUrl(origin),
    now,
    random: () => newSalt(),
    nextSeq: memorySequence(),
    firstUse: memoryReplayGuard(now),
    ...change,
  });
};

const forward = () => forwardOf({ service, subject: person, params: { birthDate } });

const houseKey = await makeKey('ES256', house);

/** The same, asked by a software house for the counter. */
const forwardBy = (key = houseKey) =>
  forwardOf({ service, subject: person, params: { birthDate }, key, for: counterKey.owner });

/** An honest forward with other claims, really signed by the exchange. */
const bent = async (
  change: Parameters<typeof withMembers>[0],
  key = exchangeKey,
): Promise<string> =>
  buildMessage({
    key,
    kind: kinds.forward,
    base: withMembers({ jti: newJti(), ...change })(payloadOf((await forward()).token)),
  });

describe('an agency opens a forward', () => {
  it('and sees who asks what, why, and what it may disclose', async () => {
    const opened = await kit().open((await forward()).token);
    expect(opened.counter).toBe('counter:72110345');
    expect(opened).not.toHaveProperty('by');
    expect(opened.inquiry).toMatchObject({ service: service.ref, presence: 'in-person' });
    expect(opened.facts).toMatchObject({ subject: person, params: { birthDate } });
    expect(opened.level).toBe('match');
    expect(opened.fields).toEqual(service.fields);
  });

  it.each([house, 'guild:counters'])('of %s and sees for which counter it asks', async (by) => {
    const { token } = await forwardBy(await makeKey('Ed25519', by));
    const opened = await kit().open(token);
    expect(opened).toMatchObject({ counter: 'counter:72110345', by, facts: { subject: person } });
    expect(opened.inquiry).toMatchObject({ for: 'counter:72110345' });
  });

  it('and its answer is one that the exchange accepts, numbered without a gap', async () => {
    const own = kit();
    const keyOf = directoryOf([await registered(agencyKey)]);
    for (const seq of [1, 2, 3]) {
      const asked = await forward();
      const opened = await own.open(asked.token);
      const body = await opened.reply('MATCH', { birthDateMatches: true });
      const judgement = await acceptAnswer(
        { kind: 'replied', status: 200, mediaType: 'application/sd-jwt', body },
        asked,
        { service, terms: termsOf(service) },
        { keyOf, now: () => testNow },
      );
      expect(judgement).toMatchObject({ kind: 'accepted', outcome: 'MATCH', withheld: [] });
      expect(payloadOf(body)).toMatchObject({ seq, inq_id: asked.inquiryId });
    }
  });

  it('once only', async () => {
    const own = kit();
    const { token } = await forward();
    await own.open(token);
    await expect(own.open(token)).rejects.toMatchObject({ name: 'replayed' });
  });

  it('and forgets it when it has expired', async () => {
    const guard = memoryReplayGuard(() => testNow);
    expect([guard('a', testNow + 1), guard('a', testNow + 1)]).toEqual([true, false]);
    expect([guard('b', testNow), guard('c', testNow), guard('b', testNow)]).toEqual([
      true,
      true,
      false,
    ]);
    const later = memoryReplayGuard(() => testNow + 2);
    expect([later('a', testNow + 1), later('b', testNow + 9), later('a', testNow + 1)]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('an agency refuses', () => {
  it.each([
    ['another agency', { aud: 'agency:post' }, 'wrong-audience'],
    ['an expired forward', { iat: 1_799_999_000, exp: 1_799_999_060 }, 'expired'],
    ['a claim that is not part of a forward', { extra: true }, 'invalid-claims'],
    ['another inquiry than its origin', { inq_id: inquiryIdAt(testNow) }, 'invalid-claims'],
  ] as const)('%s', async (_, change, name) => {
    await expect(kit().open(await bent(change))).rejects.toMatchObject({ name });
  });

  it('a forward that somebody else signed', async () => {
    const stranger = await makeKey('ES256', exchangeId);
    await expect(kit().open(await bent({}, stranger))).rejects.toMatchObject({
      name: 'unknown-key',
    });
  });

  it('an exchange of another name', async () => {
    const own = kit({ exchangeId: 'exchange:other' });
    await expect(own.open((await forward()).token)).rejects.toMatchObject({
      name: 'issuer-key-mismatch',
    });
  });

  it('an origin whose signature was touched', async () => {
    const { origin: text } = ForwardClaims.parse(payloadOf((await forward()).token));
    const [head = '', ...rest] = text.split('~');
    const broken = head.slice(0, -6) + (head.at(-6) === 'A' ? 'B' : 'A') + head.slice(-5);
    const origins = { origin: [broken, ...rest].join('~') };
    await expect(kit().open(await bent(origins))).rejects.toMatchObject({
      name: 'signature-invalid',
    });
  });

  it('an origin whose facts were exchanged', async () => {
    const own = ForwardClaims.parse(payloadOf((await forward()).token));
    const other = ForwardClaims.parse(payloadOf((await forward()).token));
    const [head = ''] = own.origin.split('~');
    const facts = other.origin.split('~').slice(1);
    const swapped = { inq_id: own.inq_id, origin: [head, ...facts].join('~') };
    await expect(kit().open(await bent(swapped))).rejects.toMatchObject({
      name: 'disclosure-invalid',
    });
  });

  it('an origin of a key that is not the counter’s, when it pins keys', async () => {
    const { token } = await forward();
    const others = kit({ pinned: () => [agencyKey.kid] });
    await expect(others.open(token)).rejects.toMatchObject({ name: 'unknown-key' });
    const right = kit({
      pinned: (counter) => (counter === counterKey.owner ? [counterKey.kid] : []),
    });
    await expect(right.open(token)).resolves.toBeDefined();
  });

  it('an origin of a software house that it does not know, when it pins keys', async () => {
    const { token } = await forwardBy();
    const ofCounter = kit({
      pinned: (signer) => (signer === counterKey.owner ? [counterKey.kid, houseKey.kid] : []),
    });
    await expect(ofCounter.open(token)).rejects.toMatchObject({ name: 'unknown-key' });
    const ofHouse = kit({ pinned: (signer) => (signer === house ? [houseKey.kid] : []) });
    await expect(ofHouse.open(token)).resolves.toMatchObject({ by: house });
  });

  it.each([
    ['of a software house that names no counter', houseKey, {}],
    ['of a counter for another', counterKey, { for: 'counter:72110346' }],
  ] as const)('an origin %s, though the exchange forwarded it', async (_, key, named) => {
    const own = ForwardClaims.parse(payloadOf((await forward()).token));
    const text = await buildRequest({
      key,
      now: testNow,
      audience: inquiriesUrl(origin),
      claims: withInquiry({ ...named, id: own.inq_id }),
    });
    const change = { origin: text, origin_key: key.jwk };
    await expect(kit().open(await bent(change))).rejects.toMatchObject({
      name: 'invalid-claims',
      extras: { errors: [{ pointer: '/origin', detail: 'must be of a counter, or name one' }] },
    });
  });

  it('an origin_key that did not sign the origin', async () => {
    const other = await makeKey('ES256', counterKey.owner);
    await expect(kit().open(await bent({ origin_key: other.jwk }))).rejects.toMatchObject({
      name: 'unknown-key',
    });
  });

  it('an origin that was addressed to another exchange', async () => {
    const own = kit({ requestAudience: 'https://other.example/v1/inquiries' });
    await expect(own.open((await forward()).token)).rejects.toMatchObject({
      name: 'wrong-audience',
    });
  });

  it.each(['', 'nonsense', 'a.b.c', '~'])('%j', async (text) => {
    await expect(kit().open(text)).rejects.toMatchObject({ name: 'malformed' });
  });
});
