import { describe, expect, it } from 'vitest';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { mostOthers } from '#shared/oversight/erasure/find-old.ts';
import { type Ran, runErasures } from '#shared/oversight/erasure/run-erasures.ts';
import { placeHold, releaseHold } from '#shared/oversight/erasure/set-hold.ts';
import { mostNamed } from '#shared/oversight/feeding/named-persons.ts';
import type { ServiceInputs } from '#shared/oversight/feeding/service-inputs.ts';
import type { JobStore } from '#shared/oversight/job-store.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { recordLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { type PlainLog, plainKeys, plainLayout, plainLog } from '#tests/support/plain-log.ts';
import {
  type FeedStores,
  feedAll,
  feedingOf,
  feedStores,
  indexedFacts,
} from '../feeding/feed-stage.ts';
import { nationalIdWith } from '../feeding/numbers.ts';
import { type ErasingStage, other, person, setErasing } from './erasing.ts';

const day = 86_400_000;

/** Two inquiries of thirty-one days ago, and one of today. */
const aged = async () => {
  const stage = await setErasing(30);
  const old = [await stage.ask(person), await stage.ask(other)] as const;
  await stage.settle();
  stage.clock.advance(31 * day);
  const young = await stage.ask(person);
  await stage.settle();
  return { ...stage, old, young };
};

describe('what is past its retention', () => {
  it('is gone, what is younger stays, and it is on record how many', async () => {
    const stage = await aged();
    expect(await stage.run()).toMatchObject({
      open: 0,
      oldest: undefined,
      more: false,
      failed: [],
    });
    expect(stage.old.map(stage.left)).toEqual([[], []]);
    expect(stage.left(stage.young)).toHaveLength(7);
    expect(stage.erasedLeaves()).toMatchObject([
      { by: 'exchange:estelam', order: 'retention-30-days', what: 'retention', n: 2 },
    ]);
  });

  it('is looked for once a day, and a day without any leaves no leaf', async () => {
    const stage = await aged();
    await stage.run();
    const { version } = stage.retention.dump()[0] ?? {};
    await stage.run();
    expect(stage.retention.dump()[0]?.version).toBe(version);
    for (let n = 0; n < 3; n += 1) {
      stage.clock.advance(day);
      await stage.run();
    }
    expect(stage.erasedLeaves()).toHaveLength(1);
    stage.clock.advance(27 * day);
    await stage.run();
    expect(stage.left(stage.young)).toEqual([]);
    expect(stage.erasedLeaves().map(({ n }) => n)).toEqual([2, 1]);
  });

  it('is nothing in an exchange that has no log yet', async () => {
    const stage = await setErasing(30);
    expect(await stage.run()).toMatchObject({ failed: [] });
    expect(stage.erasedLeaves()).toEqual([]);
  });

  it('counts what was erased by an order only once', async () => {
    const stage = await setErasing(30);
    await stage.ask(person);
    await stage.ask(other);
    await stage.order();
    await stage.settle();
    await stage.run();
    stage.clock.advance(31 * day);
    await stage.settle();
    await stage.run();
    expect(stage.erasedLeaves().map(({ what, n }) => [what, n])).toEqual([
      ['subject', 1],
      ['retention', 1],
    ]);
  });

  it('stays as long as it is held, and goes after the release', async () => {
    const stage = await aged();
    const holds = [
      await stage.place({ what: { kind: 'subject', subject: person } }),
      await stage.place({ what: { kind: 'inquiry', id: stage.old[1] } }),
    ];
    for (let n = 0; n < 2; n += 1) {
      await stage.run();
      stage.clock.advance(day);
    }
    expect(stage.old.map((one) => stage.left(one).length)).toEqual([7, 7]);
    expect(stage.erasedLeaves()).toEqual([]);
    await stage.release(holds[1]?.id ?? '');
    await stage.run();
    expect(stage.old.map((one) => stage.left(one).length)).toEqual([7, 0]);
    await stage.release(holds[0]?.id ?? '');
    stage.clock.advance(day);
    await stage.run();
    expect(stage.old.map(stage.left)).toEqual([[], []]);
    expect(stage.erasedLeaves().map(({ n }) => n)).toEqual([1, 1]);
  });

  it('is looked for again in a part of the log that has grown since', async () => {
    const stage = await setErasing(30);
    await stage.ask(person);
    await stage.settle();
    stage.clock.advance(31 * day);
    await stage.run();
    const later = await stage.ask(person);
    await stage.settle();
    stage.clock.advance(31 * day);
    await stage.run();
    expect(stage.left(later)).toEqual([]);
    expect(stage.erasedLeaves().map(({ n }) => n)).toEqual([1, 1]);
  });

  it('is not taken for gone while its tags may be put again from what was read before', async () => {
    const stage = await aged();
    const mark = stage.fed.marks.peek(0);
    const back = { ...mark, size: 1 };
    const pause = stage.fed.objects.faults.pauseCall('replace', 'after');
    const run = stage.run();
    await pause.reached;
    await stage.fed.marks.store.swap(0, mark, back);
    pause.release();
    await run;
    expect(stage.old.map(stage.left)).toEqual([
      ['subjectTag', 'operatorTag', 'case', 'row'],
      ['subjectTag', 'operatorTag', 'case', 'row'],
    ]);
    await stage.fed.marks.store.swap(0, back, mark);
    await stage.run();
    expect(stage.old.map(stage.left)).toEqual([[], []]);
    expect(stage.erasedLeaves()).toMatchObject([{ n: 2 }]);
  });

  it('is not touched while the index is made again', async () => {
    const stage = await aged();
    const mark = stage.fed.marks.peek(0);
    await stage.fed.marks.store.swap(0, mark, { size: 0, until: 0 });
    await stage.run();
    expect(stage.old.map((one) => stage.left(one).length)).toEqual([7, 7]);
    await stage.fed.feed();
    stage.clock.advance(day);
    await stage.run();
    expect(stage.old.map(stage.left)).toEqual([[], []]);
  });

  it('does not come back when the index is made again', async () => {
    const stage = await aged();
    await stage.run();
    await stage.fed.marks.store.swap(0, stage.fed.marks.peek(0), { size: 0, until: 0 });
    await stage.fed.feed();
    expect(stage.old.map(stage.left)).toEqual([[], []]);
    expect(stage.left(stage.young)).toHaveLength(7);
  });
});

