import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { serve } from '#functions/runtime/http.ts';
import { observer } from '#functions/runtime/observe.ts';
import { answers as submitAnswers } from '#functions/submit-inquiry/handler.ts';
import { startStore } from '#infra/local/store.ts';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import { ParticipantId } from '#shared/message/claims.ts';
import { listCatalogue, readCatalogue } from '#shared/registry/catalogue.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { readPublicKey } from '#shared/registry/public-key.ts';
import {
  aboutAllIn,
  listGrants,
  listParticipants,
  readParticipant,
} from '#shared/registry/read-registry.ts';
import { parseGrantsQuery, parseParticipantsQuery } from '#shared/registry/registry-query.ts';
import { runCommand } from '#shared/registry/run-command.ts';
import { buildCommand, commandAudience } from '#tests/support/commands.ts';
import { makeExchange, type TestExchange } from '#tests/support/exchange.ts';
import { buildRequest, makeKey } from '#tests/support/messages.ts';
import { eventFor } from '#tests/unit/runtime/events.ts';
import { barChart } from './bar-chart.ts';
import { median } from './measure.ts';
import {
  counterAt,
  fillRegistry,
  type RealKeys,
  type RegistrySize,
  serviceAt,
} from './registry-fill.ts';
import { type Mix, measureMix } from './registry-mix.ts';
import { type Bench, type Progress, times, whole } from './report.ts';

/** No request is to take more than so many times as long over the large registry. */
const aim = 1.2;

const sizes = {
  small: { counters: 20, agencies: 10, services: 10, grants: 20 },
  large: { counters: 20_000, agencies: 20, services: 200, grants: 100_000 },
} as const satisfies Record<string, RegistrySize>;
type SizeName = keyof typeof sizes;

/** Times that each thing is done over each registry; medians of these. */
const rounds = 100;

/** Something that is asked of a registry; `nth` counts its rounds. */
type Doing = {
  readonly name: string;
  /** What must be done before and is not measured. */
  readonly prepare?: (nth: number) => Promise<unknown>;
  readonly run: (nth: number) => Promise<unknown>;
  /** What grows by its nature: it answers with the whole catalogue, so many services. */
  readonly per?: number;
};

type Stage = {
  readonly size: RegistrySize;
  readonly store: RegistryStore;
  readonly test: TestExchange;
  readonly exchange: (directory?: Exchange['directory']) => Exchange;
  readonly keys: RealKeys;
};

const id = (text: string): ParticipantId => ParticipantId.parse(text);

/** A round over a large registry is to meet other entries than the one before. */
const spreadOver = (nth: number, many: number): number => (nth * 7919) % many;

const refused = (status: number | undefined): never => {
  throw new Error(`An inquiry of the bench was answered with ${String(status)}.`);
};

