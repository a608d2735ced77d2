import type { InquiryAnswered } from '#events/inquiry-answered.ts';
import type { InquiryAsked } from '#events/inquiry-asked.ts';
import { type Exchange, inquiriesUrl, receiverOf } from '#shared/inquiry/exchange.ts';
import type { AgencyReply } from '#shared/inquiry/ports.ts';
import { submitInquiry } from '#shared/inquiry/submit.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { jwsPart } from '#shared/message/framing.ts';
import type { VerificationKey } from '#shared/message/key.ts';
import { receiveRequest, type VerifiedRequest } from '#shared/message/receive.ts';
import type { Service } from '#shared/registry/service.ts';
import { traceparent, untimed } from './inquiry-works.ts';

/** One inquiry with everything that came up in it, to time each step on its own. */
export type SampleInquiry = {
  readonly text: string;
  readonly request: VerifiedRequest;
  readonly service: Service;
  /** The agency's whole answer, and the key it is signed with. */
  readonly answer: string;
  readonly agencyKey: VerificationKey;
  readonly asked: InquiryAsked;
  readonly answered: InquiryAnswered;
};

const there = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`The sample inquiry has no ${what}.`);
  return value;
};

/** Makes one inquiry and keeps what the agency said to it. */
export const sampleInquiry = async (exchange: Exchange, text: string): Promise<SampleInquiry> => {
  const replies: AgencyReply[] = [];
  const listening: Exchange = {
    ...exchange,
    agencies: {
      ask: async (call) => {
        const reply = await exchange.agencies.ask(call);
        replies.push(reply);
        return reply;
      },
    },
  };
  await submitInquiry(listening)({ text, traceparent, timed: untimed });
  const [reply] = replies;
  const answer = there(reply?.kind === 'replied' ? reply.body : undefined, 'answer');
  const audience = inquiriesUrl(exchange.settings.origin);
  const request = await receiveRequest(text, { ...receiverOf(exchange), audience });
  const { inq } = request.claims;
  const known = await exchange.directory.snapshot(request.claims.iss, inq.service);
  const service = there(known.service, 'service');
  const res = jwsPart(answer);
  const header: unknown = JSON.parse(Buffer.from(res.split('.')[0] ?? '', 'base64url').toString());
  const named = typeof header === 'object' && header !== null && 'kid' in header ? header.kid : '';
  const agencyKey = there(await exchange.directory.keyOf(String(named)), 'key of its agency');
  const t = exchange.now();
  const dec = { effect: 'allow', rule: 'open-service', registry: 1 } as const;
  return {
    text,
    request,
    service,
    answer,
    agencyKey,
    asked: { v: 1, k: 'i', id: inq.id, t, dec, req: request.jws },
    answered: {
      v: 1,
      k: 'o',
      id: inq.id,
      i: sha256Url(request.jws),
      t,
      out: 'MATCH',
      http: 200,
      ms: 12,
      res,
      fee: service.tariff,
    },
  };
};
