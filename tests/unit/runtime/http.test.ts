import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import hostile from '#events/samples/http/submit-inquiry.hostile.json' with { type: 'json' };
import sample from '#events/samples/http/submit-inquiry.json' with { type: 'json' };
import { type Answer, serve } from '#functions/runtime/http.ts';
import type { Observer, Outcomes } from '#functions/runtime/observe.ts';
import type { Reply, Result } from '#functions/runtime/reply.ts';
import { type RouteName, routes } from '#shared/api/routes.ts';
import type { InquiryFacts } from '#shared/inquiry/settled.ts';
import { Problem, type ProblemName, problems } from '#shared/kernel/problem.ts';
import { traceparent } from '#tests/support/exchange.ts';
import { type Asked, eventFor } from './events.ts';
import { containing, matching, someNumber } from './matching.ts';

const Document = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  instance: z.string(),
});

const facts: InquiryFacts = {
  inquiryId: '019b76da-a800-7000-8000-000000000000',
  counter: 'counter:72110345',
  service: 'civil-registry/identity@1',
  outcome: 'FOUND',
  rule: 'allowed',
  agencyTime: 12,
  retry: false,
};

const ok: Reply = { body: { type: 'application/json', json: { fine: true } } };

/** Serves one route by one answer, and keeps what was observed. */
const serving = (name: RouteName, answer: Answer) => {
  const outcomes: Outcomes[] = [];
  const bugs: { error: unknown; where: Parameters<Observer['bug']>[1] }[] = [];
  const observe: Observer = {
    outcome: (what) => outcomes.push(what),
    bug: (error, where) => bugs.push({ error, where }),
  };
  const handle = serve(() => ({ answers: { [name]: answer }, observe }));
  return { outcomes, bugs, handle, ask: (asked?: Asked) => handle(eventFor(name, asked)) };
};

const refusing = (name: RouteName, problem: unknown) =>
  serving(name, () => Promise.reject(problem));

const documentOf = ({ body }: Result): z.infer<typeof Document> =>
  Document.parse(JSON.parse(body ?? ''));

const isName = (name: string): name is ProblemName => Object.hasOwn(problems, name);
const names = Object.keys(problems).filter(isName);

const secret = 'secret 0499370899';

