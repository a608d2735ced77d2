import { describe, expect, it } from 'vitest';
import { AccessDisputed } from '#events/access-disputed.ts';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { memoryMeterStore } from '#shared/inquiry/memory-meter-store.ts';
import { InquiryId, newId, timeOf } from '#shared/kernel/id.ts';
import { disputeAccess } from '#shared/oversight/subject/dispute-access.ts';
import { parseDispute } from '#shared/oversight/subject/parse-dispute.ts';
import { personLimits, spendOfPerson } from '#shared/oversight/subject/person-limits.ts';
import { readAccesses } from '#shared/oversight/subject/read-accesses.ts';
import { countedRandom, sampleEntries, testClock, testKeys } from '#tests/support/exchange.ts';
import { testSubjectKey } from '#tests/support/fed-log.ts';
import { requestFactsExample, withInquiry } from '#tests/support/messages.ts';
import { serviceWith } from '#tests/support/registry.ts';
import {
  confidentially,
  isoOf,
  mina,
  omid,
  onOrder,
  type PersonStage,
  setStage,
} from './person-stage.ts';

const day = 86_400_000;

/** A stage at which one inquiry about mina is known, and one about omid. */
const asked = async (parts: Parameters<typeof setStage>[0] = {}) => {
  const stage = await setStage(parts);
  const [own, other] = [await stage.askAbout(mina), await stage.askAbout(omid)];
  await stage.publish();
  return { stage, own, other, dispute: disputeAccess(stage.reading) };
};

/** The records of disputes that stand in the journal. */
const recordsIn = ({ journal }: PersonStage): readonly AccessDisputed[] =>
  journal
    .dump()
    .flatMap(({ record }) => (record === undefined ? [] : [unpackRecord(record.record)]))
    .map((text) => AccessDisputed.parse(JSON.parse(text)));

