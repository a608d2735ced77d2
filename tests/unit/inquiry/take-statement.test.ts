import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { statementTime } from '#shared/inquiry/take-statement.ts';
import { timeOf } from '#shared/kernel/id.ts';
import { tehranDayAt, tehranDayOf } from '#shared/persian/tehran-day.ts';
import { recordable } from '#shared/registry/record-change.ts';
import { testSettings } from '#tests/support/exchange.ts';
import { testNow, withMembers } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import {
  buildStatement,
  dayBefore,
  dayLength,
  type Stated,
  stated,
} from '#tests/support/statements.ts';
import { refusalOf, setStage } from './stating.ts';

const yesterday = stated(dayBefore(testNow));

const fewer: Stated = {
  ...yesterday,
  asked: [{ station: 'till-3', first: 1, last: 10, n: 9 }],
};

const span = (numbers: Omit<Stated['asked'][number], 'station'>): Stated => ({
  ...yesterday,
  asked: [{ station: 'till-3', ...numbers }],
});

const stations = (count: number): Stated['asked'] =>
  Array.from({ length: count }, (_, n) => ({ station: `s${n}`, first: 1, last: 1, n: 1 }));

describe('a statement of a day', () => {
  it('is on record verbatim before it is told, under the id that is told', async () => {
    const { take, leaves, keys, journal, clock } = await setStage();
    const text = await buildStatement(yesterday, { key: keys.counter, now: clock.now() });
    const { id, day, repeated } = await take(text);
    expect({ day, repeated }).toEqual({ day: '2027-01-14', repeated: false });
    expect(leaves()).toEqual([{ v: 1, k: 'statement', id, t: testNow, statement: text }]);
    expect(journal.rows(addressOf(id, testSettings.layout)).record).toBeDefined();
  });

  it('sent again, signed anew, is told the same and recorded once', async () => {
    const { send, leaves, clock } = await setStage();
    const first = await send(yesterday);
    clock.advance(20 * dayLength);
    const again = await send(yesterday);
    expect(again).toEqual({ ...first, repeated: true });
    expect(leaves()).toHaveLength(1);
  });

  it('is the same in whatever order its stations are named', async () => {
    const { send } = await setStage();
    const [one, two] = ['a', 'b'].map((station) => ({ station, first: 1, last: 2, n: 2 }));
    if (one === undefined || two === undefined) throw new Error('There are two stations.');
    await send({ ...yesterday, asked: [one, two] });
    expect(await send({ ...yesterday, asked: [two, one] })).toMatchObject({ repeated: true });
  });

  it('is refused when another thing is stated for the day, and the first stands', async () => {
    const { send, leaves } = await setStage();
    const { id } = await send(yesterday);
    const { name } = await refusalOf(send(fewer));
    expect(name).toBe('reference-conflict');
    expect(leaves().map((leaf) => leaf.id)).toEqual([id]);
  });

  it('does not stand in the way of another day, or of another participant', async () => {
    const { send, leaves, keys } = await setStage();
    await send(yesterday);
    await send(stated(dayBefore(testNow, 2)));
    await send(fewer, { key: keys.otherCounter });
    expect(leaves()).toHaveLength(3);
  });

  it.each([
    ['at its end', 0],
    ['62 days later', statementTime],
  ])('is taken %s', async (_, behind) => {
    const { send, clock, leaves } = await setStage();
    const { date, until } = tehranDayOf(testNow);
    clock.advance(until + behind - testNow);
    expect(await send(stated(date))).toMatchObject({ day: date, repeated: false });
    expect(leaves()).toHaveLength(1);
  });

  it.each([
    ['a millisecond before its end', -1],
    ['a millisecond after 62 days', statementTime + 1],
  ])('is refused %s', async (_, behind) => {
    const { send, clock, leaves } = await setStage();
    const { date, until } = tehranDayOf(testNow);
    clock.advance(until + behind - testNow);
    const { name, extras } = await refusalOf(send(stated(date)));
    expect([name, extras.errors?.[0]?.pointer]).toEqual(['invalid-claims', '/stm/day']);
    expect(leaves()).toEqual([]);
  });

  it('is of a day of Tehran, not of Greenwich', async () => {
    const { send, clock } = await setStage();
    const day = tehranDayAt('2027-01-15');
    clock.advance((day?.until ?? 0) - testNow);
    expect(new Date(clock.now()).toISOString()).toBe('2027-01-15T20:30:00.000Z');
    expect(await send(stated('2027-01-15'))).toMatchObject({ day: '2027-01-15' });
  });

  it.each([
    ['a date that is none', { ...yesterday, day: '2027-02-30' }, '/stm/day'],
    ['a number more than there is room for', span({ first: 3, last: 5, n: 4 }), '/stm/asked/0/n'],
    ['an end before the beginning', span({ first: 5, last: 3, n: 1 }), '/stm/asked/0/n'],
    ['none of a station', span({ first: 1, last: 1, n: 0 }), '/stm/asked/0/n'],
    ['a number 0', span({ first: 0, last: 1, n: 1 }), '/stm/asked/0/first'],
    ['a station twice', { ...yesterday, asked: [...fewer.asked, ...fewer.asked] }, '/stm/asked'],
    ['65 stations', { ...yesterday, asked: stations(65) }, '/stm/asked'],
    [
      'answers of a counter',
      { ...yesterday, answered: { first: 1, last: 1, n: 1 } },
      '/stm/answered',
    ],
  ] as const)('with %s is refused, and nothing is kept', async (_, stm, pointer) => {
    const { send, leaves, statements } = await setStage();
    const { name, extras } = await refusalOf(send(stm));
    expect([name, extras.errors?.[0]?.pointer]).toEqual(['invalid-claims', pointer]);
    expect([leaves(), statements.dump()]).toEqual([[], []]);
  });

  it('names 64 stations, or none', async () => {
    const { send, leaves } = await setStage();
    const most = Number.MAX_SAFE_INTEGER;
    const asked = stations(64).map(({ station }) => ({
      station: station.padEnd(64, 'a'),
      first: most - 9,
      last: most,
      n: 10,
    }));
    await send({ ...yesterday, asked });
    await send({ day: dayBefore(testNow, 2), asked: [] });
    expect(leaves()).toHaveLength(2);
  });

  it('of an agency tells its answers, and not what it asked', async () => {
    const { send, keys, leaves } = await setStage();
    const by = { key: keys.agency };
    const { extras } = await refusalOf(send(yesterday, by));
    expect(extras.errors?.[0]?.pointer).toBe('/stm/asked');
    await send(stated(yesterday.day, keys.agency.owner), by);
    expect(leaves()).toHaveLength(1);
  });

  it.each([
    ['wrong-audience', { claims: withMembers({ aud: 'https://exchange.example/v1/commands' }) }],
    ['wrong-typ', { header: withMembers({ typ: 'inq-command+jwt' }) }],
    ['signature-invalid', { signature: () => new Uint8Array(64) }],
    ['issuer-key-mismatch', { claims: withMembers({ iss: 'counter:72110346' }) }],
    ['invalid-claims', { claims: withMembers({ more: 1 }) }],
  ] as const)('that is %s is refused, and nothing is kept', async (wanted, bent) => {
    const { send, leaves, statements } = await setStage();
    const { name } = await refusalOf(send(yesterday, bent));
    expect(name).toBe(wanted);
    expect([leaves(), statements.dump()]).toEqual([[], []]);
  });
});