describe('serve', () => {
  it('sends a document as JSON with the headers of every answer', async () => {
    const { ask, outcomes } = serving('readHealth', () => Promise.resolve(ok));
    const result = await ask({ headers: { traceparent } });
    expect(result).toMatchObject({
      statusCode: 200,
      body: '{"fine":true}',
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'strict-transport-security': 'max-age=31536000',
        'x-request-id': sample.requestContext.requestId,
        traceparent: matching(/^00-0af7651916cd43dd8448eb211c80319c-/),
        'server-timing': matching(/^total;dur=/),
      },
    });
    expect(outcomes).toEqual([
      {
        requestId: sample.requestContext.requestId,
        trace: '0af7651916cd43dd8448eb211c80319c',
        route: 'GET /healthz',
        status: 200,
        ms: someNumber,
      },
    ]);
  });

  it('sends lines as NDJSON, and lets an answer replace a header', async () => {
    const lines = [{ n: 1 }, { n: 2 }];
    const { ask } = serving('listAuditEntries', () =>
      Promise.resolve({
        body: { type: 'application/x-ndjson', lines },
        headers: { 'cache-control': 'public', link: '<x>; rel="next"' },
      }),
    );
    expect(await ask()).toMatchObject({
      body: '{"n":1}\n{"n":2}\n',
      headers: {
        'content-type': 'application/x-ndjson',
        'cache-control': 'public',
        link: '<x>; rel="next"',
      },
    });
  });

  it('tells the steps that an answer timed', async () => {
    const { ask } = serving('readHealth', async ({ timing: { timed } }) =>
      timed('intent', () => Promise.resolve(ok)),
    );
    const { headers } = await ask();
    expect(headers?.['server-timing']).toMatch(/^intent;dur=[0-9.]+, total;dur=/);
  });

  it.each(names)('tells the problem %s as problem+json', async (name) => {
    const { ask, outcomes, bugs } = refusing('submitInquiry', new Problem(name, 'What was wrong.'));
    const result = await ask({ headers: { 'accept-language': 'fa' } });
    const { status, fa } = problems[name];
    expect(result.statusCode).toBe(status);
    expect(result.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'content-language': 'fa',
      'cache-control': 'no-store',
    });
    expect(documentOf(result)).toEqual({
      type: `https://docs.estelam.example/problems/${name}`,
      title: fa,
      status,
      detail: 'What was wrong.',
      instance: sample.requestContext.requestId,
      serverTime: matching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    });
    expect(outcomes).toEqual([containing({ status, problem: name })]);
    expect(bugs).toEqual([]);
  });

  it('logs the code of what failed beneath, and tells the caller nothing of it', async () => {
    const cause = Object.assign(new Error('a quote of the input'), { code: 'ECONNREFUSED' });
    const problem = new Problem('store-unavailable', 'Try again.', {}, { cause });
    const { ask, outcomes } = refusing('submitInquiry', problem);
    const { body, headers } = await ask();
    expect(outcomes).toEqual([containing({ cause: 'ECONNREFUSED' })]);
    expect(JSON.stringify([body, headers])).not.toContain('ECONNREFUSED');
    expect(JSON.stringify(outcomes)).not.toContain('a quote');
  });

  it('tells when to try again, in the header that says so', async () => {
    const problem = new Problem('rate-limited', 'Wait.', { retryAfter: 2 });
    expect((await refusing('submitInquiry', problem).ask()).headers?.['retry-after']).toBe('2');
    const other = await refusing('submitInquiry', new Problem('malformed', 'No.')).ask();
    expect(other.headers).not.toHaveProperty('retry-after');
  });

  it('tells a problem beside its receipt and facts instead of the body', async () => {
    const problem = new Problem('policy-denied', 'Denied.', { receipt: 'r.e.c' });
    const { ask, outcomes } = serving('submitInquiry', () =>
      Promise.resolve({ ...ok, problem, inquiry: facts }),
    );
    const result = await ask();
    expect(result.statusCode).toBe(403);
    expect(documentOf(result)).toMatchObject({ receipt: 'r.e.c' });
    expect(outcomes).toEqual([
      containing({ status: 403, problem: 'policy-denied', inquiry: facts }),
    ]);
  });

  it('counts what comes close to a person where it is shown, and the limit that refuses it', async () => {
    const shown = serving('searchSubject', async () => ({ ...ok, counted: 'SubjectSearches' }));
    const refused = refusing(
      'searchSubject',
      new Problem('rate-limited', 'Too many.', { alarm: 'subject-searches' }),
    );
    const asked = { headers: { 'content-type': 'application/json' }, body: '{}' };
    await shown.ask(asked);
    await refused.ask(asked);
    expect(shown.outcomes).toMatchObject([{ status: 200, counted: 'SubjectSearches' }]);
    expect(refused.outcomes).toMatchObject([{ status: 429, alarm: 'subject-searches' }]);
    expect(refused.outcomes[0]).not.toHaveProperty('counted');
  });

  it('observes the facts of an inquiry that was answered', async () => {
    const { ask, outcomes } = serving('submitInquiry', () =>
      Promise.resolve({ ...ok, inquiry: facts }),
    );
    await ask();
    expect(outcomes).toEqual([containing({ status: 200, inquiry: facts })]);
  });

  it.each([
    ['an error', new Error(secret)],
    ['an error with a status of its own', Object.assign(new Error(secret), { status: 200 })],
    ['what only looks like a problem', { name: 'malformed', detail: secret, extras: {} }],
    ['a text', secret],
    ['nothing', undefined],
  ])('tells %s that is thrown as a bare 500, and counts a bug', async (_, thrown) => {
    const { ask, outcomes, bugs } = refusing('readInquiry', thrown);
    const result = await ask();
    expect(result.statusCode).toBe(500);
    expect(result.headers?.['content-type']).toBe('application/problem+json');
    expect(documentOf(result)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      instance: sample.requestContext.requestId,
    });
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(bugs).toEqual([
      {
        error: thrown,
        where: containing({ requestId: sample.requestContext.requestId }),
      },
    ]);
    expect(outcomes).toEqual([]);
  });

  it('answers 404 for an address that its function does not answer, and for one that is in no table', async () => {
    const { handle } = serving('readHealth', () => Promise.resolve(ok));
    expect((await handle(eventFor('readKeys'))).statusCode).toBe(404);
    const unknown = { ...eventFor('readHealth'), routeKey: '$default' };
    expect(documentOf(await handle(unknown))).toMatchObject({ status: 404 });
  });
});

