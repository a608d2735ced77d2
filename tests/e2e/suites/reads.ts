import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PublicJwk, RequestClaims } from '#shared/message/claims.ts';
import { thumbprint } from '#shared/message/key.ts';
import { factsOfReceipt, payloadOf } from '#tests/support/exchange.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { accessFor, readAs } from '../access.ts';
import { idOf, otherTill, requestFor, till } from '../ask.ts';
import { whileBehaving } from '../behaving.ts';
import { registrar } from '../commands.ts';
import { expectRecorded, recordsOf } from '../evidence.ts';
import { whileInFlight } from '../inflight.ts';
import { serviceOf, services } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';

const auditor = 'auditor:inspection';

const Entry = z.looseObject({
  id: z.string(),
  counter: z.string(),
  agency: z.string(),
  service: z.string(),
  outcome: z.string().optional(),
  i: z.string(),
  o: z.string().optional(),
});
type Entry = z.infer<typeof Entry>;

const Page = z.strictObject({
  entries: z.array(Entry),
  next: z.string().optional(),
  indexed: z.iso.datetime(),
});

const entriesTarget = (query: Readonly<Record<string, string>>): string =>
  `/v1/audit/entries?${new URLSearchParams(query).toString()}`;

/** With the texts of the leaves, whether an entry is in the index by now or not. */
const include = 'record';

/** Every entry between two times, page by page. */
const allEntries = async (
  stage: Stage,
  query: Readonly<Record<string, string>>,
): Promise<readonly Entry[]> => {
  const found: Entry[] = [];
  let cursor: Readonly<Record<string, string>> = {};
  for (;;) {
    const heard = await readAs(stage, auditor, entriesTarget({ ...query, include, ...cursor }));
    expect(heard.status).toBe(200);
    const { entries, next } = Page.parse(heard.json);
    expect(entries.length).toBeLessThanOrEqual(Number(query['limit'] ?? 100));
    found.push(...entries);
    if (next === undefined) return found;
    cursor = { cursor: next };
  }
};

/** A small set of inquiries of their own seconds, so that a listing can be known exactly. */
type Sample = {
  readonly range: { readonly from: string; readonly to: string };
  readonly texts: readonly string[];
};

const askSample = async (stage: Stage): Promise<Sample> => {
  // Ids of eight seconds ahead stand in seconds in which nobody else asks.
  const at = Date.now() + 8000;
  const range = {
    from: new Date(at).toISOString(),
    to: new Date(at + 4).toISOString(),
  };
  const key = stage.world.keyOf(otherTill);
  const askings = [
    { question: serviceOf('police').yes },
    { question: serviceOf('police').no },
    { question: serviceOf('post').yes },
    { question: serviceOf('post').yes, key },
    { question: { ...serviceOf('post').yes, purpose: 'curiosity' }, key },
  ];
  const texts: string[] = [];
  for (const [n, asking] of askings.entries()) {
    const text = await requestFor(stage, { ...asking, id: inquiryIdAt(at + (n % 4)) });
    await stage.wire.post(text);
    texts.push(text);
  }
  return { range, texts };
};

const listings: readonly {
  readonly name: string;
  readonly filter: Readonly<Record<string, string>>;
  readonly which: readonly number[];
}[] = [
  { name: 'everything', filter: {}, which: [0, 1, 2, 3, 4] },
  { name: 'by counter', filter: { counter: otherTill }, which: [3, 4] },
  { name: 'by agency', filter: { agency: 'agency:police' }, which: [0, 1] },
  { name: 'by service', filter: { service: 'post/postal-address@1' }, which: [2, 3, 4] },
  { name: 'by service without a version', filter: { service: 'police/vehicle' }, which: [0, 1] },
  { name: 'by outcome', filter: { outcome: 'NOT_FOUND' }, which: [1] },
  { name: 'by province', filter: { province: 'فارس' }, which: [3, 4] },
  { name: 'by purpose', filter: { purpose: 'curiosity' }, which: [4] },
  { name: 'by what was decided', filter: { effect: 'deny' }, which: [4] },
  { name: 'denials', filter: { outcome: 'DENIED' }, which: [4] },
  {
    name: 'by all of them at once',
    filter: { counter: till, agency: 'agency:post', outcome: 'FOUND' },
    which: [2],
  },
  { name: 'nothing', filter: { counter: 'counter:1' }, which: [] },
];

const hour = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' };