const doings = ({ size, store, test, exchange, keys }: Stage): readonly Doing[] => {
  const { now } = test.clock;
  const fresh = () => cachedDirectory(store, now);
  const warm = fresh();
  const observe = observer({ LOG_LEVEL: 'SILENT' });
  const submit = async (given: Exchange, text: string): Promise<void> => {
    const answers = submitAnswers(() => Promise.resolve(given));
    const { statusCode } = await serve(() => ({ answers, observe }))(
      eventFor('submitInquiry', { body: text, headers: { 'content-type': 'application/sd-jwt' } }),
    );
    if (statusCode !== 200) refused(statusCode);
  };
  const request = () => buildRequest({ key: keys.counter, now: now() });
  let text = '';
  let cold = fresh();
  const warmed = exchange(warm);
  const command = runCommand({
    store,
    journal: warmed.journal,
    layout: warmed.settings.layout,
    origin: warmed.settings.origin,
    now,
    random: warmed.random,
  });
  let version = 1;
  const suspended = () => version % 2 === 0;
  const counter = (nth: number) => counterAt(spreadOver(nth, size.counters));
  const pairAt = (nth: number) =>
    [id(counter(nth)), serviceAt(spreadOver(nth, size.services), size).ref] as const;
  return [
    {
      name: 'snapshot of a new pair: one batched read',
      prepare: async (nth) => {
        cold = fresh();
        await cold.snapshot(...pairAt(nth + 1));
      },
      run: (nth) => cold.snapshot(...pairAt(nth)),
    },
    {
      name: 'snapshot of a known pair, a thousand times',
      prepare: () => warm.snapshot(...pairAt(0)),
      run: async () => {
        for (let n = 0; n < 1000; n += 1) await warm.snapshot(...pairAt(0));
      },
    },
    {
      name: 'an inquiry, whole, in a new process',
      prepare: async () => {
        text = await request();
        cold = fresh();
      },
      run: () => submit(exchange(cold), text),
    },
    {
      name: 'an inquiry, whole, warm',
      prepare: async () => {
        text = await request();
      },
      run: () => submit(warmed, text),
    },
    {
      name: 'a command: suspend, reinstate',
      prepare: async () => {
        const content = { id: counterAt(1), ...(suspended() ? {} : { reason: 'an inspection' }) };
        const said = {
          do: suspended() ? 'participant.reinstate' : 'participant.suspend',
          on: version,
          with: suspended() ? { ...content, reason: 'all in order' } : content,
        };
        const audience = commandAudience;
        text = await buildCommand(said, { key: keys.registrar, now: now(), audience });
      },
      run: async () => {
        await command(text);
        version += 1;
      },
    },
    {
      name: 'GET /v1/participants, a page of 20',
      run: (nth) =>
        listParticipants(
          store,
          parseParticipantsQuery({ limit: '20', after: nth % 2 === 0 ? '' : 'a' }),
        ),
    },
    {
      name: 'GET /v1/participants?role=counter, a page of 10',
      run: () => listParticipants(store, parseParticipantsQuery({ limit: '10', role: 'counter' })),
    },
    {
      name: 'GET /v1/participants?at=, a page of 10',
      run: () =>
        listParticipants(
          store,
          parseParticipantsQuery({ limit: '10', role: 'counter', at: '2026-11-01T00:00:00Z' }),
        ),
    },
    {
      name: 'GET /v1/participants/{id}',
      run: (nth) => readParticipant(store, counter(nth), undefined),
    },
    {
      name: 'GET /v1/participants/{id}?at=',
      run: (nth) => readParticipant(store, counter(nth), now()),
    },
    {
      name: 'GET /v1/grants, all, a page of 10',
      run: () => listGrants(store, parseGrantsQuery({ limit: '10' }), keys.registrar.owner),
    },
    {
      name: 'GET /v1/grants of an agency, a page of 10',
      run: () => listGrants(store, parseGrantsQuery({ limit: '10' }), keys.agency.owner),
    },
    {
      name: 'GET /v1/grants of a counter',
      run: (nth) => listGrants(store, parseGrantsQuery({ limit: '10' }), counter(nth)),
    },
    {
      name: 'GET /v1/services/{agency}/{name}, warm',
      prepare: () => warm.services(),
      run: () => readCatalogue(warm, 'civil-registry/identity', aboutAllIn(store, undefined)),
    },
    {
      name: 'GET /v1/services/{agency}/{name}, in a new process',
      run: () => readCatalogue(fresh(), 'civil-registry/identity', aboutAllIn(store, undefined)),
    },
    { name: 'GET /v1/keys/{kid}', run: () => readPublicKey(fresh(), keys.counter.kid) },
    {
      name: 'GET /v1/services, the whole catalogue, warm',
      per: size.services,
      prepare: () => warm.services(),
      run: async () => JSON.stringify(await listCatalogue(warm)),
    },
    {
      name: 'GET /v1/services, the whole catalogue, in a new process',
      per: size.services,
      run: async () => JSON.stringify(await listCatalogue(fresh())),
    },
  ];
};

/** Per cent in whole tens, so that a log has a line for each. */
const tenths = (share: number): number => Math.min(100, Math.floor(share * 10) * 10);

type Stocked = { readonly stage: Stage; readonly rows: number; readonly seconds: number };

const stock = async (
  name: SizeName,
  keys: RealKeys,
  endpoint: string,
  progress: Progress,
): Promise<Stocked> => {
  const size = sizes[name];
  const env = readEnv({
    ESTELAM_ORIGIN: 'https://exchange.example',
    ESTELAM_SECRET_FILE: 'unused',
    JOURNAL_TABLE: 'journal',
    REGISTRY_TABLE: 'registry',
    DYNAMODB_ENDPOINT: endpoint,
  });
  const call = dynamoClient(env);
  await Promise.all(['journal', 'registry'].map((table) => ensureTable(call, table)));
  const began = performance.now();
  const expected = 3 * (2 * size.counters + size.grants) + 2 * size.services;
  const rows = await fillRegistry(call, 'registry', { size, keys }, (done) =>
    progress(0.5 * (done / expected), `filling the ${name} registry, ${tenths(done / expected)} %`),
  );
  const seconds = (performance.now() - began) / 1000;
  const store = dynamoRegistryStore(call, 'registry');
  const journal = dynamoJournalStore(call, 'journal');
  const test = await makeExchange();
  const exchange = (directory = cachedDirectory(store, test.clock.now)): Exchange =>
    test.restart({ directory, journal }).exchange;
  return { stage: { size, store, test, exchange, keys }, rows, seconds };
};

