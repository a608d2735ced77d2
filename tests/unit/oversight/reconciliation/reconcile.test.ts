import { describe, expect, it } from 'vitest';
import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';
import { reconcile } from '#shared/oversight/reconciliation/reconcile.ts';
import { parseReconciliation } from '#shared/oversight/reconciliation/reconciliation.ts';
import { identityFacts } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow, withInquiry } from '#tests/support/messages.ts';
import { factsStage, refusedWith, sentAs } from '../facts/facts-stage.ts';

const day = '2027-01-15';
const hour = 3_600_000;

/** Two inquiries of the counter, and one of another counter, in the log with another day behind them. */
const setStage = async () => {
  const stage = await factsStage();
  const { keys, clock, log, request, submit, addressOf } = stage;
  const askNumbered = async (seq: number, answer: number): Promise<string> => {
    clock.advance(20_000);
    stage.say({
      outcome: 'FOUND',
      facts: identityFacts,
      claims: (claims) => ({ ...claims, seq: answer }),
    });
    const text = await request({ claims: withInquiry({ seq, station: 'till-3' }) });
    await submit(text);
    return addressOf(text).id;
  };
  const ids = [await askNumbered(1, 71), await askNumbered(2, 72)];
  const others = [await stage.ask({ key: keys.otherCounter })];
  const leaves = new Map<string, string>();
  const settle = async (): Promise<void> => {
    await stage.settle();
    for (const leaf of await log.leaves()) {
      const [, id = ''] = /"id":"([^"]+)"/.exec(Buffer.from(leaf).toString('utf8')) ?? [];
      leaves.set(id, toBase64Url(leafHash(leaf)));
    }
  };
  await settle();
  const run = async (body: object, by = 'counter:72110345') => {
    const isAgency = by.startsWith('agency:');
    const handed = parseReconciliation(sentAs({ day, ...body }), { isAgency, now: clock.now() });
    return reconcile(stage.parts)(handed, stage.as(by));
  };
  /** Lets the day end in the index too, so many hours later. */
  const endDay = async (hours = 55): Promise<void> => {
    clock.advance(hours * hour);
    await askNumbered(3, 73);
    await settle();
  };
  return {
    ...stage,
    ids,
    others,
    askNumbered,
    settle,
    leafOf: (id: string) => leaves.get(id),
    run,
    endDay,
  };
};

describe('a reconciliation', () => {
  it('of all that a counter has agrees, by ids with their leaves', async () => {
    const { run, ids, leafOf, endDay } = await setStage();
    await endDay();
    const records = ids.map((id) => ({ id, leaf: leafOf(id) }));
    expect(await run({ records })).toMatchObject({
      day,
      complete: true,
      agreed: 2,
      yours: [],
      ours: [],
      differs: [],
      pending: [],
    });
  });

  it('tells each side what the other has, and nothing of anybody else', async () => {
    const { run, ids, others, endDay, leaves } = await setStage();
    await endDay();
    const lost = ids[0]?.replace(/.{8}$/, '00000000') ?? '';
    const told = await run({ records: [{ id: ids[0] }, { id: lost }, { id: others[0] }] });
    expect(told.yours).toEqual([{ id: lost }, { id: others[0] }]);
    expect(told.ours).toMatchObject([{ id: ids[1], station: 'till-3', seq: 2, answer: 72 }]);
    expect(told.agreed).toBe(1);
    expect(leaves()).toMatchObject([{ act: 'reconciliation', by: 'counter:72110345', n: 2 }]);
    expect(JSON.parse(leaves()[0]?.filter ?? '')).toMatchObject({ day, records: 3, ranges: 0 });
  });

  it('tells whose leaf is another than its receipt promised', async () => {
    const { run, ids, leafOf, endDay } = await setStage();
    await endDay();
    const records = [{ id: ids[0], leaf: leafOf(ids[1] ?? '') }, { id: ids[1] }];
    expect(await run({ records })).toMatchObject({ differs: [ids[0]], agreed: 1, ours: [] });
  });

  it('by numbers is of the station that signed, and of the answers of an agency', async () => {
    const { run, endDay } = await setStage();
    await endDay();
    const asked = await run({ ranges: [{ station: 'till-3', first: 1, last: 3 }] });
    expect(asked).toMatchObject({
      yours: [{ station: 'till-3', first: 3, last: 3 }],
      ours: [],
      agreed: 2,
    });
    const answered = await run({ ranges: [{ first: 70, last: 71 }] }, 'agency:civil-registry');
    expect(answered).toMatchObject({
      yours: [{ first: 70, last: 70 }],
      ours: [{ answer: 72 }],
      agreed: 1,
    });
    expect(await run({ records: [] }, 'agency:telecom')).toMatchObject({ ours: [], agreed: 0 });
  });

  it('by numbers accuses nobody of what the log has elsewhere on the day', async () => {
    const { run, endDay, ids } = await setStage();
    await endDay();
    const ranges = [{ station: 'till-3', first: 1, last: 2 }];
    const [, second] = ids.map((id) => timeOf(InquiryId.parse(id)));
    const middle = new Date(second ?? 0).toISOString();
    expect(await run({ ranges, to: middle })).toMatchObject({
      complete: true,
      agreed: 1,
      yours: [],
      unjudged: [{ station: 'till-3', first: 2, last: 2 }],
    });
    expect(await run({ ranges, from: middle })).toMatchObject({
      complete: true,
      agreed: 1,
      yours: [],
      unjudged: [],
    });
  });

  it('by numbers accuses nobody of what was asked on the other side of midnight', async () => {
    const { run, endDay, askNumbered, clock } = await setStage();
    clock.advance(20 * hour);
    await askNumbered(4, 74);
    await endDay(35);
    const ranges = [{ station: 'till-3', first: 1, last: 5 }];
    expect(await run({ ranges })).toMatchObject({
      complete: true,
      agreed: 2,
      yours: [
        { station: 'till-3', first: 3, last: 3 },
        { station: 'till-3', first: 5, last: 5 },
      ],
    });
  });

  it('by numbers tells nothing of them until the index knows 27 hours behind the day', async () => {
    const { run, endDay, askNumbered, settle, clock } = await setStage();
    const ranges = [{ station: 'till-3', first: 1, last: 9 }];
    const rest = [{ station: 'till-3', first: 3, last: 9 }];
    expect(await run({ ranges })).toMatchObject({ complete: false, yours: [], unjudged: rest });
    await endDay(24);
    expect(await run({ ranges })).toMatchObject({ complete: true, yours: [], unjudged: rest });
    clock.advance(27 * hour);
    await askNumbered(10, 80);
    await settle();
    const [judged] = (await run({ ranges })).yours;
    expect(judged).toEqual({ station: 'till-3', first: 4, last: 9 });
  });

  it('of today goes as far as the index, and says so', async () => {
    const { run, ids } = await setStage();
    const today = await run({ records: ids.map((id) => ({ id })) });
    expect(today).toMatchObject({ complete: false, agreed: 2, yours: [] });
    expect(today.until).toBe(today.indexed);
  });

  it('of a time that the index does not know yet compares nothing', async () => {
    const { run, clock, ask } = await setStage();
    clock.advance(hour);
    const id = await ask();
    const from = new Date(clock.now() - 1000).toISOString();
    const ranges = [{ station: 'till-3', first: 1, last: 9 }];
    const told = await run({ from, records: [{ id }], ranges });
    expect(told).toMatchObject({ until: from, complete: false, yours: [], ours: [], pending: [] });
    expect(told.unjudged).toEqual(ranges);
  });

  it('knows of what stands in the journal and came into no log yet', async () => {
    const { run, ids, endDay, fed } = await setStage();
    await endDay();
    // As if the log had passed it by: its segment knows nothing of it.
    const [, missing] = ids;
    const key = segmentKey(0, 0);
    const segment = openSegment(fed.objects.peek(key) ?? new Uint8Array());
    const facts = factsIn(segment).filter(({ id }) => id !== missing);
    fed.objects.overwrite(key, encodeSegment({ shard: 0, n: 0, width: segment.width }, facts));
    const told = await run({ records: ids.map((id) => ({ id })) });
    expect(told).toMatchObject({ pending: [missing], yours: [], agreed: 1 });
  });

  it('shows nothing where it cannot be put on record', async () => {
    const { run, journal } = await setStage();
    journal.faults.breakCall('putRecord', 'not-persisted');
    expect((await refusedWith(run({ records: [] }))).name).toBe('store-unavailable');
  });
});

