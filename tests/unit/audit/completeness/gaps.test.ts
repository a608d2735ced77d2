import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascending } from '#shared/audit/ascending.ts';
import { type Gap, gaps, type Horizon } from '#shared/audit/completeness/gaps.ts';
import { sequences } from '#shared/audit/completeness/sequences.ts';
import { type Statement, statementIn } from '#shared/audit/completeness/statement.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { type PlainInquiry, plainLeaf } from '#tests/support/plain-leaves.ts';
import { dayBefore, dayLength, statementLeaf } from '#tests/support/statements.ts';

const dayOf = (t: number): string => tehranDayOf(t).date;
const today = dayOf(testNow);
const yesterday = dayBefore(testNow);
const later = '9999-12-31';

const counter = 'counter:1';
const agency = 'agency:civil-registry';

type Span = readonly [station: string | undefined, first: number, last: number, n?: number];

const says = (by: string, day: string, ...spans: readonly Span[]): Statement => ({
  by,
  day,
  spans: spans.map(([station, first, last, n = last - first + 1]) => ({
    by,
    ...(station !== undefined && { station }),
    first,
    last,
    n,
  })),
});

const found = (
  inquiries: readonly PlainInquiry[],
  statements: readonly Statement[],
  due = later,
): readonly Gap[] => gaps(sequences(inquiries.map(plainLeaf), dayOf), statements, due);

const asked = (...seqs: readonly number[]): readonly PlainInquiry[] => seqs.map((seq) => ({ seq }));

const till = { by: counter, station: 'till-1' };

describe('gaps', () => {
  it('are none where all that is stated is in the log, and all in the log is stated', () => {
    const statements = [says(counter, today, ['till-1', 1, 4])];
    expect(found(asked(1, 2, 3, 4), statements)).toEqual([]);
  });

  it('are numbers missing inside a series, where the statement does not say which', () => {
    const statements = [says(counter, today, ['till-1', 1, 6, 4])];
    expect(found(asked(1, 2, 5, 6), statements)).toEqual([
      { kind: 'missing', ...till, first: 3, last: 4, n: 2 },
    ]);
  });

  it('are numbers that are stated and not in the log: in the midst and at both ends', () => {
    const statements = [says(counter, today, ['till-1', 1, 9])];
    const day = today;
    expect(found(asked(3, 4, 6), statements)).toEqual([
      { kind: 'unlogged', ...till, day, first: 1, last: 2, n: 2 },
      { kind: 'unlogged', ...till, day, first: 5, last: 5, n: 1 },
      { kind: 'unlogged', ...till, day, first: 7, last: 9, n: 3 },
    ]);
  });

  it('are so many of a range, where fewer are stated than it has room for', () => {
    const statements = [says(counter, today, ['till-1', 1, 9, 5])];
    expect(found(asked(1, 2, 3), statements)).toEqual([
      { kind: 'unlogged', ...till, day: today, first: 4, last: 9, n: 2 },
    ]);
  });

  it('are numbers in the log that are not stated: outside, at another station, too many', () => {
    const outside = found(asked(1, 2, 3, 4), [says(counter, today, ['till-1', 2, 3])]);
    expect(outside).toEqual([
      { kind: 'unstated', ...till, day: today, first: 1, last: 1, n: 1 },
      { kind: 'unstated', ...till, day: today, first: 4, last: 4, n: 1 },
    ]);
    expect(found(asked(1, 2), [says(counter, today)])).toEqual([
      { kind: 'unstated', ...till, day: today, first: 1, last: 2, n: 2 },
    ]);
    expect(found(asked(1, 2, 3), [says(counter, today, ['till-1', 1, 3, 2])])).toEqual([
      { kind: 'unstated', ...till, day: today, first: 1, last: 3, n: 1 },
    ]);
  });

  it('are a whole station that is stated and of which the log has nothing', () => {
    const statements = [says(counter, today, ['till-1', 1, 1], ['till-2', 5, 6])];
    expect(found(asked(1), statements)).toEqual([
      { kind: 'unlogged', by: counter, station: 'till-2', day: today, first: 5, last: 6, n: 2 },
    ]);
  });

  it('are days with entries and no statement, as far as they are due', () => {
    const inquiries = [
      { seq: 1, t: testNow - dayLength },
      { seq: 2, t: testNow },
    ];
    expect(found(inquiries, [], today)).toEqual([
      { kind: 'no-statement', by: counter, day: yesterday },
    ]);
    expect(found(inquiries, [])).toHaveLength(2);
  });

  it('are numbers that two inquiries have, of one day or of two', () => {
    const inquiries = [...asked(1, 2, 3, 2), { seq: 1, t: testNow - dayLength }];
    const statements = [
      says(counter, today, ['till-1', 1, 3]),
      says(counter, yesterday, ['till-1', 1, 1]),
    ];
    expect(found(inquiries, statements)).toEqual([
      { kind: 'twice', ...till, first: 1, last: 2, n: 2 },
    ]);
  });

  it('are two statements of one day that differ; twice the same is one', () => {
    const one = says(counter, today, ['till-1', 1, 1], ['till-2', 1, 1]);
    const same = says(counter, today, ['till-2', 1, 1], ['till-1', 1, 1]);
    const inquiries = [{ seq: 1 }, { seq: 1, station: 'till-2' }];
    expect(found(inquiries, [one, same])).toEqual([]);
    expect(found(inquiries, [one, says(counter, today, ['till-1', 1, 1])])).toEqual([
      { kind: 'two-statements', by: counter, day: today },
    ]);
  });

  it('are those of an agency, too', () => {
    const inquiries = [
      { seq: 1, answer: 7 },
      { seq: 2, answer: 9 },
    ];
    const statements = [
      says(counter, today, ['till-1', 1, 2]),
      says(agency, today, [undefined, 7, 9]),
    ];
    expect(found(inquiries, statements)).toEqual([
      { kind: 'unlogged', by: agency, day: today, first: 8, last: 8, n: 1 },
    ]);
  });

  it('of whoever signs for a counter are its own, and not the counter’s', () => {
    const inquiries = [{ signer: 'vendor:rayan', for: counter, seq: 1 }];
    expect(found(inquiries, [])).toEqual([
      { kind: 'no-statement', by: 'vendor:rayan', day: today },
    ]);
  });
});

