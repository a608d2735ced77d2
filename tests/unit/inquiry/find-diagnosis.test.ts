import { describe, expect, it } from 'vitest';
import { type CheckCode, checks } from '#shared/inquiry/checks.ts';
import { type FoundDiagnosis, findDiagnosis } from '#shared/inquiry/find-diagnosis.ts';
import type { AgencyReply } from '#shared/inquiry/ports.ts';
import { noteTime } from '#shared/inquiry/refusal-notes.ts';
import type { Settled } from '#shared/inquiry/settled.ts';
import { submitNoted } from '#shared/inquiry/submit-noted.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { RequestClaims } from '#shared/message/claims.ts';
import {
  makeExchange,
  payloadOf,
  type TestExchange,
  traceparent,
  untimed,
} from '#tests/support/exchange.ts';
import {
  inquiryIdAt,
  type Overrides,
  testNow,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';

const counter = 'counter:72110345';
const request = 'JKJaXmPLvHcESHA=';

const patient = async (work: Promise<unknown>): Promise<void> => {
  await work.catch(() => undefined);
};

/** What a message comes to as the handler sends it; `briefly` waits for notes. */
const sent = (
  { exchange }: TestExchange,
  text: string,
  briefly = patient,
): Promise<Settled | Problem> =>
  submitNoted(
    exchange,
    briefly,
  )({ request, text, traceparent, timed: untimed }).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });

const found = (
  { exchange }: TestExchange,
  id: string = request,
  participant: string = counter,
): Promise<FoundDiagnosis> => findDiagnosis(exchange)(id, participant);

const idOf = (text: string): string => RequestClaims.parse(payloadOf(text)).inq.id;

const order = [...checks.keys()];

const codes = (diagnosis: FoundDiagnosis, result: string): readonly CheckCode[] =>
  diagnosis.checks.filter((one) => one.result === result).map(({ code }) => code);

const expectRefusedAt = (diagnosis: FoundDiagnosis, check: CheckCode): void => {
  const at = order.indexOf(check);
  expect(diagnosis).toMatchObject({ check, problem: checks.get(check)?.problem });
  expect(codes(diagnosis, 'passed')).toEqual(order.slice(0, at));
  expect(codes(diagnosis, 'failed')).toEqual([check]);
  expect(codes(diagnosis, 'skipped')).toEqual(order.slice(at + 1));
};