type Measured = {
  readonly name: string;
  readonly small: number;
  readonly large: number;
  readonly per?: { readonly small: number; readonly large: number };
};

/** Does the same over both, in turns, so that a noisy minute meets both alike. Milliseconds. */
const measurePair = async (small: Doing, large: Doing): Promise<Measured> => {
  const samples = { small: new Array<number>(), large: new Array<number>() };
  const once = async (doing: Doing, into: number[], nth: number): Promise<void> => {
    await doing.prepare?.(nth);
    const began = performance.now();
    await doing.run(nth);
    if (nth >= rounds / 10) into.push(performance.now() - began);
  };
  for (let nth = 0; nth < rounds; nth += 1) {
    const pair = [() => once(small, samples.small, nth), () => once(large, samples.large, nth)];
    for (const turn of nth % 2 === 0 ? pair : pair.toReversed()) await turn();
  }
  const [a, b] = [median(samples.small), median(samples.large)];
  const per = small.per !== undefined && large.per !== undefined;
  return {
    name: small.name,
    small: a,
    large: b,
    ...(per && { per: { small: a / (small.per ?? 1), large: b / (large.per ?? 1) } }),
  };
};

/** Large over small: of what answers with everything, for one service. */
const ratioOf = ({ small, large, per }: Measured): number =>
  per === undefined ? large / small : per.large / per.small;

const milliseconds = (value: number): string => value.toFixed(3);

const mixNote = ({ hits, hitMicroseconds, missMicroseconds, megabytes, draws }: Mix): string =>
  `Of ${whole(draws)} snapshots by Zipf over 20,000 counters and 200 services, ${(hits * 100).toFixed(1)} % were known: ` +
  `${hitMicroseconds.toFixed(1)} µs each, ${missMicroseconds.toFixed(1)} µs where a store in memory was asked; the cache holds ${megabytes.toFixed(0)} MB when it is full.`;

/** Requests over a small registry and over a large one, each in a store of its own. */
export const registrySize: Bench = async (progress) => {
  // In memory: what is measured is how a request grows, and a file is only filled more slowly.
  const stores = await Promise.all([startStore({}), startStore({})]);
  try {
    const base = await makeExchange();
    const keys: RealKeys = {
      counter: base.keys.counter,
      agency: base.keys.agency,
      registrar: await makeKey('ES256', 'registrar:cra'),
    };
    const small = await stock('small', keys, stores[0].endpoint, progress);
    const large = await stock('large', keys, stores[1].endpoint, progress);
    const [ofSmall, ofLarge] = [doings(small.stage), doings(large.stage)];
    const measured: Measured[] = [];
    for (const [n, doing] of ofSmall.entries()) {
      progress(0.5 + (0.4 * n) / ofSmall.length, doing.name);
      measured.push(await measurePair(doing, ofLarge[n] ?? doing));
    }
    progress(0.95, 'snapshots by Zipf');
    const mix = await measureMix();
    const worst = measured.toSorted((a, b) => ratioOf(b) - ratioOf(a))[0];
    const most = worst === undefined ? 0 : ratioOf(worst);
    return {
      tables: [
        {
          title:
            'A request over 20 counters, 10 services and 20 grants, and over 20,000, 200 and 100,000',
          columns: ['', 'small, ms', 'large, ms', 'large ÷ small'],
          rows: measured.map((one) => [
            one.per === undefined ? one.name : `${one.name}; ÷ for one service`,
            milliseconds(one.small),
            milliseconds(one.large),
            times(ratioOf(one)),
          ]),
        },
      ],
      notes: [
        `Medians of ${rounds} rounds in turns, one request at a time, the store a process of its own on this machine.`,
        `Filled in ${small.seconds.toFixed(0)} s with ${whole(small.rows)} rows and in ${large.seconds.toFixed(0)} s with ${whole(large.rows)}.`,
        mixNote(mix),
      ],
      aims: [
        {
          says: `${times(most)} at most (${worst?.name ?? 'nothing'}), at most ${times(aim)}`,
          met: most <= aim,
        },
      ],
      failures: [],
      figures: { measured, mix },
      pictures: {
        'registry-size': barChart({
          title: 'What a large registry costs a request',
          subtitle: 'Times as long as over a small one',
          scale: 'linear',
          bars: measured.map((one) => ({
            label: one.name,
            value: ratioOf(one),
            says: times(ratioOf(one)),
            tone: 'ours',
          })),
        }),
      },
    };
  } finally {
    await Promise.all(stores.map(({ close }) => close()));
  }
};