const badQueries: readonly { readonly name: string; readonly query: Record<string, string> }[] = [
  { name: 'no range', query: {} },
  { name: 'no end', query: { from: hour.from } },
  { name: 'a day without a time', query: { ...hour, from: '2026-01-01' } },
  { name: 'an end before its beginning', query: { from: hour.to, to: hour.from } },
  { name: 'a time before there were any', query: { ...hour, from: '1969-12-31T00:00:00Z' } },
  { name: 'a limit of 0', query: { ...hour, limit: '0' } },
  { name: 'a limit of 1001', query: { ...hour, limit: '1001' } },
  { name: 'a limit that is no number', query: { ...hour, limit: 'all' } },
  { name: 'an unknown outcome', query: { ...hour, outcome: 'MAYBE' } },
  { name: 'a counter that is none', query: { ...hour, counter: 'agency:police' } },
  { name: 'an operator by name', query: { ...hour, operator: 'op-12' } },
  { name: 'an order that is none', query: { ...hour, order: 'random' } },
  { name: 'too many texts at once', query: { ...hour, include: 'record', limit: '101' } },
  { name: 'a cursor that was made up', query: { ...hour, cursor: '../../etc/passwd' } },
  { name: 'an unknown parameter', query: { ...hour, subject: 'anybody' } },
];

