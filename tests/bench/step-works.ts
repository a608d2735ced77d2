import { compactVerify } from 'jose';
import { v7 } from 'uuid';
import { observer } from '#functions/runtime/observe.ts';
import { addressOf } from '#shared/audit/address.ts';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import { signForward } from '#shared/inquiry/forward.ts';
import { signReceipt } from '#shared/inquiry/receipt.ts';
import {
  answered as toAnswered,
  asked as toAsked,
  toHoldRow,
  toIntentRow,
  toOutcomeRow,
} from '#shared/inquiry/record.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { RequestClaims, RequestFacts, ResponseClaims } from '#shared/message/claims.ts';
import { openDisclosures } from '#shared/message/disclosure.ts';
import { parseMessage } from '#shared/message/framing.ts';
import { kinds } from '#shared/message/kind.ts';
import { parseClaims } from '#shared/message/parse-claims.ts';
import { decide } from '#shared/registry/decide.ts';
import { violations } from '#shared/registry/json-schema.ts';
import { termsOf } from '#shared/registry/terms.ts';
import { traceparent } from './inquiry-works.ts';
import { inParallel, type Work } from './measure.ts';
import type { SampleInquiry } from './sample-inquiry.ts';

export type StepOptions = {
  readonly exchange: Exchange;
  readonly sample: SampleInquiry;
  readonly items: number;
  readonly concurrency: number;
};

const claimsOf = (payload: Uint8Array): JsonObject => {
  const json = parseStrictJson(payload);
  if (!isJsonObject(json)) throw new TypeError('The sample has no claims.');
  return json;
};

/** Every step of an inquiry alone, each as often as one inquiry takes it. */
export const stepWorks = async (options: StepOptions): Promise<readonly Work[]> => {
  const { exchange, sample, items, concurrency } = options;
  const { text, request, service, answer, agencyKey } = sample;
  const { directory, journal, agencies } = exchange;
  const [asking, answering] = [
    parseMessage(text, kinds.request),
    parseMessage(answer, kinds.response),
  ];
  const [requestClaims, responseClaims] = [claimsOf(asking.payload), claimsOf(answering.payload)];
  const opened = Object.fromEntries(request.disclosures.map(({ name, value }) => [name, value]));
  const told = openDisclosures(responseClaims, answering.disclosures, false);
  const result = Object.fromEntries(told.map(({ name, value }) => [name, value]));
  const intent = toAsked(sample.asked);
  const outcome = toAnswered(sample.answered);
  const asks = request.disclosures.map((disclosure) => disclosure.text);
  const tells = told.map((disclosure) => disclosure.text);
  const until = exchange.now() + exchange.settings.holdTime;
  const key = await exchange.holdKeys.keyUntil(until);
  if (key === undefined) throw new Error('The store gives no key for what is held.');
  const holding = { key, random: exchange.random };
  const rows = {
    intent: toIntentRow(intent, asks, exchange),
    outcome: toOutcomeRow(outcome, toHoldRow(outcome, tells, until, holding)),
  };
  const observe = observer({ LOG_LEVEL: 'INFO' });
  const allowed = { service, terms: termsOf(service) };

  const rule = async (): Promise<void> => {
    const { iss, inq } = request.claims;
    decide(await directory.snapshot(iss, inq.service), request, exchange.now());
    violations(service.output, result, '');
  };
  const put = async (): Promise<void> => {
    const address = addressOf(InquiryId.parse(v7()), exchange.settings.layout);
    await journal.putIntent(address, rows.intent);
    await journal.putOutcome(address, rows.outcome);
  };
  const work = (name: string, one: () => unknown): Work => ({
    name,
    prepare: async () => ({
      items,
      run: () => inParallel(concurrency, Array.from({ length: items }), async () => one()),
    }),
  });
  const { agency, endpoint, timeout } = service;
  const callAgency: Work = {
    name: 'call the agency (HTTP)',
    prepare: async () => {
      const tokens: string[] = [];
      for (let n = 0; n < items; n += 1) {
        tokens.push((await signForward(text, request, allowed, exchange)).token);
      }
      const ask = (token: string): Promise<unknown> =>
        agencies.ask({ agency, endpoint, token, timeout, traceparent });
      return { items, run: () => inParallel(concurrency, tokens, ask) };
    },
  };
  return [
    work('take apart: framing, strict JSON', () => {
      claimsOf(parseMessage(text, kinds.request).payload);
      claimsOf(parseMessage(answer, kinds.response).payload);
    }),
    work('verify 2 signatures', async () => {
      await compactVerify(asking.jws, request.key.key, { algorithms: ['ES256'] });
      await compactVerify(answering.jws, agencyKey.key, { algorithms: ['ES256'] });
    }),
    work('open disclosures', () => {
      openDisclosures(requestClaims, asking.disclosures, true);
      openDisclosures(responseClaims, answering.disclosures, false);
    }),
    work('check claims (zod)', () => {
      parseClaims(RequestClaims, requestClaims);
      parseClaims(RequestFacts, opened);
      parseClaims(ResponseClaims, responseClaims);
    }),
    work('decide, check the result', rule),
    work('sign the forward', () => signForward(text, request, allowed, exchange)),
    work('write, pack and seal 2 rows', () => {
      toIntentRow(toAsked(sample.asked), asks, exchange);
      const answered = toAnswered(sample.answered);
      toOutcomeRow(answered, toHoldRow(answered, tells, until, holding));
    }),
    work('put 2 rows (HTTP)', put),
    callAgency,
    work('sign the receipt', () => signReceipt(intent, outcome, exchange)),
    work('log line and metrics', () => {
      observe.outcome({
        requestId: '0b3c6f5e-7d0e-4a53-9d0c-6c1f0e5f7a11',
        trace: traceparent.slice(3, 35),
        route: 'POST /v1/inquiries',
        status: 200,
        ms: 12.34,
        inquiry: {
          inquiryId: sample.asked.id,
          counter: request.claims.iss,
          service: service.ref,
          outcome: 'MATCH',
          rule: 'open-service',
          agencyTime: 8,
          retry: false,
        },
      });
    }),
  ];
};