describe('what is posted for a reconciliation', () => {
  const counter = { isAgency: false, now: testNow };
  const id = inquiryIdAt(testNow);

  it('is of the whole day unless it says otherwise', () => {
    const taken = parseReconciliation({ day, records: [{ id }] }, counter);
    expect(taken).toEqual({
      day,
      from: Date.parse('2027-01-14T20:30:00Z'),
      to: Date.parse('2027-01-15T20:30:00Z'),
      records: [{ id }],
      ranges: [],
    });
  });

  it.each([
    [{ records: [] }, '/day'],
    [{ day: '2027-01-16', records: [] }, '/day'],
    [{ day: '2027-13-01', records: [] }, '/day'],
    [{ day }, '/records'],
    [{ day, records: [{ id: 'x' }] }, '/records/0/id'],
    [{ day, records: [{ id }, { id }] }, '/records'],
    [{ day, records: [{ id: inquiryIdAt(testNow - 86_400_000) }] }, '/records/0/id'],
    [{ day, records: [{ id, leaf: 'x' }] }, '/records/0/leaf'],
    [{ day, records: [], from: '2027-01-14T20:00:00Z' }, '/from'],
    [{ day, records: [], to: '2027-01-15T20:30:00.001Z' }, '/to'],
    [{ day, records: [], from: '2027-01-15T09:00:00Z', to: '2027-01-15T09:00:00Z' }, '/to'],
    [{ day, ranges: [{ first: 1, last: 2 }] }, '/ranges/0/station'],
    [{ day, ranges: [{ station: 'till-3', first: 2, last: 1 }] }, '/ranges/0/last'],
    [{ day, ranges: [{ station: 'till-3', first: 0, last: 1 }] }, '/ranges/0/first'],
    [{ day, ranges: Array.from({ length: 65 }, () => ({ first: 1, last: 1 })) }, '/ranges'],
    [{ day, records: [], counter: 'counter:2' }, ''],
  ] as const)('%j is refused at %j', async (json, pointer) => {
    const { name, extras } = await refusedWith(
      Promise.resolve().then(() => parseReconciliation(sentAs(json), counter)),
    );
    expect(name).toBe('invalid-body');
    expect(extras.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it('answers have no station', async () => {
    const json = sentAs({ day, ranges: [{ station: 'till-3', first: 1, last: 2 }] });
    const agency = { isAgency: true, now: testNow };
    const refused = await refusedWith(
      Promise.resolve().then(() => parseReconciliation(json, agency)),
    );
    expect(refused.extras.errors?.map(({ pointer }) => pointer)).toEqual(['/ranges/0/station']);
  });
});