const breaking = {
  'its state': ({ retention }: ErasingStage, fault: Fault, nth: number) =>
    retention.faults.breakCall('swap', fault, nth),
  'the journal': ({ journal }: ErasingStage, fault: Fault, nth: number) =>
    journal.faults.breakCall('eraseFacts', fault, nth),
  'the leaf': ({ journal }: ErasingStage, fault: Fault, nth: number) =>
    journal.faults.breakCall('putRecord', fault, nth),
  'vault and index': ({ fed }: ErasingStage, fault: Fault, nth: number) =>
    fed.objects.faults.breakCall('replace', fault, nth),
  'the subject index': ({ fed }: ErasingStage, fault: Fault, nth: number) =>
    fed.subjects.faults.breakCall('remove', fault, nth),
} as const;

const breaks = (
  [
    ['its state', 7],
    ['the journal', 2],
    ['the leaf', 1],
    ['vault and index', 3],
    ['the subject index', 1],
  ] as const
).flatMap(([name, many]) =>
  Array.from({ length: many }, (_, n) => n + 1).flatMap((nth) =>
    (['not-persisted', 'unacknowledged'] as const).map((fault) => ({ name, nth, fault })),
  ),
);

describe('a retention that breaks', () => {
  it.each(breaks)(
    'at write $nth of $name ($fault) is finished by the next run',
    async ({ name, nth, fault }) => {
      const stage = await aged();
      breaking[name](stage, fault, nth);
      const first = await stage.run().catch((error: unknown) => ({ failed: [error] }));
      expect(first.failed).toMatchObject([{ name: 'store-unavailable' }]);
      expect((await stage.run()).failed).toEqual([]);
      expect(stage.old.map(stage.left)).toEqual([[], []]);
      expect(stage.left(stage.young)).toHaveLength(7);
      expect(stage.erasedLeaves()).toMatchObject([{ n: 2 }]);
      const { prints } = { prints: stage.fed.objects.peek('index/0/prints/0') };
      await stage.fed.marks.store.swap(0, stage.fed.marks.peek(0), { size: 0, until: 0 });
      await stage.fed.feed();
      expect(stage.fed.objects.peek('index/0/prints/0')).toEqual(prints);
    },
  );

  it('comes to the same by three workers at once', async () => {
    const stage = await aged();
    const runs = await Promise.all([stage.run(), stage.run(), stage.run()]);
    expect(runs.flatMap(({ failed }) => failed)).toEqual([]);
    await stage.run();
    expect(stage.old.map(stage.left)).toEqual([[], []]);
    expect(stage.erasedLeaves()).toMatchObject([{ n: 2 }]);
  });

  it('leaves what is held from behind its claim on', async () => {
    const stage = await aged();
    // The first puts begin the retention and the run; the third is the claim.
    const pause = stage.retention.faults.pauseCall('swap', 'after', 3);
    const run = stage.run();
    await pause.reached;
    const hold = await stage.place({ what: { kind: 'everything' } });
    expect(hold.seen).toBe(false);
    pause.release();
    await run;
    expect(stage.old.map((one) => stage.left(one).length)).toEqual([7, 7]);
    stage.clock.advance(day);
    await stage.run();
    expect(stage.old.map((one) => stage.left(one).length)).toEqual([7, 7]);
    expect(stage.erasedLeaves()).toEqual([]);
  });
});

