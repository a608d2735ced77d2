import * as z from 'zod';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoMeterStore } from '#functions/runtime/dynamo/meter-store.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { awsVariables, parseEnv } from '#functions/runtime/env.ts';
import { startStore } from '#infra/local/store.ts';
import type { MeterStore } from '#shared/inquiry/meter-store.ts';
import { windowAt } from '#shared/inquiry/meter-window.ts';
import { quotaSpender, type SpendQuota } from '#shared/inquiry/spend-quota.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { tehranDays } from '#shared/persian/tehran-day.ts';
import type { Meter } from '#shared/registry/meters.ts';
import { measureInTurns, type Work } from './measure.ts';
import { type Bench, times, whole } from './report.ts';

/** A morning in Tehran: no window of these runs ends before it should. */
const morning = Date.parse('2027-01-15T04:00:00Z');

const table = 'meters';

type Ways = Readonly<Record<'each' | 'leased', (store: MeterStore) => SpendQuota>>;

/** What is compared: an update for each use, and leased budgets. */
const ways: Ways = {
  each: (store) => {
    const dayOf = tehranDays();
    return async (meters, t) => {
      for (const meter of meters) {
        const { given } = await store.take(windowAt(meter, t, dayOf), {
          want: 1,
          most: meter.most,
        });
        if (given === 0) throw new Problem('rate-limited', 'Used up.');
      }
      return { limits: [], giveBack: () => undefined };
    };
  },
  leased: quotaSpender,
};

const dayMeter = (key: string): Meter => ({
  name: 'service-counter-day',
  key,
  per: 'day',
  most: 1_000_000,
});

const secondMeter = (key: string): Meter => ({
  name: 'service-all-second',
  key,
  per: 'second',
  most: 1000,
});

let keys = 0;
const newKey = (): string => {
  keys += 1;
  return `bench ${keys}`;
};

const trySpend = async (spend: SpendQuota, meter: Meter, t: number): Promise<boolean> => {
  try {
    await spend([meter], t);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.name === 'rate-limited') return false;
    throw error;
  }
};

type Counted = {
  readonly asked: number;
  readonly allowed: number;
  /** Updates of the one key, those that found too little left too. */
  readonly updates: number;
  /** Of one second of the clock of the inquiries. */
  readonly perSecond: number;
};

type Scenario = {
  readonly name: string;
  readonly seconds: number;
  readonly run: (make: () => SpendQuota) => Promise<Pick<Counted, 'asked' | 'allowed'>>;
};

/** One process that is asked so many times, with so many seconds between. */
const steady = (name: string, count: number, gap: number): Scenario => ({
  name,
  seconds: count * gap,
  run: async (make) => {
    const [spend, meter] = [make(), dayMeter(newKey())];
    for (let n = 0; n < count; n += 1) await spend([meter], morning + n * gap * 1000);
    return { asked: count, allowed: count };
  },
});

/** Processes that share 1,000 a second and are asked for so many, a hundredth of a second at a time. */
const shared = (count: number, demand: number, seconds: number): Scenario => ({
  name: `${count} processes, ${whole(demand)} asked of 1,000 a second`,
  seconds,
  run: async (make) => {
    const processes = Array.from({ length: count }, make);
    const meter = secondMeter(newKey());
    const tally = { asked: 0, allowed: 0 };
    for (let slice = 0; slice < seconds * 100; slice += 1) {
      const t = morning + slice * 10;
      const came = await Promise.all(
        Array.from({ length: demand / 100 }, async (_, n) => {
          const process = processes[(slice * 7 + n) % processes.length];
          return process === undefined ? false : trySpend(process, meter, t);
        }),
      );
      tally.asked += came.length;
      tally.allowed += came.filter((was) => was).length;
    }
    return tally;
  },
});

const scenarios: readonly Scenario[] = [
  steady('a quiet counter, 5 a minute for six hours', 1800, 12),
  steady('a busy counter, 20 a second for ten minutes', 12_000, 0.05),
  shared(8, 800, 10),
  shared(8, 1200, 10),
  shared(100, 800, 10),
];

/** Uses in one turn of the CPU's measurement. */
const turn = { each: 400, leased: 40_000 } as const;