describe('a message that is refused once its signature holds', () => {
  const refused: ReadonlyArray<{ readonly check: CheckCode; readonly parts: Overrides }> = [
    { check: 'claims-json', parts: { payload: (json) => json.replace('{', '{"aud":"x",') } },
    { check: 'digests-opened', parts: { sent: (texts) => texts.slice(1) } },
    { check: 'inq-seq', parts: { claims: withInquiry({ seq: 0 }) } },
    { check: 'issuer-owns-key', parts: { claims: withMembers({ iss: 'counter:72110346' }) } },
    { check: 'audience', parts: { claims: withMembers({ aud: 'https://elsewhere.example/' }) } },
    {
      check: 'inquiry-fresh',
      parts: { claims: withInquiry({ id: inquiryIdAt(testNow - 11_000) }) },
    },
  ];

  it.each(refused)('is explained to its signer: $check', async ({ check, parts }) => {
    const exchange = await makeExchange();
    const problem = await sent(exchange, await exchange.request(parts));
    expect(problem).toBeInstanceOf(Problem);

    const diagnosis = await found(exchange);
    expect(diagnosis).toMatchObject({
      request,
      outcome: 'refused',
      time: '2027-01-15T08:00:00.000Z',
    });
    expectRefusedAt(diagnosis, check);
  });

  it.each(refused)('is explained to nobody else: $check', async ({ parts }) => {
    const exchange = await makeExchange();
    await sent(exchange, await exchange.request(parts));

    for (const other of ['counter:72110346', 'agency:civil-registry', '']) {
      await expect(found(exchange, request, other)).rejects.toMatchObject({ name: 'not-found' });
    }
  });

  it('is explained with pointers, for a day', async () => {
    const exchange = await makeExchange();
    await sent(exchange, await exchange.request({ claims: withInquiry({ seq: 0 }) }));
    const { checks: results } = await found(exchange);
    expect(results.find(({ code }) => code === 'inq-seq')?.errors).toMatchObject([
      { pointer: '/inq/seq' },
    ]);
    exchange.clock.advance(noteTime - 1);
    expect((await found(exchange)).check).toBe('inq-seq');
    exchange.clock.advance(1);
    await expect(found(exchange)).rejects.toMatchObject({ name: 'not-found' });
  });

  it('is explained when its token was used before', async () => {
    const exchange = await makeExchange();
    const text = await exchange.request();
    await sent(exchange, text);
    expect(exchange.refusals.dump()).toEqual([]);
    await sent(exchange, text);
    const diagnosis = await found(exchange);
    expectRefusedAt(diagnosis, 'token-unused');
    expect(diagnosis.inquiry).toBe(idOf(text));
  });

  it.each([
    { name: 'a forged signature', parts: { signature: () => new Uint8Array(64) } },
    { name: 'an unknown key', parts: { header: withMembers({ kid: 'A'.repeat(43) }) } },
    { name: 'no form', parts: { token: () => 'x' } },
  ])('and one with $name leaves no note', async ({ parts }) => {
    const exchange = await makeExchange();
    expect(await sent(exchange, await exchange.request(parts))).toBeInstanceOf(Problem);
    expect(exchange.refusals.dump()).toEqual([]);
    expect(exchange.refusals.faults.calls('put')).toBe(0);
    await expect(found(exchange)).rejects.toMatchObject({ name: 'not-found' });
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'gets the same answer when its note breaks (%s)',
    async (fault) => {
      const exchange = await makeExchange();
      exchange.refusals.faults.breakCall('put', fault);
      const text = await exchange.request({ claims: withInquiry({ seq: 0 }) });
      expect(await sent(exchange, text)).toMatchObject({ name: 'invalid-claims' });
      expect(exchange.refusals.dump()).toHaveLength(fault === 'unacknowledged' ? 1 : 0);
    },
  );

  it('gets its answer without the note when that takes too long', async () => {
    const exchange = await makeExchange();
    const pause = exchange.refusals.faults.pauseCall('put', 'before');
    const text = await exchange.request({ claims: withInquiry({ seq: 0 }) });
    const answer = await sent(exchange, text, async (work) => {
      work.catch(() => undefined);
      await pause.reached;
    });
    expect(answer).toMatchObject({ name: 'invalid-claims' });
    pause.release();
  });

  it('says nothing of a person', async () => {
    const exchange = await makeExchange();
    const facts = {
      subject: { type: 'ir-national-id', value: '0684159415' },
      params: {},
      case: 'secret',
      operator: 'secret',
    };
    await sent(exchange, await exchange.request({ facts }));
    const told = JSON.stringify([exchange.refusals.dump(), await found(exchange)]);
    expect((await found(exchange)).check).toBe('fact-subject');
    expect(told).not.toMatch(/0684159415|secret/);
  });
});

describe('an inquiry that stands in the journal', () => {
  it('is explained by its id when policy denied it, and by its request', async () => {
    const exchange = await makeExchange();
    const text = await exchange.request({ claims: withInquiry({ purpose: 'curiosity' }) });
    await sent(exchange, text);

    const byId = await found(exchange, idOf(text));
    expectRefusedAt(byId, 'policy-purpose-allowed');
    expect(byId).toMatchObject({
      inquiry: idOf(text),
      outcome: 'DENIED',
      decision: { effect: 'deny', rule: 'purpose-allowed' },
    });
    const byRequest = await found(exchange);
    expectRefusedAt(byRequest, 'policy-purpose-allowed');
    expect(byRequest.inquiry).toBe(idOf(text));
  });

  it('passed every check when it was answered', async () => {
    const exchange = await makeExchange();
    const text = await exchange.request();
    await sent(exchange, text);

    const diagnosis = await found(exchange, idOf(text));
    expect(diagnosis).toMatchObject({ outcome: 'FOUND', decision: { effect: 'allow' } });
    expect(codes(diagnosis, 'passed')).toEqual(order);
  });

  it('has no word of the agency while it is open', async () => {
    const exchange = await makeExchange();
    const text = await exchange.request();
    exchange.journal.faults.breakCall('putOutcome', 'not-persisted');
    expect(await sent(exchange, text)).toMatchObject({ name: 'store-unavailable' });

    const diagnosis = await found(exchange, idOf(text));
    expect(diagnosis.outcome).toBe('open');
    expect(codes(diagnosis, 'failed')).toEqual([]);
    expect(codes(diagnosis, 'skipped')).toEqual([
      'agency-reached',
      'agency-in-time',
      'agency-answer',
    ]);
  });

  const failures: ReadonlyArray<{
    readonly reply: AgencyReply;
    readonly check: CheckCode;
    readonly cause: string;
  }> = [
    {
      reply: { kind: 'unavailable', reason: 'resting' },
      check: 'agency-reached',
      cause: 'resting',
    },
    { reply: { kind: 'timeout' }, check: 'agency-in-time', cause: 'timeout' },
    {
      reply: { kind: 'replied', status: 200, mediaType: 'application/sd-jwt', body: 'secret' },
      check: 'agency-answer',
      cause: 'malformed',
    },
  ];

  it.each(failures)('tells where the agency failed: $check', async ({ reply, check, cause }) => {
    const exchange = await makeExchange();
    exchange.agencies.play(() => reply);
    const text = await exchange.request();
    await sent(exchange, text);

    expectRefusedAt(await found(exchange, idOf(text)), check);
    const byRequest = await found(exchange);
    expectRefusedAt(byRequest, check);
    expect(byRequest.cause).toBe(cause);
    expect(JSON.stringify(byRequest)).not.toContain('secret');
  });

  it('is there for nobody else, as if it were not', async () => {
    const exchange = await makeExchange();
    const text = await exchange.request();
    await sent(exchange, text);
    for (const other of ['counter:72110346', 'agency:civil-registry', 'guild:pishkhan']) {
      await expect(found(exchange, idOf(text), other)).rejects.toMatchObject({ name: 'not-found' });
    }
    const never = InquiryId.parse(inquiryIdAt(testNow));
    await expect(found(exchange, never)).rejects.toMatchObject({ name: 'not-found' });
  });

  it.each(['', '../..', 'a b', '%3D', 'x'.repeat(65), '\u06f1'])(
    'is not looked for under %j, which is no id',
    async (id) => {
      const exchange = await makeExchange();
      await expect(found(exchange, id)).rejects.toMatchObject({ name: 'not-found' });
      expect(exchange.refusals.faults.calls('find')).toBe(0);
    },
  );
});
