import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LogRead } from '#events/log-read.ts';
import { answers as auditAnswers } from '#functions/read-audit/handler.ts';
import { answers as logAnswers } from '#functions/read-log/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import type { Result } from '#functions/runtime/reply.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { ExchangeSettings } from '#shared/inquiry/exchange.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import type { Participant } from '#shared/registry/participant.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { type FedLog, fedLog } from '#tests/support/fed-log.ts';
import { buildAccess, makeKey, type TestKey, testNow } from '#tests/support/messages.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { eventFor, pathOf, routeNamed } from '../runtime/events.ts';

const origin = 'https://exchange.example';
const bundle = '/log/0/tile/entries/000.p/3';

type Stage = TestExchange & { readonly auditor: TestKey; readonly fed: FedLog };

/** A log of its settings and two inquiries, and an auditor. */
const published = async (
  settings: Partial<ExchangeSettings> = {},
  scopes?: Participant['scopes'],
): Promise<Stage> => {
  const auditor = await makeKey('ES256', 'auditor:one');
  const registry = [
    ...sampleEntries(await testKeys()),
    keyEntryOf(auditor, { notAfter: testNow * 2 }),
    { ...agencyOf(auditor.owner), scopes },
  ];
  const test = await makeExchange({ registry, settings });
  await test.submit(await test.request());
  test.clock.advance(1000);
  await test.submit(await test.request());
  await test.log.sequence();
  return { ...test, auditor, fed: fedLog(test) };
};

const tokenFor = (
  { clock, auditor }: Stage,
  target: string,
  key: TestKey = auditor,
): Promise<string> =>
  buildAccess({ key, now: clock.now(), audience: origin, htm: 'GET', htu: origin + target });

type Sent = Readonly<Record<string, string>>;

const observe = { outcome: () => {}, bug: () => {} };

const readBundle = async (stage: Stage, path = bundle, sent: Sent = {}): Promise<Result> => {
  const meters = stage.meters.store;
  const reading = { ...stage.exchange, meters, noteAccess: noteAccess(stage.exchange) };
  const handle = serve(() => ({ answers: logAnswers(async () => reading), observe }));
  const headers = { authorization: `Bearer ${await tokenFor(stage, path)}`, ...sent };
  return handle({ ...eventFor('readEntries', { headers }), rawPath: path });
};

const readPage = async (
  stage: Stage,
  asked: Readonly<Record<string, string>> = {},
  sent: Sent = {},
): Promise<Result> => {
  const to = new Date(stage.clock.now()).toISOString();
  const from = new Date(testNow - 60_000).toISOString();
  const query = new URLSearchParams({ from, to, ...asked }).toString();
  const answers = auditAnswers(async () => auditReadingOf(stage));
  const handle = serve(() => ({ answers, observe }));
  const token = await tokenFor(stage, `/v1/audit/entries?${query}`);
  const headers = { authorization: `Bearer ${token}`, ...sent };
  return handle(eventFor('listAuditEntries', { query, headers }));
};

/** The reads that stand in the journal. */
const readsOf = ({ journal }: Stage): readonly LogRead[] =>
  journal
    .dump()
    .flatMap(({ record }) => (record === undefined ? [] : [unpackRecord(record.record)]))
    .flatMap((text) => LogRead.safeParse(JSON.parse(text)).data ?? []);

const byAct = (a: { readonly act: string }, b: { readonly act: string }): number =>
  a.act < b.act ? -1 : 1;

/** What they say, without their ids. */
const saidOf = (stage: Stage): readonly object[] =>
  readsOf(stage).map(({ id: _, ...said }) => said);

const Page = z.object({ entries: z.array(z.unknown()), next: z.string().optional() });
const pageOf = ({ body = '' }: Result) => Page.parse(JSON.parse(body));

