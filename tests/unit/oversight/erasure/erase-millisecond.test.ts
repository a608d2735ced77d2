import { expect, it } from 'vitest';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import type { Head } from '#shared/audit/log-head.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { orderErasure } from '#shared/oversight/erasure/order-erasure.ts';
import { runErasures } from '#shared/oversight/erasure/run-erasures.ts';
import { viewErasure } from '#shared/oversight/erasure/view-erasure.ts';
import { mostNamed } from '#shared/oversight/feeding/named-persons.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { Subject } from '#shared/persian/subject.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { plainKeys, plainLayout, plainLog } from '#tests/support/plain-log.ts';
import { feedAll, feedingOf, feedStores } from '../feeding/feed-stage.ts';
import { nationalIdWith } from '../feeding/numbers.ts';

/** More than the state of a job has room for, whose ids a counter made in the same millisecond. */
const many = 220;

it('somebody whom more inquiries of one millisecond name than a claim has room for is erased', async () => {
  const log = plainLog();
  const owners = Array.from({ length: mostNamed }, (_, n) => nationalIdWith(100_000_001 + n));
  for (let n = 0; n < many; n += 1) await log.add([{ n, facts: { params: { owners } } }]);
  log.publish();
  const stores = feedStores();
  const input = objectOf({ owners: { type: 'array', items: formatted('ir-national-id') } });
  const inputs = async () => input;
  await feedAll(feedingOf(log, stores, { inputs }));
  const now = (): number => testNow + 60_000;
  const [erasures, holds] = [memoryJobStore(now), memoryJobStore(now)];
  const common = { ...plainKeys, layout: plainLayout, now, random: countedRandom() };
  const head: Head = {
    version: 1,
    size: many,
    root: new Uint8Array(32),
    bucket: Math.ceil(now() / 10_000) + 2,
    slot: 0,
    again: [0, 0],
    late: [],
    config: '',
    time: now(),
  };
  await orderErasure({ ...common, erasures: erasures.store, holds: holds.store })(
    {
      id: InquiryId.parse(inquiryIdAt(now())),
      subject: Subject.parse({ type: 'ir-national-id', value: owners[0] }),
      order: 'court-1',
    },
    'registrar:cra',
  );
  const failed: unknown[] = [];
  const parts = {
    ...common,
    inputs,
    shards: 1,
    days: 30,
    steady: now,
    journal: log.journal.store,
    derived: stores.derived.store,
    marks: stores.marks.store,
    heads: { read: async () => head },
    subjects: stores.subjects.store,
    erasures: erasures.store,
    holds: holds.store,
    retention: memoryJobStore(now).store,
    exports: memoryJobStore(now).store,
    remover: stores.derived.remover,
  };
  const run = runErasures(parts, { now, failed: (error) => failed.push(error) });
  await run(Number.POSITIVE_INFINITY);
  expect(failed).toEqual([]);
  expect(erasures.dump().map(viewErasure)).toMatchObject([{ state: 'erased', n: many }]);
  expect(stores.subjects.dump()).toEqual([]);
});