const spending = (name: string, store: MeterStore, way: keyof Ways): Work => ({
  name,
  prepare: async () => {
    const [spend, meter] = [ways[way](store), dayMeter(newKey())];
    // A process that has been busy for a while.
    if (way === 'leased') for (let n = 0; n < 10_000; n += 1) await spend([meter], morning);
    return {
      items: turn[way],
      run: async () => {
        for (let n = 0; n < turn[way]; n += 1) await spend([meter], morning);
      },
    };
  },
});

const refusing = (name: string, store: MeterStore): Work => ({
  name,
  prepare: async () => {
    const [spend, meter] = [ways.leased(store), { ...dayMeter(newKey()), most: 1 }];
    await spend([meter], morning);
    return {
      items: turn.leased,
      run: async () => {
        for (let n = 0; n < turn.leased; n += 1) await trySpend(spend, meter, morning);
      },
    };
  },
});

const names = {
  each: 'floor: one conditional update for each use',
  leased: 'leased, a busy process',
  refused: 'leased, refused',
} as const;

const perUse = ({ updates, allowed }: Counted): string => (updates / allowed).toFixed(4);

/** Quotas by an update for each use, and by leased budgets: writes, the hottest key, CPU. */
export const quotas: Bench = async (progress) => {
  progress(0, 'starting the store');
  const store = await startStore({});
  try {
    const env = { ...parseEnv(z.object(awsVariables), {}), DYNAMODB_ENDPOINT: store.endpoint };
    let updates = 0;
    const client = dynamoClient(env);
    await ensureTable(client, table);
    const call: AwsJsonCall = (operation, input) => {
      updates += 1;
      return client(operation, input);
    };
    const meters = dynamoMeterStore(call, table);
    const counted = async (way: keyof Ways, { run, seconds }: Scenario): Promise<Counted> => {
      updates = 0;
      const tally = await run(() => ways[way](meters));
      return { ...tally, updates, perSecond: updates / seconds };
    };
    const rows: { readonly name: string; readonly each: Counted; readonly leased: Counted }[] = [];
    for (const [n, scenario] of scenarios.entries()) {
      progress((n / scenarios.length) * 0.6, scenario.name);
      const each = await counted('each', scenario);
      rows.push({ name: scenario.name, each, leased: await counted('leased', scenario) });
    }
    const works = [
      spending(names.each, meters, 'each'),
      spending(names.leased, meters, 'leased'),
      refusing(names.refused, meters),
    ];
    const { rounds, medians } = await measureInTurns(works, { warmUp: 2, seconds: 8 }, (share) =>
      progress(0.6 + share * 0.4, 'CPU, in turns'),
    );
    const floor = medians.get(names.each) ?? 0;
    const measured = Object.values(names).map((name) => ({ name, value: medians.get(name) ?? 0 }));
    const exceeded = rows.filter(
      ({ each, leased }) => Math.max(each.allowed, leased.allowed) > each.asked,
    );
    const busy = rows[1];
    const met = busy !== undefined && busy.leased.updates / busy.leased.allowed < 1 / 100;
    return {
      tables: [
        {
          title: 'Updates for one use, and of the hottest key in a second',
          columns: ['', 'one each', 'leased', 'one each, a second', 'leased, a second'],
          rows: rows.map(({ name, each, leased }) => [
            name,
            perUse(each),
            perUse(leased),
            each.perSecond.toFixed(2),
            leased.perSecond.toFixed(3),
          ]),
        },
        {
          title: 'Allowed, of those that were asked',
          columns: ['', 'asked', 'one each', 'leased'],
          rows: rows.map(({ name, each, leased }) => [
            name,
            whole(each.asked),
            whole(each.allowed),
            whole(leased.allowed),
          ]),
        },
        {
          title: 'One use (CPU of the exchange)',
          columns: ['', 'µs', '÷ floor'],
          rows: measured.map(({ name, value }) => [name, value.toFixed(2), times(value / floor)]),
        },
      ],
      notes: [`CPU: medians of ${rounds} rounds in turns; the store is a process of its own.`],
      aims: [{ says: 'a busy counter writes less than once in a hundred uses', met }],
      failures: exceeded.map(({ name }) => `${name}: more was allowed than was asked`),
      figures: { rows, measured },
      pictures: {},
    };
  } finally {
    await store.close();
  }
};