describe('a page of entries', () => {
  it('is a leaf: who, by which key, what was asked and how much was shown', async () => {
    const stage = await published();
    const result = await readPage(stage, { outcome: 'FOUND' });
    expect(pageOf(result).entries).toHaveLength(2);
    const { auditor, clock } = stage;
    expect(saidOf(stage)).toEqual([
      {
        v: 1,
        k: 'access',
        t: clock.now(),
        by: 'auditor:one',
        kid: auditor.kid,
        act: 'entries',
        filter: JSON.stringify({
          from: new Date(testNow - 60_000).toISOString(),
          limit: 100,
          outcome: 'FOUND',
          to: new Date(clock.now()).toISOString(),
        }),
        n: 2,
      },
    ]);
  });

  it('is one each, as NDJSON too, and also when nothing was found', async () => {
    const stage = await published();
    const { next = '' } = pageOf(await readPage(stage, { limit: '1' }));
    await readPage(stage, { limit: '1', cursor: next }, { accept: 'application/x-ndjson' });
    await readPage(stage, { counter: 'counter:1' });
    const shown = readsOf(stage).map(({ n }) => n);
    expect(shown.toSorted((a, b) => a - b)).toEqual([0, 1, 1]);
    expect(JSON.stringify(readsOf(stage))).not.toContain('cursor');
  });

  it('that is refused as out of scope is a leaf of nothing, before that is told', async () => {
    const stage = await published();
    const counter = stage.keys.otherCounter;
    const asked = { counter: 'counter:72110345' };
    const refused = await readPage({ ...stage, auditor: counter }, asked);
    expect([refused.statusCode, refused.body?.includes('out-of-scope')]).toEqual([403, true]);
    expect(saidOf(stage)).toMatchObject([
      { by: counter.owner, kid: counter.kid, act: 'entries', n: 0, refused: true },
    ]);
  });

  it('is none where nothing is shown', async () => {
    const stage = await published();
    expect((await readPage(stage, { limit: '0' })).statusCode).toBe(400);
    expect((await readPage(stage, {}, { authorization: 'Bearer x' })).statusCode).toBe(401);
    expect(readsOf(stage)).toEqual([]);
  });

  it('is not listed among the inquiries', async () => {
    const stage = await published();
    await readPage(stage);
    stage.clock.advance(1000);
    expect(pageOf(await readPage(stage)).entries).toHaveLength(2);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is not shown when its leaf cannot be written (%s); read again, it is another leaf',
    async (fault) => {
      const stage = await published();
      stage.journal.faults.breakCall('putRecord', fault);
      const refused = await readPage(stage);
      expect(refused.statusCode).toBe(503);
      expect(refused.body).toContain('store-unavailable');
      expect(refused.body).not.toContain('entries');
      expect((await readPage(stage)).statusCode).toBe(200);
      expect(readsOf(stage)).toHaveLength(fault === 'unacknowledged' ? 2 : 1);
    },
  );
});

/** Reads one of the addresses that are no listing, as the auditor or with another's key. */
const readAddress = async (
  stage: Stage,
  name: 'summariseEntries' | 'listQuestions' | 'askQuestion',
  query: string,
  key: TestKey = stage.auditor,
): Promise<Result> => {
  const path = name === 'askQuestion' ? { path: { name: 'latency' } } : {};
  const target = `${pathOf(routeNamed(name), path.path)}${query === '' ? '' : `?${query}`}`;
  const answers = auditAnswers(async () => auditReadingOf(stage, stage.fed));
  const token = await tokenFor(stage, target, key);
  const headers = { authorization: `Bearer ${token}` };
  return serve(() => ({ answers, observe }))(
    eventFor(name, { ...path, headers, ...(query !== '' && { query }) }),
  );
};

describe('counts and questions', () => {
  const range = `from=${new Date(testNow - 60_000).toISOString()}&to=${new Date(testNow + 60_000).toISOString()}`;

  it('are each a leaf of as many entries as were looked at', async () => {
    const stage = await published();
    // The index ends where its last entry begins: one more lies behind the two.
    await stage.submit(await stage.request());
    await stage.log.sequence();
    await stage.fed.feed();
    const results = [
      await readAddress(stage, 'summariseEntries', `by=counter&${range}`),
      await readAddress(stage, 'askQuestion', range),
    ];
    expect(results.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    const leaves = readsOf(stage).toSorted(byAct);
    expect(leaves.map(({ act, n }) => [act, n])).toEqual([
      ['question', 2],
      ['summary', 2],
    ]);
    expect(leaves[0]?.filter).toContain('"question":"latency"');
    expect(leaves[1]?.filter).toContain('"count":["counter"]');
  });

  it('that are refused are leaves of nothing', async () => {
    const stage = await published();
    const query = `counter=counter:72110345&${range}`;
    const { otherCounter } = stage.keys;
    const summary = `by=rule&${query}`;
    const results = [
      await readAddress(stage, 'summariseEntries', summary, otherCounter),
      await readAddress(stage, 'askQuestion', query, otherCounter),
    ];
    expect(results.map(({ statusCode }) => statusCode)).toEqual([403, 403]);
    expect(readsOf(stage).toSorted(byAct)).toMatchObject([
      { act: 'question', n: 0, refused: true },
      { act: 'summary', n: 0, refused: true },
    ]);
  });

  it('are none where only their names are read, and where they are wrong', async () => {
    const stage = await published();
    expect((await readAddress(stage, 'listQuestions', '')).statusCode).toBe(200);
    expect((await readAddress(stage, 'summariseEntries', range)).statusCode).toBe(400);
    expect((await readAddress(stage, 'askQuestion', 'from=x')).statusCode).toBe(400);
    expect(readsOf(stage)).toEqual([]);
  });
});

describe('a bundle of entries', () => {
  it.each([
    ['of a province', [{ kind: 'province', value: 'تهران' }]],
    ['of nothing', []],
  ] as const)(
    'is not for an auditor %s: it holds what others were asked; the refusal is a leaf',
    async (_, scopes) => {
      const stage = await published({}, [...scopes]);
      const refused = await readBundle(stage);
      expect([refused.statusCode, refused.body?.includes('out-of-scope')]).toEqual([403, true]);
      expect(saidOf(stage)).toMatchObject([
        { act: 'bundle', filter: '{"bundle":0,"shard":0}', n: 0, refused: true },
      ]);
      const missing = await readBundle(stage, '/log/0/tile/entries/999');
      expect(missing.statusCode).toBe(403);
    },
  );

  it('is for an auditor of everything beside a part', async () => {
    const stage = await published({}, [{ kind: 'counter', value: 'counter:1' }, { kind: 'all' }]);
    expect((await readBundle(stage)).statusCode).toBe(200);
  });

  it('is a leaf: who, by which key, which bundle and how many entries are in it', async () => {
    const stage = await published();
    expect((await readBundle(stage)).statusCode).toBe(200);
    expect(saidOf(stage)).toEqual([
      {
        v: 1,
        k: 'access',
        t: stage.clock.now(),
        by: 'auditor:one',
        kid: stage.auditor.kid,
        act: 'bundle',
        filter: '{"bundle":0,"shard":0}',
        n: 3,
      },
    ]);
  });

  it('is none for who has it already: nothing is shown', async () => {
    const stage = await published();
    const { headers } = await readBundle(stage);
    const again = await readBundle(stage, bundle, { 'if-none-match': String(headers?.['etag']) });
    expect([again.statusCode, again.body]).toEqual([304, undefined]);
    expect(readsOf(stage)).toHaveLength(1);
  });

  it('is none where nothing is shown', async () => {
    const stage = await published();
    expect((await readBundle(stage, '/log/0/tile/entries/001')).statusCode).toBe(404);
    expect((await readBundle(stage, '/log/0/tile/0/000.p/3')).statusCode).toBe(404);
    const other = { authorization: `Bearer ${await tokenFor(stage, '/log/0/tile/entries/001')}` };
    expect((await readBundle(stage, bundle, other)).statusCode).toBe(401);
    expect(readsOf(stage)).toEqual([]);
  });

  it('is none where everybody may read them', async () => {
    const stage = await published({ logEntries: 'public' });
    expect((await readBundle(stage)).statusCode).toBe(200);
    expect(readsOf(stage)).toEqual([]);
    expect(stage.journal.faults.calls('putRecord')).toBe(0);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is not shown when its leaf cannot be written (%s); read again, it is another leaf',
    async (fault) => {
      const stage = await published();
      stage.journal.faults.breakCall('putRecord', fault);
      const refused = await readBundle(stage);
      expect([refused.statusCode, refused.headers?.['cache-control']]).toEqual([503, 'no-store']);
      expect(refused.headers).not.toHaveProperty('etag');
      expect(refused.body).toContain('store-unavailable');
      expect((await readBundle(stage)).statusCode).toBe(200);
      expect(readsOf(stage)).toHaveLength(fault === 'unacknowledged' ? 2 : 1);
    },
  );
});