describe('a dispute', () => {
  it('is a leaf that says which inquiry and why, and not who says so', async () => {
    const { stage, own, dispute } = await asked();
    const result = await dispute(mina, own, 'not-me');
    expect(result).toEqual({
      id: result.id,
      inquiry: own,
      ground: 'not-me',
      at: isoOf(result.id),
      repeated: false,
    });
    expect(recordsIn(stage)).toEqual([
      { v: 1, k: 'dispute', id: result.id, t: timeOf(result.id), inquiry: own, ground: 'not-me' },
    ]);
    await stage.log.sequence();
    const leaves = (await stage.log.leaves()).map((leaf) => Buffer.from(leaf).toString('utf8'));
    expect(leaves.filter((leaf) => leaf.includes(`"inquiry":"${own}"`))).toHaveLength(1);
  });

  it('is listed with what the inquiry says in the clear, and shown to the person', async () => {
    const { stage, own, dispute } = await asked();
    const { id } = await dispute(mina, own, 'other');
    expect(stage.disputes.dump().listed).toEqual([
      {
        inquiry: own,
        leaf: id,
        ground: 'other',
        counter: 'counter:72110345',
        agency: 'agency:civil-registry',
        service: 'civil-registry/identity@1',
        province: 'تهران',
      },
    ]);
    const { accesses } = await readAccesses(stage.reading)(mina, { limit: 5 }, 'en');
    expect(accesses).toMatchObject([{ inquiry: own, dispute: { ground: 'other', at: isoOf(id) } }]);
  });

  it('is raised once: sent again it is told as it was said first', async () => {
    const { stage, own, dispute } = await asked();
    const first = await dispute(mina, own, 'not-asked');
    stage.clock.advance(400 * day);
    expect(await dispute(mina, own, 'other')).toEqual({ ...first, repeated: true });
    expect(recordsIn(stage)).toHaveLength(1);
  });

  it('of whom the inquiry names and of whom it is about are two, each told to its own', async () => {
    const input = objectOf({ owner: formatted('ir-national-id') });
    const service = serviceWith({ ref: 'civil-registry/vehicle@1', input });
    const stage = await setStage({ registry: [...sampleEntries(await testKeys()), service] });
    const facts = { ...requestFactsExample, subject: { ...mina }, params: { owner: omid.value } };
    const claims = withInquiry({ service: 'civil-registry/vehicle@1' });
    const id = await stage.askAbout(mina, { facts, claims });
    await stage.publish();
    const dispute = disputeAccess(stage.reading);
    const shownTo = async (person = mina) =>
      (await readAccesses(stage.reading)(person, { limit: 5 }, 'en')).accesses[0]?.dispute?.ground;
    await dispute(mina, id, 'not-me');
    expect([await shownTo(mina), await shownTo(omid)]).toEqual(['not-me', undefined]);
    const said = await dispute(omid, id, 'not-asked');
    expect(said).toMatchObject({ ground: 'not-asked', repeated: false });
    expect([await shownTo(mina), await shownTo(omid)]).toEqual(['not-me', 'not-asked']);
    expect(recordsIn(stage)).toHaveLength(2);
    expect(stage.disputes.dump().listed.map(({ named }) => named)).toEqual([undefined, true]);
  });

  it('is one, however many raise it at once', async () => {
    const { stage, own, dispute } = await asked();
    const results = await Promise.all(
      Array.from({ length: 8 }, () => dispute(mina, own, 'not-asked')),
    );
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(recordsIn(stage)).toHaveLength(1);
    expect(stage.disputes.dump()).toMatchObject({ marks: [{ recorded: true }], listed: [{}] });
  });

  it('is not there for the inquiry of somebody else, nor for one that nobody asked', async () => {
    const { stage, own, other, dispute } = await asked();
    // Of the very millisecond at which this person was asked about.
    const unknown = newId(timeOf(own), countedRandom());
    for (const id of [other, unknown]) {
      await expect(dispute(mina, id, 'not-me')).rejects.toMatchObject({ name: 'not-found' });
    }
    expect([recordsIn(stage), stage.disputes.dump().marks]).toEqual([[], []]);
  });

  it('is not there for an inquiry that the person is not to know of yet, in the same words', async () => {
    const { stage, dispute } = await asked(await confidentially());
    const hidden = await stage.askAbout(mina, onOrder);
    await stage.publish();
    const told = await dispute(mina, hidden, 'not-me').catch(String);
    const unknown = newId(stage.clock.now(), countedRandom());
    expect(told).toBe(await dispute(mina, unknown, 'not-me').catch(String));
    stage.clock.advance(30 * day);
    expect(await dispute(mina, hidden, 'not-me')).toMatchObject({ inquiry: hidden });
  });
});

const writes = [
  ['the mark', 'disputes', 'compareAndSwap', 1],
  ['the leaf', 'journal', 'putRecord', 1],
  ['the listing', 'disputes', 'publish', 1],
  ['the mark that it is recorded', 'disputes', 'compareAndSwap', 2],
] as const;

const breakWrite = (
  stage: PersonStage,
  [, where, method, nth]: (typeof writes)[number],
  fault: 'not-persisted' | 'unacknowledged',
): void => {
  if (where === 'journal') stage.journal.faults.breakCall(method, fault, nth);
  else stage.disputes.faults.breakCall(method, fault, nth);
};