describe('a log without a gap', () => {
  const stations = ['till-1', 'till-2', 'till-3'];

  type Answered = Required<Omit<PlainInquiry, 'for'>>;

  /** So many inquiries of one station on one day, from a number on, answered from another on. */
  const run = (station: string, t: number, first: number, count: number, answer: number) =>
    Array.from(
      { length: count },
      (_, n): Answered => ({
        signer: counter,
        station,
        seq: first + n,
        answer: answer + n,
        t,
        service: 'civil-registry/identity@1',
        outcome: 'FOUND',
      }),
    );

  /** A contiguous log: so many inquiries at each station on each of two days, all answered. */
  const contiguous = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })), {
      minLength: 1,
      maxLength: stations.length,
    })
    .map((counts) => {
      const inquiries: Answered[] = [];
      const times = [testNow - dayLength, testNow];
      const statements = times.flatMap((t, place): readonly Statement[] => {
        const begun = inquiries.length + 1;
        const spans = counts.map((perDay, n): Span => {
          const first = place === 0 ? 1 : perDay[0] + 1;
          const count = perDay[place] ?? 0;
          inquiries.push(...run(stations[n] ?? '', t, first, count, inquiries.length + 1));
          return [stations[n], first, first + count - 1];
        });
        const day = dayOf(t);
        return [
          says(counter, day, ...spans),
          says(agency, day, [undefined, begun, inquiries.length]),
        ];
      });
      return { inquiries, statements };
    });

  it('shows none', () => {
    fc.assert(
      fc.property(contiguous, ({ inquiries, statements }) => {
        expect(found(inquiries, statements)).toEqual([]);
      }),
    );
  });

  it('shows exactly the gap of any one inquiry that is dropped from it', () => {
    fc.assert(
      fc.property(contiguous, fc.nat(), ({ inquiries, statements }, nth) => {
        const place = nth % inquiries.length;
        const dropped = inquiries[place];
        if (dropped === undefined) throw new Error('There is an inquiry.');
        const { seq, station, answer, t } = dropped;
        const day = dayOf(t);
        expect(found(inquiries.toSpliced(place, 1), statements)).toEqual([
          { kind: 'unlogged', by: agency, day, first: answer, last: answer, n: 1 },
          { kind: 'unlogged', by: counter, station, day, first: seq, last: seq, n: 1 },
        ]);
      }),
    );
  });

  it('shows an inquiry that nobody stated, and one that is there twice', () => {
    fc.assert(
      fc.property(contiguous, fc.nat(), ({ inquiries, statements }, nth) => {
        const some = inquiries[nth % inquiries.length];
        if (some === undefined) throw new Error('There is an inquiry.');
        const kinds = (more: PlainInquiry): readonly string[] =>
          found([...inquiries, more], statements).map(({ kind }) => kind);
        expect(kinds({ ...some, seq: 100, answer: 100 })).toEqual(
          expect.arrayContaining(['unstated', 'missing']),
        );
        expect(kinds(some)).toEqual(['twice', 'twice']);
      }),
    );
  });

  it('shows the same in whatever order it and its statements are read', () => {
    const dropping = fc.tuple(contiguous, fc.nat(), fc.nat());
    fc.assert(
      fc.property(dropping, ([{ inquiries, statements }, nth, order]) => {
        const rest = inquiries.toSpliced(nth % inquiries.length, 1);
        const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
          items
            .map((item, n) => ({ item, at: sha256Url(`${order} ${n}`) }))
            .toSorted((a, b) => ascending(a.at, b.at))
            .map(({ item }) => item);
        expect(found(shuffled(rest), shuffled(statements))).toEqual(found(rest, statements));
        const [a, b] = [rest, shuffled(rest)].map((all) => sequences(all.map(plainLeaf), dayOf));
        expect(b).toEqual(a);
      }),
    );
  });
});

