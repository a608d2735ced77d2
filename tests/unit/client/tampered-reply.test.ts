import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { FailedCheck } from '#shared/client/untrusted-reply.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { jwsPart } from '#shared/message/framing.ts';
import { kinds } from '#shared/message/kind.ts';
import { payloadOf, testKeys } from '../../support/exchange.ts';
import { buildMessage, makeKey, type TestKey, withMembers } from '../../support/messages.ts';
import { question, replyOf, wire } from './exchange-transport.ts';

const Body = z.object({ receipt: z.string(), answer: z.string() });
type Body = z.infer<typeof Body>;

const keys = await testKeys();

const resigned = (
  receipt: string,
  change: Parameters<typeof withMembers>[0],
  key: TestKey = keys.exchange,
): Promise<string> =>
  buildMessage({ key, kind: kinds.receipt, base: withMembers(change)(payloadOf(receipt)) });

/** The agency's answer with other claims, under a receipt of the exchange that vouches for it. */
const otherAnswer = async (
  { receipt, answer }: Body,
  change: Parameters<typeof withMembers>[0],
  key: TestKey = keys.agency,
): Promise<Body> => {
  const [, ...texts] = answer.split('~').slice(0, -1);
  const { _sd: digests = [], ...claims } = payloadOf(answer);
  const jws = await buildMessage({
    key,
    kind: kinds.response,
    base: withMembers(change)(claims),
    digests: () => z.array(z.string()).parse(digests),
    sent: () => texts,
  });
  return {
    receipt: await resigned(receipt, { answer_s256: sha256Url(jwsPart(jws)) }),
    answer: jws,
  };
};

const flipped = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

/** Asks an exchange whose honest answer is replaced on its way. */
const asked = async (tamper: (body: Body) => JsonObject | Promise<JsonObject>) => {
  const { client } = await wire(async ({ call }, honest) => {
    const reply = await honest();
    if (call.method !== 'POST') return reply;
    return replyOf(200, await tamper(Body.parse(JSON.parse(await reply.text()))));
  });
  return client.ask(question);
};

const tampered: readonly (readonly [
  string,
  FailedCheck,
  (body: Body) => JsonObject | Promise<JsonObject>,
])[] = [
  ['no receipt', 'shape', ({ answer }) => ({ answer })],
  ['a member that is not known', 'shape', (body) => ({ ...body, note: 'x' })],
  [
    'a touched receipt',
    'receipt-signature',
    (body) => ({ ...body, receipt: flipped(body.receipt, body.receipt.length - 10) }),
  ],
  [
    'a receipt of somebody else’s key',
    'receipt-signature',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, {}, await makeKey('ES256', 'exchange:estelam')),
    }),
  ],
  [
    'a receipt of an agency',
    'receipt-signature',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, { iss: 'agency:civil-registry' }, keys.agency),
    }),
  ],
  [
    'a receipt for another counter',
    'receipt-signature',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, { aud: 'counter:72110346' }),
    }),
  ],
  [
    'a receipt of another request',
    'receipt-not-ours',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, { in_reply_to: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    }),
  ],
  [
    'a receipt over another text',
    'receipt-not-ours',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, { req_s256: sha256Url('another') }),
    }),
  ],
  [
    'a receipt of another inquiry',
    'receipt-not-ours',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, { inq_id: '01a9b4a5-3800-7abc-9def-0123456789ab' }),
    }),
  ],
  [
    'an answer that the receipt does not name',
    'answer-not-receipted',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, { answer_s256: sha256Url('another') }),
    }),
  ],
  [
    'an answer that the receipt says there is none of',
    'answer-not-receipted',
    async (body) => ({
      ...body,
      receipt: await resigned(body.receipt, { answer_s256: undefined }),
    }),
  ],
  [
    'a fact that the agency did not sign',
    'answer-signature',
    (body) => ({ ...body, answer: `${body.answer}${btoa('["AAAAAAAAAAAAAAAAAAAAAA","x",1]')}~` }),
  ],
  [
    'a fact left out in silence',
    'answer-not-ours',
    ({ receipt, answer }) => ({
      receipt,
      answer: `${answer.split('~').slice(0, -2).join('~')}~`,
    }),
  ],
  [
    'an answer of another agency',
    'answer-not-ours',
    (body) => otherAnswer(body, { iss: 'agency:telecom' }, keys.otherAgency),
  ],
  [
    'an answer that nobody registered signed',
    'answer-signature',
    async (body) => otherAnswer(body, {}, await makeKey('ES256', 'agency:civil-registry')),
  ],
  [
    'an answer about another inquiry',
    'answer-not-ours',
    (body) => otherAnswer(body, { inq_id: '01a9b4a5-3800-7abc-9def-0123456789ab' }),
  ],
  [
    'an answer to another request',
    'answer-not-ours',
    (body) => otherAnswer(body, { req_s256: sha256Url('another') }),
  ],
  [
    'an answer with another outcome than the receipt',
    'answer-not-ours',
    (body) => otherAnswer(body, { outcome: 'NOT_FOUND' }),
  ],
  [
    'an answer for somebody else',
    'answer-signature',
    (body) => otherAnswer(body, { aud: 'exchange:other' }),
  ],
];

describe('a counter believes', () => {
  it('an honest exchange', async () => {
    expect(await asked((body) => body)).toMatchObject({ kind: 'answered' });
  });

  it('an answer put together again as it was, so that the refusals below are for their reason', async () => {
    expect(await asked((body) => otherAnswer(body, {}))).toMatchObject({ kind: 'answered' });
  });

  it.each(tampered)('never %s (%s)', async (_, check, tamper) => {
    await expect(asked(tamper)).rejects.toMatchObject({ name: 'UntrustedReply', check });
  });

  it('no refusal whose receipt is not the exchange’s', async () => {
    const { client } = await wire(async ({ call }, honest) => {
      const reply = await honest();
      if (call.method !== 'POST') return reply;
      const refusal = z.looseObject({ receipt: z.string() }).parse(JSON.parse(await reply.text()));
      return replyOf(403, { ...refusal, receipt: flipped(refusal.receipt, 80) });
    });
    await expect(client.ask({ ...question, purpose: 'curiosity' })).rejects.toMatchObject({
      check: 'receipt-signature',
    });
  });
});
