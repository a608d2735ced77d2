import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LogRead } from '#events/log-read.ts';
import { answers } from '#functions/read-subject/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import type { RouteName } from '#shared/api/routes.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { personLimits } from '#shared/oversight/subject/person-limits.ts';
import { sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { buildAccess, makeKey } from '#tests/support/messages.ts';
import { buildPersonToken, type PersonTokenParts } from '#tests/support/person-tokens.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { providerKey } from '#tests/support/subject-reading.ts';
import { mina, type PersonStage, setStage } from '../oversight/subject/person-stage.ts';
import { type Asked, eventFor, pathOf, routeNamed } from '../runtime/events.ts';

const auditor = await makeKey('ES256', 'auditor:inspection');
const blind = await makeKey('ES256', 'auditor:blind');

/** A stage at which mina was asked about, and two auditors, one of whom may read nothing. */
const staged = async () => {
  const registry = [
    ...sampleEntries(await testKeys()),
    ...[auditor, blind].map((key) => keyEntryOf(key)),
    agencyOf('auditor:inspection'),
    agencyOf('auditor:blind', { scopes: [] }),
  ];
  const stage = await setStage({ registry });
  const id = await stage.askAbout(mina);
  await stage.publish();
  const handle = serve(() => ({
    answers: answers(async () => stage.reading),
    observe: { outcome: () => {}, bug: () => {} },
  }));
  return { stage, id, ask: (name: RouteName, asked: Asked) => handle(eventFor(name, asked)) };
};

const byPerson = (
  { clock }: PersonStage,
  headers: Readonly<Record<string, string>> = {},
  parts: Partial<PersonTokenParts> = {},
): Asked => {
  const token = buildPersonToken({ key: providerKey, now: clock.now(), ...parts });
  return { headers: { authorization: `Bearer ${token}`, ...headers } };
};

const range = 'from=2027-01-15T00%3A00%3A00Z&to=2027-01-16T00%3A00%3A00Z';

const byAuditor = async ({ clock }: PersonStage, key = auditor): Promise<Asked> => {
  const origin = 'https://exchange.example';
  const htu = `${origin}${pathOf(routeNamed('listDisputes'))}?${range}`;
  const token = await buildAccess({ key, now: clock.now(), audience: origin, htu });
  return { query: range, headers: { authorization: `Bearer ${token}` } };
};

const json = { 'content-type': 'application/json' } as const;

const Document = z.looseObject({ type: z.string() });
const problemOf = ({ body }: { readonly body?: string | undefined }): string =>
  Document.parse(JSON.parse(body ?? ''))
    .type.split('/')
    .at(-1) ?? '';

/** The reads that are on record. */
const readsIn = ({ journal }: PersonStage): readonly LogRead[] =>
  journal
    .dump()
    .flatMap(({ record }) => (record === undefined ? [] : [unpackRecord(record.record)]))
    .flatMap((text) => LogRead.safeParse(JSON.parse(text)).data ?? []);

/** Takes all that is left of what somebody was counted on already. */
const useUp = async ({ meters }: PersonStage, name: string, most: number): Promise<void> => {
  const keys = [...meters.dump().keys()].filter((key) => key.startsWith(name));
  expect(keys).toHaveLength(1);
  for (const key of keys) await meters.store.take({ key, from: 0, until: 0 }, { want: most, most });
};

describe('what a person reads of its own', () => {
  it.each([
    ['fa-IR, en;q=0.5', 'fa', 'دفتر پیشخوان'],
    ['', 'en', 'Counter'],
  ] as const)('is in the language that is wanted: "%s"', async (wanted, tongue, title) => {
    const { stage, ask } = await staged();
    const result = await ask('readOwnAccesses', byPerson(stage, { 'accept-language': wanted }));
    expect(result).toMatchObject({
      statusCode: 200,
      headers: {
        'content-language': tongue,
        vary: 'accept-language',
        'cache-control': 'no-store',
      },
    });
    expect(result.body).toContain(title);
  });

  it('is no leaf, and costs one of so many a day', async () => {
    const { stage, ask } = await staged();
    const asked = byPerson(stage);
    expect((await ask('readOwnAccesses', asked)).statusCode).toBe(200);
    await useUp(stage, 'person-reads', personLimits.reads);
    expect(readsIn(stage)).toEqual([]);
    const refused = await ask('readOwnAccesses', asked);
    expect([refused.statusCode, problemOf(refused)]).toEqual([429, 'rate-limited']);
    expect(refused.headers?.['retry-after']).toMatch(/^[1-9][0-9]*$/);
  });

  it('is refused with 401 and how to do better, whatever is wrong with the token', async () => {
    const { stage, ask } = await staged();
    for (const [parts, name] of [
      [{ claims: { aud: 'https://bank.example' } }, 'wrong-audience'],
      [{ claims: { national_id: '0499370890' } }, 'invalid-claims'],
      [{ claims: { roles: 'x'.repeat(9000) } }, 'malformed'],
    ] as const) {
      const refused = await ask('readOwnAccesses', byPerson(stage, {}, parts));
      expect([refused.statusCode, problemOf(refused)]).toEqual([401, name]);
      expect(refused.headers).toMatchObject({
        'www-authenticate': 'Bearer error="invalid_token"',
      });
    }
  });
});

describe('a dispute that is posted', () => {
  it('is created once, and told again after that', async () => {
    const { stage, id, ask } = await staged();
    const body = JSON.stringify({ inquiry: id, ground: 'not-asked' });
    const asked = { ...byPerson(stage, json), body };
    expect((await ask('disputeAccess', asked)).statusCode).toBe(201);
    expect((await ask('disputeAccess', asked)).statusCode).toBe(200);
  });

  it.each([
    ['no JSON', '{', json, 422, 'invalid-body'],
    ['another ground', '{"ground":"because"}', json, 422, 'invalid-body'],
    ['too much', JSON.stringify({ ground: 'x'.repeat(2000) }), json, 413, 'too-large'],
    ['a form', 'ground=other', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
  ] as const)('is refused where it is %s', async (_, body, headers, status, name) => {
    const { stage, ask } = await staged();
    const refused = await ask('disputeAccess', { ...byPerson(stage, headers), body });
    expect([refused.statusCode, problemOf(refused)]).toEqual([status, name]);
    expect(stage.disputes.dump().marks).toEqual([]);
  });
});

describe('a read of disputes', () => {
  it('is a leaf before it is shown: who, what was asked, and how many', async () => {
    const { stage, id, ask } = await staged();
    const body = JSON.stringify({ inquiry: id, ground: 'not-me' });
    await ask('disputeAccess', { ...byPerson(stage, json), body });
    const shown = await ask('listDisputes', await byAuditor(stage));
    expect(JSON.parse(shown.body ?? '')).toMatchObject({
      disputes: [{ inquiry: id, ground: 'not-me' }],
    });
    expect(readsIn(stage)).toMatchObject([
      { by: 'auditor:inspection', kid: auditor.kid, act: 'disputes', n: 1 },
    ]);
    expect(readsIn(stage)[0]?.filter).toBe(
      '{"from":"2027-01-15T00:00:00.000Z","limit":100,"to":"2027-01-16T00:00:00.000Z"}',
    );
  });

  it('that is out of scope is a leaf that says so', async () => {
    const { stage, ask } = await staged();
    const refused = await ask('listDisputes', await byAuditor(stage, blind));
    expect([refused.statusCode, problemOf(refused)]).toEqual([403, 'out-of-scope']);
    expect(readsIn(stage)).toMatchObject([{ by: 'auditor:blind', n: 0, refused: true }]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'shows nothing where its leaf cannot be written (%s)',
    async (fault) => {
      const { stage, ask } = await staged();
      stage.journal.faults.breakCall('putRecord', fault);
      const refused = await ask('listDisputes', await byAuditor(stage));
      expect([refused.statusCode, problemOf(refused)]).toEqual([503, 'store-unavailable']);
    },
  );
});