describe('a part of a log', () => {
  const hour = 3_600_000;

  /** The horizon of leaves from a time on, after which others may come from another time on. */
  const between = (since: number | undefined, until: number): Horizon => ({
    since,
    until,
    ...(since !== undefined && { firstDay: dayOf(since + dayLength) }),
    openDay: dayOf(until),
  });

  const partly = (
    inquiries: readonly PlainInquiry[],
    statements: readonly Statement[],
    horizon: Horizon,
  ) => gaps(sequences(inquiries.map(plainLeaf), dayOf), statements, later, horizon);

  const at = (seq: number, hours: number): PlainInquiry => ({ seq, t: testNow + hours * hour });
  const stating = [-2, -1, 0, 1, 2].map((days) =>
    says(counter, dayOf(testNow + days * dayLength), ['till-1', 100 + days, 100 + days]),
  );
  const missing = { kind: 'missing', ...till, first: 2, last: 2, n: 1 };
  const kindsIn = (all: readonly Gap[]) => all.filter(({ kind }) => kind === 'missing');

  it('shows what is missing in its midst', () => {
    const horizon = between(testNow, testNow + 30 * hour);
    expect(kindsIn(partly([at(1, 1), at(3, 2)], [], horizon))).toEqual([missing]);
  });

  it('shows nothing missing that may lie before it', () => {
    const horizon = between(testNow, testNow + 30 * hour);
    // The first came late, or within minutes of the edge.
    expect(kindsIn(partly([at(1, -5), at(3, 2)], [], horizon))).toEqual([]);
    expect(kindsIn(partly([at(1, 0.1), at(3, 2)], [], horizon))).toEqual([]);
    expect(
      kindsIn(partly([at(1, -5), at(3, 2)], [], between(undefined, testNow + 30 * hour))),
    ).toEqual([missing]);
  });

  it('leaves open what may still come', () => {
    const open = [{ ...missing, open: true }];
    expect(kindsIn(partly([at(1, 1), at(3, 2)], [], between(testNow, testNow + 2 * hour)))).toEqual(
      open,
    );
    expect(kindsIn(partly([at(1, 1), at(3, 2)], [], between(undefined, 0)))).toEqual(open);
  });

  it('shows as unlogged what is stated of its days, and of no others', () => {
    const horizon = between(testNow - dayLength, testNow + dayLength);
    const lacking = partly([at(1, 0)], stating, horizon).filter(({ kind }) => kind === 'unlogged');
    const told = (days: number, rest: object = {}) => ({
      kind: 'unlogged',
      ...till,
      day: dayOf(testNow + days * dayLength),
      first: 100 + days,
      last: 100 + days,
      n: 1,
      ...rest,
    });
    expect(lacking).toEqual([told(0), told(1, { open: true }), told(2, { open: true })]);
  });

  it('asks for the statements of its days, and of none before', () => {
    const horizon = between(testNow, testNow + dayLength);
    expect(partly([at(1, -1), at(2, 25)], [], horizon)).toEqual([
      { kind: 'no-statement', by: counter, day: dayOf(testNow + 25 * hour) },
    ]);
  });

  it('of a log without a gap shows none, wherever it is cut and in whatever order its slots are', () => {
    const log = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 5, maxLength: 60 });
    const cut = fc.tuple(fc.nat(), fc.nat(), fc.nat());
    fc.assert(
      fc.property(log, cut, (pauses, [a, b, order]) => {
        let t = testNow;
        const inquiries = pauses.map((pause, n): Required<Pick<PlainInquiry, 'seq' | 't'>> => {
          t += pause;
          return { seq: n + 1, t };
        });
        const bucket = (one: { readonly t: number }) => Math.floor(one.t / 10_000);
        const placed = inquiries.toSorted(
          (x, y) =>
            bucket(x) - bucket(y) ||
            ascending(sha256Url(`${order} ${x.seq}`), sha256Url(`${order} ${y.seq}`)),
        );
        const [from, to] = [a % placed.length, b % placed.length].toSorted((x, y) => x - y);
        const part = placed.slice(from, (to ?? 0) + 1);
        const [first, last] = [part[0], part.at(-1)];
        if (first === undefined || last === undefined) throw new Error('A part has a leaf.');
        const since = from === 0 ? undefined : bucket(first) * 10_000;
        const horizon = between(since, bucket(last) * 10_000);
        expect(
          kindsIn(gaps(sequences(part.map(plainLeaf), dayOf), [], '', horizon)).filter(
            ({ open }) => open !== true,
          ),
        ).toEqual([]);
      }),
    );
  });
});

describe('the statement in a leaf', () => {
  it('is what a participant signed', async () => {
    const key = await makeKey('ES256', counter);
    const stm = { day: yesterday, asked: [{ station: 'till-1', first: 1, last: 3, n: 3 }] };
    const leaf = await statementLeaf(stm, { key, now: testNow });
    expect(statementIn(leaf)).toEqual(says(counter, yesterday, ['till-1', 1, 3]));
  });

  it('of an agency has its answers', async () => {
    const key = await makeKey('ES256', agency);
    const stm = { day: yesterday, asked: [], answered: { first: 1, last: 3, n: 3 } };
    const leaf = await statementLeaf(stm, { key, now: testNow });
    expect(statementIn(leaf)).toEqual(says(agency, yesterday, [undefined, 1, 3]));
  });

  it('is in no other leaf', () => {
    expect(statementIn(plainLeaf())).toBeUndefined();
    expect(statementIn(Buffer.from('{"k":"statement"}\n'))).toBeUndefined();
    expect(statementIn(new Uint8Array())).toBeUndefined();
  });
});