/** What erases in a log that is fed, at a time that goes on. */
const retaining = ({
  log,
  stores,
  time: begin,
  inputs = async () => undefined,
}: {
  readonly log: PlainLog;
  readonly stores: FeedStores;
  readonly time: number;
  readonly inputs?: ServiceInputs;
}) => {
  let time = begin;
  const now = (): number => time;
  const [erasures, holds, retention] = [
    memoryJobStore(now),
    memoryJobStore(now),
    memoryJobStore(now),
  ];
  const run = (
    until = Number.POSITIVE_INFINITY,
    jobs: Pick<JobStore, 'read' | 'swap'> = retention.store,
  ): Promise<Ran> =>
    runErasures(
      {
        ...plainKeys,
        layout: plainLayout,
        shards: 1,
        days: 30,
        now,
        steady: now,
        random: countedRandom(),
        journal: log.journal.store,
        derived: stores.derived.store,
        marks: stores.marks.store,
        heads: { read: async () => undefined },
        inputs,
        subjects: stores.subjects.store,
        erasures: erasures.store,
        holds: holds.store,
        retention: jobs,
        exports: memoryJobStore(now).store,
        remover: stores.derived.remover,
      },
      {
        now,
        failed: (error) => {
          throw error;
        },
      },
    )(until);
  const holding = {
    ...plainKeys,
    layout: plainLayout,
    now,
    random: countedRandom(),
    journal: log.journal.store,
    jobs: holds.store,
    erasing: [erasures.store, retention.store],
  };
  return { retention, holding, run, pass: (ms: number) => (time += ms), now };
};

/** A log of a whole segment and a bit, one leaf in sixteen an inquiry: the last twelve of these are young. */
const longLog = async () => {
  const log = plainLog();
  const count = segmentWidth + 320;
  for (let n = 0; n < count; n += 1) {
    const t = testNow + (n < segmentWidth + 128 ? n : 40 * day + n);
    if (n % 16 === 0) await log.add([{ n, t }]);
    else log.leaves.push(recordLeaf({ v: 1, k: 'access', id: inquiryIdAt(t), t }));
  }
  log.publish();
  const stores = feedStores();
  await feedAll(feedingOf(log, stores));
  return { log, stores, ...retaining({ log, stores, time: testNow + 41 * day }) };
};

describe('the retention of a long log', () => {
  it('goes on where it left off, a segment at a time, and looks no more at what is clean', async () => {
    const { stores, retention, run, pass, now, log } = await longLog();
    // No time: the first step of each is not begun.
    await run(now());
    expect(stores.subjects.dump()).toHaveLength(276);
    await run();
    const facts = indexedFacts(stores);
    expect(facts.filter(({ subjectTag }) => subjectTag !== undefined)).toHaveLength(12);
    expect(stores.subjects.dump()).toHaveLength(12);
    expect(retention.dump()[0]?.state).toMatchObject({ phase: 'resting', clean: [1] });
    const records = log.journal.dump().filter(({ record }) => record !== undefined);
    expect(records).toHaveLength(1);
    pass(day);
    const before = stores.derived.faults.calls('get');
    await run();
    // The segment of mixed age, and the vault of its old entries.
    expect(stores.derived.faults.calls('get') - before).toBeLessThan(5);
  });

  it('comes back to what is clean when a hold is released', async () => {
    const { stores, retention, holding, run, pass } = await longLog();
    const [first] = stores.subjects.dump().toReversed();
    if (first === undefined) throw new Error('The log is empty.');
    const id = InquiryId.parse(inquiryIdAt(testNow));
    const order = { id, order: 'court-1', reason: 'A case is open.' };
    const by = 'registrar:cra';
    await placeHold(holding)({ ...order, what: { kind: 'inquiry', id: first.id } }, by);
    await run();
    expect(stores.subjects.dump()).toHaveLength(13);
    expect(retention.dump()[0]?.state).toMatchObject({ clean: [1] });
    await releaseHold(holding)(id, { order: 'court-2', reason: 'It is closed.' }, by);
    pass(day);
    await run();
    expect(stores.subjects.dump()).toHaveLength(12);
  });
});

describe('a retention of inquiries that name more than one claim has room for', () => {
  it('takes them in parts, none of them twice, and leaves no row', async () => {
    const log = plainLog();
    const owners = Array.from({ length: mostNamed }, (_, n) => nationalIdWith(100_000_001 + n));
    const many = Math.ceil(mostOthers / mostNamed) + 2;
    for (let n = 0; n < many; n += 1) {
      await log.add([{ n, t: testNow + n, facts: { params: { owners } } }]);
    }
    log.publish();
    const stores = feedStores();
    const input = objectOf({ owners: { type: 'array', items: formatted('ir-national-id') } });
    const inputs = async () => input;
    await feedAll(feedingOf(log, stores, { inputs }));
    expect(stores.subjects.dump()).toHaveLength(many * (mostNamed + 1));
    const { run, retention } = retaining({ log, stores, time: testNow + 31 * day, inputs });
    await run();
    expect(stores.subjects.dump()).toEqual([]);
    const records = log.journal.dump().flatMap(({ record }) => record ?? []);
    const [leaf] = records.map(({ record }): unknown => JSON.parse(unpackRecord(record)));
    expect(leaf).toMatchObject({ k: 'erase', n: many });
    // Begun, two claims and their ends, the end of the run, and its leaf.
    expect(retention.dump()[0]?.version).toBeGreaterThanOrEqual(8);
  });
});
