import type { Grant } from '#shared/registry/access.ts';
import { mostOfEach } from '#shared/registry/access.ts';
import { decide, type Snapshot } from '#shared/registry/decide.ts';
import { violations } from '#shared/registry/json-schema.ts';
import { accessOf, grantOf, limitOf, narrowed } from '#tests/support/access.ts';
import { testNow } from '#tests/support/messages.ts';
import { identityService } from '#tests/support/registry.ts';
import {
  asking,
  delegated,
  delegatedSnapshot,
  honest,
  openSnapshot,
} from '#tests/unit/registry/decision.ts';
import { barChart } from './bar-chart.ts';
import { measureInTurns, type Work } from './measure.ts';
import { type Bench, times } from './report.ts';

/** Decisions in one turn. */
const count = 20_000;

/** The most that a decision may take, in microseconds. */
const aim = 30;

const others: readonly Grant[] = Array.from({ length: mostOfEach - 1 }, (_, n) =>
  grantOf({ target: `other-${n + 10}` }),
);

/** As much as one agency can say about one counter, and the grant that counts at its end. */
const crowded: Snapshot = {
  ...openSnapshot,
  everyone: narrowed(),
  own: accessOf({
    grants: [...others, grantOf()],
    limits: Array.from({ length: mostOfEach }, () => limitOf()),
  }),
};

const names = {
  open: 'allowed, an open service',
  delegated: 'allowed, a software house for a counter',
  granted: 'allowed by the last of 32 grants, under 32 limits',
  denied: 'denied, another purpose',
  floor: 'floor: the params against their schema',
} as const;

const repeated = (name: string, once: () => unknown): Work => ({
  name,
  prepare: async () => ({
    items: count,
    run: async () => {
      for (let n = 0; n < count; n += 1) once();
    },
  }),
});

/** What decides is to be seen deciding: a bench of refusals by mistake would be a fast one. */
const checkSample = (): void => {
  const rules = [
    decide(openSnapshot, honest, testNow),
    decide(delegatedSnapshot, delegated, testNow),
    decide(crowded, honest, testNow),
    decide(openSnapshot, asking({ purpose: 'marriage' }), testNow),
  ].map(({ rule }) => rule);
  if (rules.join(' ') !== 'open-service open-service granted purpose-allowed') {
    throw new Error(`The sample decisions are ${rules.join(', ')}.`);
  }
};

/** CPU for one decision, beside the validation of the params that is a part of it. */
export const decision: Bench = async (progress) => {
  checkSample();
  const other = asking({ purpose: 'marriage' });
  const { params } = honest.facts;
  const works = [
    repeated(names.open, () => decide(openSnapshot, honest, testNow)),
    repeated(names.delegated, () => decide(delegatedSnapshot, delegated, testNow)),
    repeated(names.granted, () => decide(crowded, honest, testNow)),
    repeated(names.denied, () => decide(openSnapshot, other, testNow)),
    repeated(names.floor, () => violations(identityService.input, params, '/params')),
  ];
  const { rounds, medians } = await measureInTurns(works, { warmUp: 2, seconds: 5 }, (share) =>
    progress(share, 'decisions, in turns'),
  );
  const floor = medians.get(names.floor) ?? 0;
  const measured = Object.values(names).map((name) => ({ name, value: medians.get(name) ?? 0 }));
  const most = Math.max(...measured.map(({ value }) => value));
  return {
    tables: [
      {
        title: 'One decision (CPU)',
        columns: ['', 'µs', '÷ floor'],
        rows: measured.map(({ name, value }) => [name, value.toFixed(2), times(value / floor)]),
      },
    ],
    notes: [`Medians of ${rounds} rounds in turns of ${count} decisions.`],
    aims: [{ says: `${most.toFixed(1)} µs at most, at most ${aim}`, met: most <= aim }],
    failures: [],
    figures: { measured },
    pictures: {
      decision: barChart({
        title: 'What it costs to decide an inquiry',
        subtitle: 'Microseconds of CPU',
        scale: 'linear',
        bars: measured.map(({ name, value }) => ({
          label: name,
          value,
          says: `${value.toFixed(1)} µs`,
          tone: name === names.floor ? 'floor' : 'ours',
        })),
      }),
    },
  };
};
