/** A log of three days without a gap: numbered inquiries, statements and censuses; and ways to bend it. */
import { census } from '#shared/audit/census/census.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { recordLeaf, registryLeaf } from '#tests/support/log-leaves.ts';
import {
  inquiryIdAt,
  makeKey,
  type TestKey,
  testNow,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { type Stated, statementLeaf } from '#tests/support/statements.ts';
import { cast, firstLeaves, inquiryAt } from './sample-log.ts';

const hour = 3_600_000;

/** The other counter and the other agency of the log. */
export const second = {
  counter: await makeKey('ES256', 'counter:2'),
  agency: await makeKey('Ed25519', 'agency:police'),
};

export const begun: readonly Uint8Array[] = [
  ...firstLeaves,
  registryLeaf(second.counter),
  registryLeaf(second.agency),
];

export type Item = {
  readonly t: number;
  /** What it is, to be found by: `A1` to `A30`, `B1` to `B12`, or `statement`, `census`. */
  readonly name: string;
  readonly data: Uint8Array;
};

type Asked = {
  readonly name: string;
  readonly t: number;
  readonly counter: TestKey;
  readonly agency: TestKey;
  readonly station: string;
  readonly seq: number;
  readonly answer: number;
  readonly service: string;
};

/** Every two hours the first counter asks, at two stations in turn; every six the other one, elsewhere. */
const asked = (): readonly Asked[] => {
  const all: Asked[] = [];
  for (let n = 0; n < 36; n += 1) {
    const t = testNow + n * 2 * hour;
    const own = all.filter(({ counter }) => counter === cast.counter);
    all.push({
      name: `A${n + 1}`,
      t,
      counter: cast.counter,
      agency: cast.agency,
      station: `till-${(n % 2) + 1}`,
      seq: Math.floor(n / 2) + 1,
      answer: own.length + 1,
      service: 'civil-registry/identity@1',
    });
    if (n % 3 !== 0) continue;
    all.push({
      name: `B${n / 3 + 1}`,
      t: t + 60_000,
      counter: second.counter,
      agency: second.agency,
      station: 'till-9',
      seq: n / 3 + 100,
      answer: n / 3 + 1,
      service: 'police/vehicle@1',
    });
  }
  return all;
};

const inquiries = asked();

export const itemOf = async ({ name, t, counter, agency, ...numbers }: Asked): Promise<Item> => {
  const { station, seq, answer, service } = numbers;
  const { data } = await inquiryAt(t - testNow, {
    counter,
    agency,
    request: { claims: withInquiry({ station, seq, service }) },
    response: { claims: withMembers({ seq: answer }) },
  });
  return { t, name, data };
};

const spansOf = (of: readonly (readonly [key: string, number: number])[]) =>
  [...Map.groupBy(of, ([key]) => key)].map(([key, all]) => {
    const numbers = all.map(([, number]) => number);
    return { key, first: Math.min(...numbers), last: Math.max(...numbers), n: numbers.length };
  });

const dateOf = (t: number): string => tehranDayOf(t).date;

/** What a participant used on a day, as it is. */
export const usedOn = (by: TestKey, day: string): Stated => {
  const own = inquiries.filter(({ t }) => dateOf(t) === day);
  const stations = spansOf(
    own.filter(({ counter }) => counter === by).map(({ station, seq }) => [station, seq]),
  ).map(({ key, ...span }) => ({ station: key, ...span }));
  const [answered] = spansOf(
    own.filter(({ agency }) => agency === by).map(({ answer }) => ['', answer]),
  ).map(({ key: _, ...span }) => span);
  return { day, asked: stations, ...(answered !== undefined && { answered }) };
};

const days = [...new Set(inquiries.map(({ t }) => dateOf(t)))];
export const [firstDay = '', secondDay = ''] = days;
export const lastDay = days.at(-1) ?? '';

/** The statements of a day, an hour after it is over. */
const statementsOn = async (day: string): Promise<readonly Item[]> => {
  const now = tehranDayOf(inquiries.find(({ t }) => dateOf(t) === day)?.t ?? 0).until + hour;
  const all = [cast.counter, second.counter, cast.agency, second.agency];
  return Promise.all(
    all.map(async (key) => ({
      t: now,
      name: `statement of ${key.owner} on ${day}`,
      data: await statementLeaf(usedOn(key, day), { key, now }),
    })),
  );
};

/** Everything but the censuses: they count what stands before them. */
export const items: readonly Item[] = [
  ...(await Promise.all(inquiries.map(itemOf))),
  ...(await Promise.all(days.map(statementsOn))).flat(),
].toSorted((a, b) => a.t - b.t);

export type CensusMade = { readonly from: number; readonly to: number; readonly t: number };

/** The leaf of a census of the leaves before it. */
export const censusLeaf = (
  leaves: readonly Uint8Array[],
  { from, to, t }: CensusMade,
  change: object = {},
): Uint8Array => {
  const { n, root, counts } = census(leaves.slice(from, to));
  const id = inquiryIdAt(t);
  return recordLeaf({ v: 1, k: 'census', id, t, shard: 0, from, to, n, root, counts, ...change });
};

/** The leaves of these items, and behind every tenth of them a census of what no other has counted. */
export const leavesOf = (all: readonly Item[] = items): readonly Uint8Array[] => {
  const leaves = [...begun];
  let counted = 0;
  for (const [n, { t, data }] of all.entries()) {
    leaves.push(data);
    if (n % 10 !== 9) continue;
    const to = leaves.length - 2;
    leaves.push(censusLeaf(leaves, { from: counted, to, t }));
    counted = to;
  }
  return leaves;
};

export const complete = leavesOf();
