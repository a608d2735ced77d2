import { describe, expect, it } from 'vitest';
import { acceptAnswer, type Judgement } from '#shared/inquiry/accept-answer.ts';
import type { Forward } from '#shared/inquiry/forward.ts';
import type { AgencyReply } from '#shared/inquiry/ports.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { Service } from '#shared/registry/service.ts';
import { termsOf } from '#shared/registry/terms.ts';
import { identityFacts, replied, type Say, testKeys } from '#tests/support/exchange.ts';
import {
  buildResponse,
  clockAt,
  directoryOf,
  inquiryIdAt,
  newJti,
  registered,
  testNow,
  withMembers,
} from '#tests/support/messages.ts';
import { identityService, lifeService, mobileService } from '#tests/support/registry.ts';

const forward: Forward = {
  token: 'unused',
  jti: newJti(),
  inquiryId: InquiryId.parse(inquiryIdAt(testNow)),
  requestJws: 'e30.e30.AAAA',
};

const now = clockAt(testNow);

const allowed = { service: identityService, terms: termsOf(identityService) };

const answer = async (say: Say): Promise<string> => {
  const keys = await testKeys();
  return buildResponse({
    key: keys.agency,
    now: testNow,
    audience: 'exchange:estelam',
    inReplyTo: forward.jti,
    requestDigest: sha256Url(forward.requestJws),
    inquiryId: forward.inquiryId,
    ...say,
  });
};

const judge = async (
  reply: AgencyReply,
  service: Service = identityService,
): Promise<Judgement> => {
  const { agency, otherAgency, counter } = await testKeys();
  const keys = await Promise.all([agency, otherAgency, counter].map((key) => registered(key)));
  return acceptAnswer(
    reply,
    forward,
    { service, terms: termsOf(service) },
    { keyOf: directoryOf(keys), now },
  );
};

const judgeAnswer = async (say: Say, service?: Service): Promise<Judgement> =>
  judge(replied(await answer(say)), service);

const honest: Say = { outcome: 'FOUND', facts: identityFacts };