describe('a dispute that is broken off', () => {
  it.each(
    writes.flatMap((write) =>
      (['not-persisted', 'unacknowledged'] as const).map((fault) => ({
        name: write[0],
        write,
        fault,
      })),
    ),
  )('at $name ($fault) is unavailable, and finished by the next try', async ({ write, fault }) => {
    const { stage, own, dispute } = await asked();
    breakWrite(stage, write, fault);
    await expect(dispute(mina, own, 'not-asked')).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    stage.clock.advance(5000);
    const { id } = await dispute(mina, own, 'not-asked');
    expect(recordsIn(stage).map((record) => record.id)).toEqual([id]);
    const { marks, listed } = stage.disputes.dump();
    expect(marks).toMatchObject([{ leaf: id, recorded: true }]);
    expect(listed).toMatchObject([{ leaf: id }]);
  });

  it('before its leaf, and tried again days later, gets a leaf of then', async () => {
    const { stage, own, dispute } = await asked();
    stage.journal.faults.breakCall('putRecord', 'not-persisted');
    await dispute(mina, own, 'not-asked').catch(() => undefined);
    stage.clock.advance(3 * day);
    const { id } = await dispute(mina, own, 'not-asked');
    expect(timeOf(id)).toBe(stage.clock.now());
    expect(recordsIn(stage).map((record) => record.id)).toEqual([id]);
  });

  it('behind its leaf, and tried again days later, keeps the one that it has', async () => {
    const { stage, own, dispute } = await asked();
    stage.disputes.faults.breakCall('publish', 'not-persisted');
    await dispute(mina, own, 'not-asked').catch(() => undefined);
    const [record] = recordsIn(stage);
    stage.clock.advance(3 * day);
    expect(await dispute(mina, own, 'not-asked')).toMatchObject({ id: record?.id });
    expect(recordsIn(stage)).toHaveLength(1);
  });

  it('is not shown to the person as raised', async () => {
    const { stage, own, dispute } = await asked();
    stage.journal.faults.breakCall('putRecord', 'not-persisted');
    await dispute(mina, own, 'not-asked').catch(() => undefined);
    const { accesses } = await readAccesses(stage.reading)(mina, { limit: 5 }, 'en');
    expect(accesses[0]).not.toHaveProperty('dispute');
  });
});

describe('what is posted as a dispute', () => {
  const inquiry = InquiryId.parse('01a3185c-53e8-7609-a12b-93a4ff898d4e');
  const parse = (json: Readonly<Record<string, string>>) =>
    parseDispute({ body: () => JSON.stringify(json), json: () => json });

  it('is an inquiry and a ground', () => {
    expect(parse({ inquiry, ground: 'not-me' })).toEqual({ inquiry, ground: 'not-me' });
  });

  it.each([
    [{ inquiry }, 'ground'],
    [{ inquiry: '0499370899', ground: 'other' }, 'inquiry'],
    [{ inquiry, ground: 'because' }, 'ground'],
  ])('is refused by the place of what is wrong: %o', (json, place) => {
    expect(() => parse(json)).toThrow(
      `invalid-body: These are missing, surplus or of the wrong form: ${place}.`,
    );
  });

  it('is refused when it says more than it may', () => {
    expect(() => parse({ inquiry, ground: 'other', why: 'x'.repeat(1024) })).toThrow(/^too-large/);
  });
});

describe('how often a person may ask', () => {
  const metered = () => {
    const clock = testClock();
    const meters = memoryMeterStore();
    const parts = { meters: meters.store, tagKey: testSubjectKey, now: clock.now };
    return { clock, meters, spend: spendOfPerson.bind(undefined, parts) };
  };

  it('is so often a day, for each person and each kind of asking', async () => {
    const { clock, spend } = metered();
    for (let n = 0; n < personLimits.disputes; n += 1) await spend(mina, 'disputes');
    await expect(spend(mina, 'disputes')).rejects.toMatchObject({
      name: 'rate-limited',
      extras: {
        retryAfter: 57_600,
        limits: [{ name: 'person-disputes', quota: 20, window: 86_400, left: 0, reset: 57_600 }],
      },
    });
    await spend(mina, 'reads');
    await spend(omid, 'disputes');
    clock.advance(57_600_000);
    await spend(mina, 'disputes');
  });

  it('is counted under a name of the day that tells nobody who it is', async () => {
    const { clock, meters, spend } = metered();
    await spend(mina, 'reads');
    clock.advance(day);
    await spend(mina, 'reads');
    await spend(mina, 'disputes');
    const names = [...meters.dump().keys()].map((key) => key.split(' ')[1] ?? '');
    expect(new Set(names).size).toBe(3);
    for (const key of meters.dump().keys()) {
      expect(key).not.toContain(mina.value);
      expect(key).toMatch(/^person-(reads|disputes) [\w-]{16} day \d+$/);
    }
  });
});