export const readsSuite = (onStage: OnStage): void => {
  describe('GET /v1/inquiries/{id}', () => {
    it('tells the asking counter what became of it, with a receipt and without the answer', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { question: serviceOf('post').yes });
      const first = await stage.wire.post(text);

      const heard = await readAs(stage, till, `/v1/inquiries/${idOf(text)}`);

      expect(heard.status).toBe(200);
      expect(heard.json).toMatchObject({
        id: idOf(text),
        service: 'post/postal-address@1',
        state: 'closed',
        outcome: 'FOUND',
      });
      expect(Object.keys(heard.json).toSorted()).toEqual(
        ['asked', 'id', 'outcome', 'receipt', 'service', 'state'].toSorted(),
      );
      await expectRecorded(stage, text, heard);
      expect(factsOfReceipt(heard.said('receipt'))).toEqual(factsOfReceipt(first.said('receipt')));
    });

    it('tells it of denials and failures too', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { question: serviceOf('telecom').yes });
      await whileBehaving(stage, 'telecom', 'unavailable', () => stage.wire.post(text));

      const heard = await readAs(stage, till, `/v1/inquiries/${idOf(text)}`);

      expect(heard.json).toMatchObject({ state: 'closed', outcome: 'SOURCE_UNAVAILABLE' });
      await expectRecorded(stage, text, heard);
    });

    it('says that it is open while the agency is asked', async () => {
      const stage = onStage();

      const { meanwhile } = await whileInFlight(stage, (text) =>
        readAs(stage, till, `/v1/inquiries/${idOf(text)}`),
      );

      expect(meanwhile.json).toMatchObject({ state: 'open' });
      expect(meanwhile.json).not.toHaveProperty('receipt');
    });

    it('is 404 for another counter, for an id of nobody and for no id', async () => {
      const stage = onStage();
      const text = await requestFor(stage);
      await stage.wire.post(text);
      const others: readonly (readonly [string, string])[] = [
        [otherTill, idOf(text)],
        [till, inquiryIdAt(Date.now())],
        [till, 'not-an-id'],
        [till, idOf(text).toUpperCase()],
      ];
      for (const [participant, id] of others) {
        expectRefused(await readAs(stage, participant, `/v1/inquiries/${id}`), 'not-found');
      }
    });
  });

  describe('the catalogue', () => {
    it('shows every service, and where none of them is answered', async () => {
      const { world, wire } = onStage();

      const heard = await wire.send('GET', '/v1/services');

      const { services: listed } = z
        .object({ registry: z.int().min(1), services: z.array(z.looseObject({ ref: z.string() })) })
        .parse(heard.json);
      expect(listed.map(({ ref }) => ref).toSorted()).toEqual(
        services.map(({ yes }) => yes.service).toSorted(),
      );
      expect(heard.text).not.toContain('endpoint');
      expect(heard.text).not.toContain(world.agency('police').url);
    });

    it.each(services.map(({ yes, kept }) => ({ service: yes.service, kept })))(
      'shows $service with what to send and what comes back',
      async ({ service, kept }) => {
        const [name = ''] = service.split('@');

        const heard = await onStage().wire.send('GET', `/v1/services/${name}`);

        expect(heard.status).toBe(200);
        const { versions } = z
          .object({ name: z.literal(name), versions: z.array(z.looseObject({ ref: z.string() })) })
          .loose()
          .parse(heard.json);
        expect(versions.map(({ ref }) => ref)).toEqual([service]);
        expect(JSON.stringify(versions[0]?.['output'])).toContain(`"${kept}"`);
        expect(JSON.stringify(versions[0]?.['fields'])).not.toContain(`"${kept}"`);
      },
    );

    it('is 404 for a service that nobody offers', async () => {
      const { wire } = onStage();
      expectRefused(await wire.send('GET', '/v1/services/police/horoscope'), 'not-found');
    });
  });

  describe('GET /v1/keys/{kid}', () => {
    it.each([till, otherTill, 'agency:police', 'registrar:cra'])(
      'gives the registered key of %s, and nothing secret',
      async (participant) => {
        const { world, wire } = onStage();
        const { kid, jwk, alg } = world.keyOf(participant);

        const heard = await wire.send('GET', `/v1/keys/${kid}`);

        expect(heard.json).toMatchObject({ kid, alg, jwk, owner: participant, status: 'active' });
        expect(await thumbprint(PublicJwk.parse(heard.json['jwk']))).toBe(kid);
        expect(Object.keys(z.record(z.string(), z.json()).parse(heard.json['jwk']))).not.toContain(
          'd',
        );
      },
    );

    it('shows a revoked key as revoked', async () => {
      const { world, wire } = onStage();

      const heard = await wire.send('GET', `/v1/keys/${world.badKeys.revoked.kid}`);

      expect(heard.json).toMatchObject({ status: 'revoked', owner: till });
    });

    it.each(['A'.repeat(43), 'A'.repeat(42), 'nobody', '%00'])('is 404 for %s', async (kid) => {
      const { wire } = onStage();
      expectRefused(await wire.send('GET', `/v1/keys/${kid}`), 'not-found');
    });
  });

  describe('GET /v1/audit/entries', () => {
    let sample: Sample | undefined;
    const given = (): Sample => {
      if (sample === undefined) throw new Error('The sample was not asked.');
      return sample;
    };
    beforeAll(async () => {
      sample = await askSample(onStage());
    });

    it.each(listings)('lists $name', async ({ filter, which }) => {
      const { range, texts } = given();

      const entries = await allEntries(onStage(), { ...range, ...filter });

      const wanted = which.map((n) => idOf(texts[n] ?? ''));
      expect(entries.map(({ id }) => id).toSorted()).toEqual(wanted.toSorted());
    });

    it('shows of each what its records say, and the records themselves', async () => {
      const stage = onStage();
      const { range, texts } = given();

      const entries = await allEntries(stage, range);

      for (const entry of entries) {
        const text = texts.find((one) => idOf(one) === entry.id) ?? '';
        const { iss, inq } = RequestClaims.parse(payloadOf(text));
        const { intent, outcome } = await recordsOf(stage, idOf(text));
        expect(entry).toMatchObject({
          counter: iss,
          service: inq.service,
          purpose: inq.purpose,
          basis: inq.basis,
          station: inq.station,
          presence: inq.presence,
          seq: inq.seq,
          i: intent,
          o: outcome,
        });
      }
      expect(entries).toHaveLength(5);
    });

    it.each(['1', '2', '4'])('gives each once when it is read by %s', async (limit) => {
      const { range, texts } = given();

      const entries = await allEntries(onStage(), { ...range, limit });

      expect(entries.map(({ id }) => id).toSorted()).toEqual(texts.map(idOf).toSorted());
    });

    it('goes on by a Link when it is read as NDJSON', async () => {
      const stage = onStage();
      const { range, texts } = given();
      const lines: string[] = [];
      let target: string | undefined = entriesTarget({ ...range, include, limit: '2' });
      while (target !== undefined) {
        const heard: Heard = await readAs(stage, auditor, target, {
          accept: 'application/x-ndjson',
        });
        expect(heard.status).toBe(200);
        expect(heard.header('content-type')).toBe('application/x-ndjson');
        lines.push(...heard.text.split('\n').filter((line) => line !== ''));
        const [, next] = /^<([^>]+)>; rel="next"$/.exec(heard.header('link') ?? '') ?? [];
        expect(next ?? stage.world.origin).toContain(stage.world.origin);
        target = next?.slice(stage.world.origin.length);
      }
      const entries = lines.map((line) => Entry.parse(JSON.parse(line)));
      expect(entries.map(({ id }) => id).toSorted()).toEqual(texts.map(idOf).toSorted());
    });

    it('gives a table that a spreadsheet opens, with its header in Persian or English', async () => {
      const stage = onStage();
      const { range, texts } = given();
      const target = entriesTarget({ ...range, format: 'csv' });
      const token = await accessFor(stage, auditor, target);
      const headers = { authorization: `Bearer ${token}`, 'accept-language': 'fa' };

      const heard = await stage.wire.send('GET', target, { headers });

      expect(heard.status).toBe(200);
      expect(heard.header('content-type')).toBe('text/csv; charset=utf-8');
      const [head, ...rows] = heard.text.replace(/^\uFEFF/, '').split('\r\n');
      expect(head?.split(',', 2)).toEqual(['شناسه', 'زمان پرسش']);
      const ids = rows.map((row) => row.split(',', 1)[0] ?? '');
      expect(ids.toSorted()).toEqual(['', ...texts.map(idOf)].toSorted());
    });

    it('takes a cursor from nobody but whom it was given to, and for nothing else', async () => {
      const stage = onStage();
      const query = { ...given().range, limit: '1' };
      const { next = '' } = Page.parse(
        (await readAs(stage, auditor, entriesTarget({ ...query, include }))).json,
      );
      const others = [
        [registrar, { ...query, include, cursor: next }],
        [auditor, { ...query, include, outcome: 'FOUND', cursor: next }],
        [auditor, { ...query, include, cursor: `${next.slice(0, -4)}AAAA` }],
      ] as const;
      for (const [reader, other] of others) {
        expectRefused(await readAs(stage, reader, entriesTarget(other)), 'invalid-query');
      }
    });

    it.each(badQueries)('is refused as invalid-query: $name', async ({ query }) => {
      const stage = onStage();

      expectRefused(await readAs(stage, auditor, entriesTarget(query)), 'invalid-query');
    });
  });

  describe('what can be asked of all entries', () => {
    const range = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
    const Summary = z.strictObject({
      from: z.iso.datetime(),
      until: z.iso.datetime(),
      n: z.int(),
      summary: z.array(z.strictObject({ by: z.string(), counts: z.array(z.unknown()) })),
    });

    it('are counts by what they say', async () => {
      const target = `/v1/audit/summary?${new URLSearchParams({ ...range, by: 'agency,hour' }).toString()}`;

      const heard = await readAs(onStage(), auditor, target);

      expect(heard.status).toBe(200);
      expect(Summary.parse(heard.json).summary.map(({ by }) => by)).toEqual(['agency', 'hour']);
    });

    it('are ready-made questions, by their names', async () => {
      const stage = onStage();
      const { questions } = z
        .object({ questions: z.array(z.object({ name: z.string() })) })
        .parse((await readAs(stage, auditor, '/v1/audit/questions')).json);
      expect(questions).not.toEqual([]);
      for (const { name } of questions) {
        const target = `/v1/audit/questions/${name}?${new URLSearchParams(range).toString()}`;
        const heard = await readAs(stage, auditor, target);
        expect(heard.status).toBe(200);
        expect(heard.json).toMatchObject({ question: name });
      }
      const unknown = `/v1/audit/questions/horoscope?${new URLSearchParams(range).toString()}`;
      expectRefused(await readAs(stage, auditor, unknown), 'not-found');
    });

    it.each(['/v1/audit/summary?by=subject', '/v1/audit/questions/latency?hours=8-16'])(
      'are none of what they are not: %s',
      async (address) => {
        const target = `${address}&${new URLSearchParams(range).toString()}`;
        expectRefused(await readAs(onStage(), auditor, target), 'invalid-query');
      },
    );
  });

  describe('the well-known addresses', () => {
    it('publish the key that receipts are signed with', async () => {
      const { wire } = onStage();

      const { json } = await wire.send('GET', '/.well-known/jwks.json');

      const { keys } = z
        .strictObject({
          keys: z.array(
            z.strictObject({
              kty: z.literal('EC'),
              crv: z.literal('P-256'),
              x: z.string(),
              y: z.string(),
              kid: z.string(),
              alg: z.literal('ES256'),
              use: z.literal('sig'),
              status: z.literal('current'),
              iat: z.int(),
            }),
          ),
        })
        .parse(json);
      expect(keys).toHaveLength(1);
    });

    it('publish what a caller must send', async () => {
      const { world, wire } = onStage();

      const { json } = await wire.send('GET', '/.well-known/estelam');

      expect(json).toMatchObject({
        id: 'exchange:estelam',
        origin: world.origin,
        inquiries: `${world.origin}/v1/inquiries`,
        jwks_uri: `${world.origin}/.well-known/jwks.json`,
        algorithms: ['ES256', 'Ed25519'],
        limits: { body: 65_536, digests: 64, freshness_ms: 10_000 },
        mmd: 120,
      });
    });

    it('say that the exchange is well', async () => {
      const { wire } = onStage();

      const heard = await wire.send('GET', '/healthz');

      expect(heard.json).toMatchObject({ status: 'ok' });
    });
  });
};