describe('acceptAnswer', () => {
  it('accepts an honest answer, releases what the service passes on, and withholds the rest', async () => {
    const text = await answer(honest);
    const judgement = await judge(replied(text));
    expect(judgement).toMatchObject({
      kind: 'accepted',
      outcome: 'FOUND',
      http: 200,
      jws: text.split('~')[0],
      withheld: ['fatherName'],
    });
    const released = judgement.kind === 'accepted' ? judgement.released : [];
    expect(released.map(({ name }) => name).toSorted()).toEqual([
      'firstName',
      'lastName',
      'lifeStatus',
    ]);
  });

  it('accepts a match that says yes or no for each value', async () => {
    const say = { outcome: 'MATCH', facts: { lifeStatus: true, deathDate: false } };
    expect(await judgeAnswer(say, lifeService)).toMatchObject({ kind: 'accepted', withheld: [] });
  });

  it('withholds every fact for a service that says only yes or no', async () => {
    const { otherAgency } = await testKeys();
    const say = { outcome: 'MATCH', facts: { operator: 'MCI' }, key: otherAgency };
    expect(await judgeAnswer(say, { ...mobileService, fields: ['operator'] })).toMatchObject({
      kind: 'accepted',
      released: [],
      withheld: ['operator'],
    });
  });

  it.each(['NO_MATCH', 'NOT_FOUND', 'INDETERMINATE', 'REFUSED', 'SOURCE_UNAVAILABLE'])(
    'accepts %s without any fact, whatever the schema requires of a result',
    async (outcome) => {
      expect(await judgeAnswer({ outcome })).toMatchObject({ kind: 'accepted', outcome });
    },
  );

  const lies: ReadonlyArray<{ readonly lie: string; readonly cause: string; readonly say: Say }> = [
    { lie: 'is no token at all', cause: 'malformed', say: { token: () => '<html></html>' } },
    {
      lie: 'holds a character beyond ASCII',
      cause: 'malformed',
      say: { token: (t) => `${t}\u00e9` },
    },
    {
      lie: 'is larger than an answer may be',
      cause: 'too-large',
      say: { token: (t) => t + 'A'.repeat(65_536) },
    },
    {
      lie: 'is a request of ours, handed back',
      cause: 'wrong-typ',
      say: { header: withMembers({ typ: 'inq-request+sd-jwt' }) },
    },
    {
      lie: 'brings its own key',
      cause: 'header-not-allowed',
      say: { header: withMembers({ jwk: {} }) },
    },
    {
      lie: 'names another algorithm',
      cause: 'algorithm-not-allowed',
      say: { header: withMembers({ alg: 'Ed25519' }) },
    },
    {
      lie: 'is signed by an unknown key',
      cause: 'unknown-key',
      say: { header: withMembers({ kid: 'A'.repeat(43) }) },
    },
    {
      lie: 'has a broken signature',
      cause: 'signature-invalid',
      say: { signature: (s) => s.toReversed() },
    },
    {
      lie: 'was changed after it was signed',
      cause: 'signature-invalid',
      say: {
        jws: (jws) => jws.replace(/\.[^.]+\./, `.${Buffer.from('{}').toString('base64url')}.`),
      },
    },
    {
      lie: 'opens a fact that was not signed',
      cause: 'disclosure-invalid',
      say: { digests: () => [] },
    },
    {
      lie: 'leaves a digest closed',
      cause: 'disclosure-invalid',
      say: { sent: (texts) => texts.slice(1) },
    },
    {
      lie: 'opens one fact twice',
      cause: 'disclosure-invalid',
      say: { sent: (t) => [...t, ...t.slice(0, 1)] },
    },
    {
      lie: 'speaks for another agency',
      cause: 'issuer-key-mismatch',
      say: { claims: withMembers({ iss: 'agency:telecom' }) },
    },
    {
      lie: 'is meant for somebody else',
      cause: 'wrong-audience',
      say: { audience: 'counter:72110345' },
    },
    {
      lie: 'has expired',
      cause: 'expired',
      say: { claims: withMembers({ iat: testNow / 1000 - 80, exp: testNow / 1000 - 20 }) },
    },
    {
      lie: 'comes from the future',
      cause: 'not-yet-valid',
      say: { claims: withMembers({ iat: testNow / 1000 + 90, exp: testNow / 1000 + 95 }) },
    },
    {
      lie: 'lives too long',
      cause: 'lifetime-too-long',
      say: { claims: withMembers({ exp: testNow / 1000 + 301 }) },
    },
    {
      lie: 'says more than the protocol knows',
      cause: 'invalid-claims',
      say: { claims: withMembers({ note: 'x' }) },
    },
    { lie: 'has an outcome of the exchange', cause: 'invalid-claims', say: { outcome: 'DENIED' } },
    { lie: 'has an outcome that nobody has', cause: 'invalid-claims', say: { outcome: 'YES' } },
    {
      lie: 'has no sequence number',
      cause: 'invalid-claims',
      say: { claims: withMembers({ seq: undefined }) },
    },
    { lie: 'answers another forward', cause: 'other-inquiry', say: { inReplyTo: newJti() } },
    {
      lie: 'answers another request',
      cause: 'other-inquiry',
      say: { requestDigest: sha256Url('e30.e30.AAAB') },
    },
    {
      lie: 'answers another inquiry',
      cause: 'other-inquiry',
      say: { inquiryId: inquiryIdAt(testNow) },
    },
    {
      lie: 'lacks a field that the schema requires',
      cause: 'schema',
      say: { facts: { firstName: 'سارا' } },
    },
    { lie: 'was found and says nothing', cause: 'schema', say: { facts: {} } },
    {
      lie: 'has a field that the schema does not know',
      cause: 'schema',
      say: { facts: { ...identityFacts, debt: '7' } },
    },
    {
      lie: 'has a field of another type',
      cause: 'schema',
      say: { facts: { ...identityFacts, firstName: 7 } },
    },
    {
      lie: 'was not found and says something else',
      cause: 'schema',
      say: { outcome: 'NOT_FOUND', facts: { debt: '7' } },
    },
  ];

  it.each(lies)('is not taken in by an answer that $lie', async ({ cause, say }) => {
    const judgement = await judgeAnswer({ ...honest, ...say });
    expect(judgement).toEqual({ kind: 'failed', outcome: 'INVALID_ANSWER', http: 200, cause });
  });

  it('takes no answer from a registered agency that does not own the service', async () => {
    const { otherAgency } = await testKeys();
    expect(await judgeAnswer({ ...honest, key: otherAgency })).toMatchObject({
      outcome: 'INVALID_ANSWER',
      cause: 'issuer-key-mismatch',
    });
  });

  it('takes no answer that a counter signed', async () => {
    const { counter } = await testKeys();
    expect(await judgeAnswer({ ...honest, key: counter })).toMatchObject({
      outcome: 'INVALID_ANSWER',
      cause: 'wrong-role',
    });
  });

  it('takes no answer under a key that is revoked', async () => {
    const { agency } = await testKeys();
    const keyOf = directoryOf([await registered(agency, { status: 'revoked' })]);
    const reply = replied(await answer(honest));
    expect(await acceptAnswer(reply, forward, allowed, { keyOf, now })).toMatchObject({
      outcome: 'INVALID_ANSWER',
      cause: 'key-not-active',
    });
  });

  it.each([
    [201, 'INVALID_ANSWER'],
    [204, 'INVALID_ANSWER'],
    [302, 'INVALID_ANSWER'],
    [400, 'INVALID_ANSWER'],
    [404, 'INVALID_ANSWER'],
    [429, 'SOURCE_UNAVAILABLE'],
    [500, 'SOURCE_UNAVAILABLE'],
    [503, 'SOURCE_UNAVAILABLE'],
    [599, 'SOURCE_UNAVAILABLE'],
  ] as const)('does not read an answer with the HTTP status %i', async (status, outcome) => {
    const reply = replied(await answer(honest), { status });
    expect(await judge(reply)).toEqual({
      kind: 'failed',
      outcome,
      http: status,
      cause: 'http-status',
    });
  });

  it.each(['', 'application/jwt', 'text/plain', 'application/json'])(
    'does not read an answer of the media type "%s"',
    async (mediaType) => {
      const reply = replied(await answer(honest), { mediaType });
      expect(await judge(reply)).toMatchObject({ outcome: 'INVALID_ANSWER', cause: 'media-type' });
    },
  );

  it.each([
    [{ kind: 'unavailable', reason: 'unreachable' }, 'SOURCE_UNAVAILABLE', 'unreachable'],
    [{ kind: 'unavailable', reason: 'broken' }, 'SOURCE_UNAVAILABLE', 'broken'],
    [{ kind: 'unavailable', reason: 'resting' }, 'SOURCE_UNAVAILABLE', 'resting'],
    [{ kind: 'unavailable', reason: 'busy' }, 'SOURCE_UNAVAILABLE', 'busy'],
    [{ kind: 'timeout' }, 'TIMEOUT', 'timeout'],
    [{ kind: 'unacceptable', reason: 'redirect', status: 302 }, 'INVALID_ANSWER', 'redirect'],
    [{ kind: 'unacceptable', reason: 'too-large', status: 200 }, 'INVALID_ANSWER', 'too-large'],
  ] as const)('says of %o: %s', async (reply, outcome, cause) => {
    expect(await judge(reply)).toMatchObject({ kind: 'failed', outcome, cause });
  });

  it.each(['store-unavailable', 'rate-limited'] as const)(
    'blames itself, not the agency, when its own registry answers %s',
    async (name) => {
      const keyOf = (): Promise<never> => Promise.reject(new Problem(name, 'Away.'));
      const reply = replied(await answer(honest));
      expect(await acceptAnswer(reply, forward, allowed, { keyOf, now })).toEqual({
        kind: 'failed',
        outcome: 'SOURCE_UNAVAILABLE',
        http: 200,
        cause: name,
      });
    },
  );

  it('does not hide a bug: what is no problem is thrown on', async () => {
    const keyOf = (): Promise<never> => Promise.reject(new TypeError('A bug.'));
    const reply = replied(await answer(honest));
    await expect(acceptAnswer(reply, forward, allowed, { keyOf, now })).rejects.toThrow(TypeError);
  });
});