/** A participant's token, or that of a person. */
const reads = routes.filter(({ proof }) => proof === 'access-token' || proof === 'oidc');

/** What a route that takes a body is sent with. */
const posted = ({ consumes: [type] }: (typeof reads)[number]): Asked =>
  type === undefined ? {} : { headers: { 'content-type': type }, body: '{}' };

/** What a bad token can be refused with, and what else can be wrong with a read. */
const statusOfRead = (name: ProblemName, hasBody = false): number => {
  const { status } = problems[name];
  if (['invalid-query', 'invalid-body'].includes(name)) return status;
  if (hasBody && name === 'too-large') return status;
  return [400, 413, 422].includes(status) ? 401 : status;
};

describe.each(reads)('a refused $name', (route) => {
  const hasBody = route.consumes.length > 0;

  it.each(names)('for %s has the status that is due to a read', async (name) => {
    const refused = refusing(route.name, new Problem(name, 'What was wrong.'));
    const result = await refused.ask(posted(route));
    const status = statusOfRead(name, hasBody);
    expect(result.statusCode).toBe(status);
    expect(documentOf(result)).toMatchObject({ status });
    const challenged = status === 401;
    expect(result.headers?.['www-authenticate']?.toString().startsWith('Bearer') ?? false).toBe(
      challenged,
    );
  });

  it.each([
    ['expired', 401],
    ['malformed', 401],
    ['invalid-claims', 401],
    ['too-large', 401],
    ['invalid-query', 400],
    ['wrong-role', 403],
    ['not-found', 404],
    ['rate-limited', 429],
    ['store-unavailable', 503],
  ] as const)('for %s is %i', (name, status) => {
    expect(statusOfRead(name)).toBe(status);
  });

  it('asks for a token when there was none, and says that a bad one is bad', async () => {
    const challengeFor = async (name: ProblemName) =>
      (await refusing(route.name, new Problem(name, 'No.')).ask(posted(route))).headers?.[
        'www-authenticate'
      ];
    expect(await challengeFor('unauthenticated')).toBe('Bearer');
    expect(await challengeFor('expired')).toBe('Bearer error="invalid_token"');
  });
});

describe('a refused message', () => {
  it.each(['expired', 'malformed', 'too-large', 'invalid-claims'] as const)(
    'for %s keeps the status of the table: it is no access token',
    async (name) => {
      const result = await refusing('submitInquiry', new Problem(name, 'No.')).ask();
      expect(result.statusCode).toBe(problems[name].status);
      expect(result.headers).not.toHaveProperty('www-authenticate');
    },
  );
});

describe('the recorded events', () => {
  const reading = serving('submitInquiry', ({ body }) =>
    Promise.resolve({ body: { type: 'application/json', json: { text: body() } } }),
  );

  it('hand over the message as it was sent', async () => {
    const { statusCode, body } = await reading.handle(sample);
    expect(statusCode).toBe(200);
    const sent = Buffer.from(sample.body, 'base64').toString('latin1');
    expect(JSON.parse(body ?? '')).toEqual({ text: sent });
    expect(sent).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+(?:~[\w-]+){4}~$/);
  });

  it('are read once when they are hostile, and nothing of their headers comes back', async () => {
    const result = await reading.handle(hostile);
    expect(result.statusCode).toBe(200);
    expect(JSON.parse(result.body ?? '')).toEqual({ text: sample.body });
    expect(JSON.stringify(result)).not.toContain('script');
    expect(result.headers?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });
});