describe('a statement that is broken off', () => {
  const writes = [
    ['the mark', 'compareAndSwap', 1],
    ['the leaf', 'putRecord', 1],
    ['the mark that the leaf is on record', 'compareAndSwap', 2],
  ] as const;
  const faults = ['not-persisted', 'unacknowledged'] as const;
  const cases = writes.flatMap((write) => faults.map((fault) => [...write, fault] as const));

  it.each(cases)('at %s (%s, call %i, %s) is finished by the next try', async (...at) => {
    const [, method, nth, fault] = at;
    const { send, leaves, statements, journal } = await setStage();
    if (method === 'putRecord') journal.faults.breakCall(method, fault, nth);
    else statements.faults.breakCall(method, fault, nth);
    expect((await refusalOf(send(yesterday))).name).toBe('store-unavailable');
    const { id } = await send(yesterday);
    expect(leaves().map((leaf) => leaf.id)).toEqual([id]);
    expect(statements.dump()).toMatchObject([{ leaf: id, recorded: true }]);
  });

  it.each(cases)('at %s (%s, call %i, %s) still is the first of its day', async (...at) => {
    const [, method, nth, fault] = at;
    const { send, statements, journal } = await setStage();
    if (method === 'putRecord') journal.faults.breakCall(method, fault, nth);
    else statements.faults.breakCall(method, fault, nth);
    await refusalOf(send(yesterday));
    const isMarked = statements.dump().length > 0;
    const answer = await send(fewer).catch((error: unknown) => error);
    expect(answer).toMatchObject(isMarked ? { name: 'reference-conflict' } : { repeated: false });
  });

  it('before its leaf was put, is recorded under a new id once the time of the first is over', async () => {
    const { send, leaves, statements, journal, clock } = await setStage();
    journal.faults.breakCall('putRecord', 'not-persisted');
    await refusalOf(send(yesterday));
    const [begun] = statements.dump();
    clock.advance(recordable + 1);
    const { id } = await send(yesterday);
    expect(id).not.toBe(begun?.leaf);
    expect(timeOf(id)).toBe(clock.now());
    expect(leaves().map((leaf) => leaf.id)).toEqual([id]);
  });

  it('behind its leaf, keeps the id whose time is over', async () => {
    const { send, leaves, statements, clock } = await setStage();
    statements.faults.breakCall('compareAndSwap', 'not-persisted', 2);
    await refusalOf(send(yesterday));
    clock.advance(recordable + 1);
    const { id } = await send(yesterday);
    expect(leaves().map((leaf) => leaf.id)).toEqual([id]);
    expect(timeOf(id)).toBe(testNow);
  });

  it('is finished once by many at the same time', async () => {
    const { send, leaves, journal, clock } = await setStage();
    journal.faults.breakCall('putRecord', 'not-persisted');
    await refusalOf(send(yesterday));
    clock.advance(recordable + 1);
    const results = await Promise.all(Array.from({ length: 8 }, () => send(yesterday)));
    const ids = new Set(results.map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(leaves().map((leaf) => leaf.id)).toEqual([...ids]);
  });
});

describe('who may state a day', () => {
  it('is not somebody whose key is revoked', async () => {
    const { keys } = await setStage();
    const revoked = keyEntryOf(keys.counter, { status: 'revoked' });
    const { send } = await setStage({ registry: [revoked] });
    expect((await refusalOf(send(yesterday))).name).toBe('key-not-active');
  });
});
