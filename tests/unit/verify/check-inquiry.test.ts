import { describe, expect, it } from 'vitest';
import { bucketOf } from '#shared/audit/address.ts';
import { checkInquiry } from '#shared/client/verify/check-inquiry.ts';
import { type KeyBook, keyBook } from '#shared/client/verify/key-book.ts';
import { keysOnRecord } from '#shared/client/verify/key-on-record.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { house } from '#tests/support/delegation.ts';
import { testOrigin } from '#tests/support/log-builder.ts';
import {
  type InquiryParts,
  makeInquiry,
  registryLeaf,
  withoutAnswer,
} from '#tests/support/log-leaves.ts';
import {
  inquiryIdAt,
  makeKey,
  type TestKey,
  testNow,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { cast } from './sample-log.ts';

const learn = async (book: KeyBook, key: TestKey, index: number): Promise<void> => {
  const { leaf } = readLeaf(registryLeaf(key));
  const read = leaf?.kind === 'registry' ? await keysOnRecord(leaf, index, false) : [];
  for (const one of read) if (typeof one === 'object') book.learn(one);
};

const otherAgency = await makeKey('ES256', 'agency:police');
const book = keyBook();
await learn(book, cast.counter, 1);
await learn(book, cast.agency, 2);
await learn(book, otherAgency, 3);
const houseKey = await makeKey('ES256', house);
await learn(book, houseKey, 4);

/** What is wrong with an inquiry that is bent so. */
const check = async (parts: Partial<InquiryParts> = {}, origin = testOrigin) => {
  const { data } = await makeInquiry({ ...cast, t: testNow, ...parts });
  const { leaf } = readLeaf(data);
  if (leaf?.kind !== 'inquiry') throw new Error('no inquiry');
  const place = { index: 9, bucket: bucketOf(timeOf(leaf.id)) };
  return checkInquiry(leaf, { book, origin, place });
};

const faultsOf = async (parts: Partial<InquiryParts>, origin?: string) =>
  (await check(parts, origin)).faults.map(({ fault }) => fault);

const flip = (signature: Uint8Array): Uint8Array =>
  signature.map((byte, n) => (n === 20 ? byte ^ 1 : byte));

const deny = { effect: 'deny', rule: 'licence-valid', registry: 12 } as const;

describe('checkInquiry', () => {
  it('finds nothing wrong with an honest inquiry', async () => {
    expect(await check()).toEqual({ faults: [], notes: [], waits: false });
  });

  it.each(['TIMEOUT', 'SOURCE_UNAVAILABLE', 'INVALID_ANSWER', 'ABORTED', 'PENDING'] as const)(
    'finds nothing wrong with an outcome %s without an answer',
    async (out) => {
      expect(await faultsOf({ outcome: withoutAnswer(out) })).toEqual([]);
    },
  );

  it.each(['DENIED', 'ABORTED'] as const)('takes a denial that ended as %s', async (out) => {
    const intent: InquiryParts['intent'] = (made) => ({ ...made, dec: deny });
    expect(await faultsOf({ intent, outcome: withoutAnswer(out) })).toEqual([]);
  });

  it("takes an agency's own word that its source is down", async () => {
    const outcome: InquiryParts['outcome'] = (made) => ({ ...made, out: 'SOURCE_UNAVAILABLE' });
    expect(await faultsOf({ response: { outcome: 'SOURCE_UNAVAILABLE' }, outcome })).toEqual([]);
  });

  it('takes fields of the answer that were withheld', async () => {
    const outcome: InquiryParts['outcome'] = (made) => ({ ...made, withheld: 'firstName' });
    expect(await faultsOf({ outcome })).toEqual([]);
  });

  it.each<readonly [string, Partial<InquiryParts>]>([
    ['request-signature-invalid', { request: { signature: flip } }],
    ['answer-signature-invalid', { response: { signature: flip } }],
    ['request-wrong-role', { counter: cast.agency }],
    ['request-header-not-allowed', { request: { header: withMembers({ crit: 'x' }) } }],
    ['request-wrong-typ', { request: { header: withMembers({ typ: 'JWT' }) } }],
    ['request-invalid-claims', { request: { claims: withMembers({ note: 'x' }) } }],
    ['request-malformed', { request: { payload: (json) => json.replace('{', '{"iss":"x",') } }],
    ['request-issuer-key-mismatch', { request: { claims: withMembers({ iss: 'counter:1' }) } }],
    ['request-expired', { intent: (made) => ({ ...made, t: made.t + 120_000 }) }],
    ['request-not-yet-valid', { intent: (made) => ({ ...made, t: made.t - 90_000 }) }],
    ['id-not-fresh', { intent: (made) => ({ ...made, t: made.t + 41_000 }) }],
    [
      'request-lifetime-too-long',
      { request: { claims: withMembers({ exp: testNow / 1000 + 301 }) } },
    ],
    ['request-disclosed', { intent: (made) => ({ ...made, req: `${made.req}~WyJhIiwiYiIsMV0~` }) }],
    [
      'wrong-audience',
      { request: { claims: withMembers({ aud: 'https://other.example/v1/inquiries' }) } },
    ],
    ['outcome-before-intent', { outcome: (made) => ({ ...made, t: made.t - 20_000 }) }],
    ['denied-and-asked', { intent: (made) => ({ ...made, dec: deny }) }],
    ['allowed-and-denied', { outcome: withoutAnswer('DENIED') }],
    ['answer-missing', { outcome: withoutAnswer('FOUND') }],
    ['answer-surplus', { outcome: (made) => ({ ...made, out: 'TIMEOUT' }) }],
    [
      'withheld-without-answer',
      { outcome: (made) => ({ ...withoutAnswer('TIMEOUT')(made), withheld: 'x' }) },
    ],
    ['withheld-wrong', { outcome: (made) => ({ ...made, withheld: 'a,b' }) }],
    ['withheld-wrong', { outcome: (made) => ({ ...made, withheld: '' }) }],
    ['outcome-differs', { outcome: (made) => ({ ...made, out: 'NOT_FOUND' }) }],
    ['answer-to-another', { response: { requestDigest: 'A'.repeat(43) } }],
    ['answer-of-another', { agency: otherAgency }],
    ['wrong-audience', { response: { claims: (claims) => ({ ...claims, aud: 'counter:1' }) } }],
  ])('finds %s', async (fault, parts) => {
    expect(await faultsOf(parts)).toContain(fault);
  });

  it('finds nothing wrong with what a software house asked for a counter', async () => {
    const request = { claims: withInquiry({ for: cast.counter.owner }) };
    const parts = { counter: houseKey, request };
    expect(await check(parts)).toEqual({ faults: [], notes: [], waits: false });
  });

  it.each([
    ['a software house asked for nobody', { counter: houseKey }],
    [
      'a counter asked for another',
      { request: { claims: withInquiry({ for: 'counter:72110346' }) } },
    ],
  ] as const)('finds that it was allowed though %s', async (_, parts) => {
    expect(await faultsOf(parts)).toEqual(['counter-unnamed']);
    const intent: InquiryParts['intent'] = (made) => ({
      ...made,
      dec: { ...deny, rule: 'counter-named' },
    });
    expect(await faultsOf({ ...parts, intent, outcome: withoutAnswer('DENIED') })).toEqual([]);
  });

  it('finds a request that is for another inquiry than the record', async () => {
    const other = '01a3185c-0000-7000-8000-000000000000';
    const parts = { id: other, t: timeOf(InquiryId.parse(other)) };
    const request = {
      claims: (made: JsonObject) => withInquiry({ id: inquiryIdAt(parts.t) })(made),
    };
    expect(await faultsOf({ ...parts, request })).toContain('request-of-another');
  });

  it('finds an answer to another inquiry', async () => {
    const claims = withMembers({ inq_id: '01a3185c-0000-7000-8000-000000000000' });
    expect(await faultsOf({ response: { claims } })).toContain('answer-to-another');
  });

  it('finds an inquiry that was made up in the name of a counter: its key is not on record', async () => {
    const { faults, waits } = await check({ counter: await makeKey() });
    expect(faults.map(({ fault }) => fault)).toEqual(['request-key-not-on-record']);
    expect(waits).toBe(true);
  });

  it('finds a signature by a key that another participant owns', async () => {
    const thief = await makeKey('ES256', 'counter:99999999');
    await learn(book, thief, 4);
    const parts = { counter: { ...thief, owner: cast.counter.owner } };
    expect(await faultsOf(parts)).toContain('request-issuer-key-mismatch');
  });

  it('takes the exchange of the log by http and https, and no other', async () => {
    const claims = withMembers({ aud: 'http://exchange.example/v1/inquiries' });
    expect(await faultsOf({ request: { claims } })).toEqual([]);
    expect(await faultsOf({}, 'other.example/log/0')).toEqual(['wrong-audience']);
  });

  it('gives a message half a minute from its verification to its record', async () => {
    const later = (seconds: number): Partial<InquiryParts> => ({
      request: { claims: withMembers({ exp: testNow / 1000 + 1 }) },
      intent: (made) => ({ ...made, t: made.t + seconds * 1000 }),
    });
    expect(await faultsOf(later(40))).not.toContain('request-expired');
    expect(await faultsOf(later(42))).toContain('request-expired');
  });
});
