import { describe, expect, it } from 'vitest';
import { collectSequences } from '#shared/audit/completeness/sequences.ts';
import type { Statement } from '#shared/audit/completeness/statement.ts';
import { saidInLeaf } from '#shared/audit/inquiry-said.ts';
import { completenessCheck, completenessOf } from '#shared/client/verify/completeness.ts';
import { collectFindings } from '#shared/client/verify/findings.ts';
import { type LogSeen, logTally } from '#shared/client/verify/log-tally.ts';
import { isRecord, readLeaf } from '#shared/client/verify/read-leaf.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { accessLeaf, configLeaf, lateLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { plainLeaf } from '#tests/support/plain-leaves.ts';

const hour = 3_600_000;
const dayOf = (t: number): string => tehranDayOf(t).date;
const beginOf = (t: number): number => Math.floor(t / 10_000) * 10_000;

type Place = { readonly shard?: number; readonly from?: number; readonly size?: number };

/** What is seen of leaves of a log, from an index on. */
const seenIn = (
  leaves: readonly Uint8Array[],
  { shard = 0, from = 0, size = from + leaves.length }: Place = {},
  sequences = collectSequences(dayOf),
): LogSeen => {
  const origin = `exchange.example/log/${shard}`;
  const to = from + leaves.length;
  const tally = logTally({ origin, size, from, to, sequences, isSparse: false }, collectFindings());
  leaves.forEach((data, n) => {
    if (!isRecord(data)) return tally.inquiry(saidInLeaf(data));
    const { leaf } = readLeaf(data);
    tally.record(leaf?.kind === 'inquiry' ? undefined : leaf, from + n);
  });
  return tally.seen();
};

const at = (hours: number, seq = 1): Uint8Array => plainLeaf({ t: testNow + hours * hour, seq });

describe('what is seen of a log', () => {
  it('goes from its first entry to its latest', () => {
    const leaves = [at(0), at(1), at(2)];
    expect(seenIn(leaves)).toMatchObject({
      since: undefined,
      latest: testNow + 2 * hour,
      toEnd: true,
    });
    expect(seenIn(leaves, { from: 9 })).toMatchObject({ since: testNow });
    expect(seenIn(leaves, { size: 4 })).toMatchObject({ toEnd: false });
  });

  it('begins with the first entry that did not come late', () => {
    const id = inquiryIdAt(testNow - 20 * hour);
    const early = accessLeaf(testNow - 20 * hour, { id });
    const leaves = [early, lateLeaf(id, early, testNow), at(1), at(2)];
    expect(seenIn(leaves, { from: 9 }).since).toBe(beginOf(testNow + hour));
    expect(seenIn(leaves.slice(0, 1), { from: 9 }).since).toBe(beginOf(testNow - 20 * hour));
    expect(seenIn([early, at(1)], { from: 9 }).since).toBe(beginOf(testNow - 20 * hour));
  });

  it('knows how many logs there are by the settings', () => {
    expect(seenIn([at(0)]).shards).toBe(undefined);
    expect(seenIn([configLeaf({ shards: 4 }), configLeaf({ shards: 2 })]).shards).toBe(4);
  });
});

const counter = 'counter:1';
const config = (shards = 1) => configLeaf({ shards });

/** A statement of the day of an instant. */
const stating = (t: number, first: number, last: number): Statement => ({
  by: counter,
  day: dayOf(t),
  spans: [{ by: counter, station: 'till-1', first, last, n: last - first + 1 }],
});

const found = (
  logs: readonly (readonly Uint8Array[])[],
  {
    places = [],
    statements = [],
    expected,
  }: {
    readonly places?: readonly Place[];
    readonly statements?: readonly Statement[];
    readonly expected?: Parameters<typeof completenessOf>[2];
  } = {},
) => {
  const sequences = collectSequences(dayOf);
  const seen = logs.map((leaves, shard) => ({
    ...seenIn(leaves, { shard, ...places[shard] }, sequences),
    statements: shard === 0 ? statements : [],
  }));
  return completenessOf(seen, sequences.read(), expected);
};

const kindsIn = (completeness: ReturnType<typeof completenessOf>) =>
  completeness?.gaps.map(({ kind, open }) => `${kind}${open === true ? ' open' : ''}`);

const asking = (...inquiries: readonly (readonly [hours: number, seq: number])[]) =>
  inquiries.map(([hours, seq]) => at(hours, seq));

describe('completeness', () => {
  const holed = [config(), ...asking([0, 1], [1, 3], [100, 4])];
  const all = [0, 100].map((hours) => {
    const t = testNow + hours * hour;
    return hours === 0 ? stating(t, 1, 3) : stating(t, 4, 4);
  });

  it('is told of the days that are over, but for the last', () => {
    expect(kindsIn(found([holed], { statements: all }))).toEqual(['unlogged']);
    expect(kindsIn(found([holed]))).toEqual(['no-statement', 'missing']);
    const twoDays = [config(), ...asking([0, 1], [24, 2])];
    expect(kindsIn(found([twoDays]))).toEqual([]);
    const threeDays = [config(), ...asking([0, 1], [48, 2])];
    expect(kindsIn(found([threeDays]))).toEqual(['no-statement']);
  });

  it('asks for no statement that may stand behind what was read', () => {
    expect(kindsIn(found([holed], { places: [{ size: 9 }] }))).toEqual(['missing']);
  });

  it('is told of all logs together, and of none alone', () => {
    const halves = [
      [config(2), ...asking([0, 1], [1, 3], [100, 5])],
      [configLeaf({ shards: 2, shard: 1 }), ...asking([0.5, 2], [1.5, 4], [100, 6])],
    ];
    expect(kindsIn(found(halves))).toEqual(['no-statement']);
    expect(found(halves.slice(0, 1))).toBe(undefined);
    expect(completenessCheck(undefined, true).result).toBe('skipped');
    const dropped = [halves[0] ?? [], (halves[1] ?? []).toSpliced(1, 1)];
    expect(kindsIn(found(dropped))).toEqual(['no-statement', 'missing']);
  });

  it('is open where nobody knows how many logs there are', () => {
    expect(kindsIn(found([holed.slice(1)], { statements: all }))).toEqual(['unlogged open']);
  });

  it('is told of those who are named, in their time', () => {
    const expected = { isWhole: (by: string) => by === 'counter:2' };
    expect(found([holed], { expected })).toMatchObject({ series: 0, gaps: [] });
    const others = (from?: number, to?: number) =>
      kindsIn(found([holed], { statements: all, expected: { isWhole: () => true, from, to } }));
    expect(others()).toEqual(['unlogged']);
    // What is before the time, or may come behind it, is held against nobody.
    expect(others(testNow + 50 * hour)).toEqual([]);
    expect(others(undefined, testNow + 2 * hour)).toEqual(['unlogged open']);
  });

  it('fails where it is asked for, and for no gap that may be filled', () => {
    const check = (leaves: readonly Uint8Array[], isAsked: boolean) =>
      completenessCheck(found([leaves]), isAsked).result;
    expect([check(holed, true), check(holed, false)]).toEqual(['failed', 'noted']);
    const recent = [config(), ...asking([0, 1], [1, 3])];
    expect([check(recent, true), check(recent, false)]).toEqual(['noted', 'noted']);
    expect(check([config(), ...asking([0, 1], [1, 2])], true)).toBe('passed');
  });

  it('is of nothing in a log without inquiries', () => {
    expect(found([[config()]])).toEqual({ series: 0, statements: 0, counts: [], gaps: [] });
  });
});
