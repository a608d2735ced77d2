import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { answers as exportAnswers } from '#functions/export-audit/handler.ts';
import { answers as factsAnswers } from '#functions/open-facts/handler.ts';
import { type Handler, serve } from '#functions/runtime/http.ts';
import type { Outcomes } from '#functions/runtime/observe.ts';
import type { RouteName } from '#shared/api/routes.ts';
import { sha256Url, utf8 } from '#shared/kernel/bytes.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { makeExchange, sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { exportsGroundOf, testExports } from '#tests/support/export-reading.ts';
import { factsReadingOf } from '#tests/support/facts-reading.ts';
import { fedLog } from '#tests/support/fed-log.ts';
import {
  buildAccess,
  inquiryIdAt,
  makeKey,
  requestFactsExample,
  testNow,
  withMembers,
} from '#tests/support/messages.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { eventFor, pathOf, routeNamed } from '../runtime/events.ts';

const audience = 'https://exchange.example';

/** Three inquiries about one person that are indexed, an auditor, and what was counted of its reads. */
const setStage = async () => {
  const auditor = await makeKey('ES256', 'auditor:one');
  const registry = [
    ...sampleEntries(await testKeys()),
    keyEntryOf(auditor, { notAfter: testNow * 2 }),
    agencyOf(auditor.owner),
  ];
  const test = await makeExchange({ registry });
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    test.clock.advance(20_000);
    const text = await test.request();
    await test.submit(text);
    ids.push(test.addressOf(text).id);
  }
  await test.log.sequence();
  await test.log.witness();
  await test.log.feedIndex();
  const fed = fedLog(test);
  await fed.feed();
  const counted: Pick<Outcomes, 'status' | 'counted' | 'times'>[] = [];
  const observe = {
    outcome: ({ status, counted: name, times }: Outcomes) => {
      counted.push({
        status,
        ...(name !== undefined && { counted: name }),
        ...(times !== undefined && { times }),
      });
    },
    bug: () => {},
  };
  const sent: { readonly handle: Handler; readonly event: Parameters<Handler>[0] }[] = [];
  const post = async (handle: Handler, name: RouteName, json: JsonObject): Promise<unknown> => {
    const body = JSON.stringify(json);
    const htu = audience + pathOf(routeNamed(name));
    const token = await buildAccess({
      key: auditor,
      now: test.clock.now(),
      audience,
      htm: 'POST',
      htu,
      claims: withMembers({ body_s256: sha256Url(utf8(body)) }),
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    sent.push({ handle, event: eventFor(name, { headers, body }) });
    return JSON.parse((await handle(eventFor(name, { headers, body }))).body ?? '');
  };
  const facts = factsAnswers(async () => factsReadingOf(test, fed));
  const ground = exportsGroundOf(test, fed, testExports(test));
  const exporting = exportAnswers(async () => ground);
  return {
    ids,
    counted,
    clock: test.clock,
    /** What was sent last, once more as it is. */
    replay: async () => {
      const [last] = sent.slice(-1);
      if (last === undefined) throw new Error('Nothing was sent.');
      return last.handle(last.event);
    },
    open: (json: JsonObject) =>
      post(
        serve(() => ({ answers: facts, observe })),
        'openDisclosure',
        json,
      ),
    search: (json: JsonObject) =>
      post(
        serve(() => ({ answers: facts, observe })),
        'searchSubject',
        json,
      ),
    ask: (json: JsonObject) =>
      post(
        serve(() => ({ answers: exporting, observe })),
        'askForExport',
        json,
      ),
  };
};

const Page = z.looseObject({ next: z.string() });

describe('what all readers together are watched for', () => {
  it('is a search, once for all of its pages', async () => {
    const { search, counted } = await setStage();
    const asked = { subject: requestFactsExample.subject, order: 'court-12/05-778', limit: 1 };
    const { next } = Page.parse(await search(asked));
    await search({ ...asked, cursor: next });
    expect(counted).toEqual([{ status: 200, counted: 'SubjectSearches' }, { status: 200 }]);
  });

  it('is each fact that an export opens, when it opens it', async () => {
    const { ask, counted, ids, clock } = await setStage();
    const disclosures = ids.map((inquiry) => ({ inquiry, fact: 'operator' }));
    const reason = 'A complaint about an office.';
    const asked = { id: inquiryIdAt(clock.now()), range: {}, disclosures, reason };
    await ask(asked);
    await ask(asked);
    await ask({ id: inquiryIdAt(clock.now() + 1), range: {} });
    expect(counted).toEqual([
      { status: 202, counted: 'Disclosures', times: 3 },
      { status: 202 },
      { status: 202 },
    ]);
  });
});

describe('an access token that buys what is known of a person', () => {
  it('buys it once, whoever sends it again', async () => {
    const { search, open, replay, counted, ids } = await setStage();
    const order = 'court-12/05-778';
    await search({ subject: requestFactsExample.subject, order });
    expect((await replay()).statusCode).toBe(409);
    const reason = 'A complaint about an office.';
    await open({ inquiry: ids[0] ?? '', fact: 'subject', order, reason });
    const again = await replay();
    expect([again.statusCode, again.body?.includes('/replayed')]).toEqual([409, true]);
    expect(counted.map(({ status }) => status)).toEqual([200, 409, 200, 409]);
  });
});
