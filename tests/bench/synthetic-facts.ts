import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { newId } from '#shared/kernel/id.ts';

/** Entries of one day: a million are four days. */
const perDay = 250_000;
const day = 86_400_000;
const ahead = 12_600_000;
/** 00:00 in Tehran of the first day. */
export const firstDay = Date.UTC(2026, 10, 21) - ahead;

const counters = 15_000;
const services = 200;
const agencies = 40;
/** Subjects that are asked about. */
const subjects = 3_000_000;

/** Shares of a day's entries by the hour in Tehran. */
const curve = [
  1, 1, 1, 1, 1, 2, 6, 30, 80, 110, 120, 110, 90, 80, 60, 40, 30, 25, 20, 15, 10, 6, 3, 2,
];

/** Uniform numbers from 0 to 1, the same each time (mulberry32). */
const uniform = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Sums of weights, each as a share of all of them. */
const sumsOf = (weights: readonly number[]): Float64Array => {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return Float64Array.from(weights, (weight) => {
    sum += weight;
    return sum / all;
  });
};

/** The first place whose sum exceeds a share. */
const placeIn = (sums: Float64Array, share: number): number => {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sums[middle] ?? 1) > share) high = middle;
    else low = middle + 1;
  }
  return low;
};

const zipf = (count: number): Float64Array =>
  sumsOf(Array.from({ length: count }, (_, rank) => 1 / (rank + 1)));

const counterSums = zipf(counters);
const serviceSums = zipf(services);
const hourSums = sumsOf(curve);
const outcomes = ['FOUND', 'MATCH', 'NOT_FOUND', 'NO_MATCH', 'DENIED', 'TIMEOUT', 'REFUSED'];
const unanswered: ReadonlySet<string> = new Set(['DENIED', 'TIMEOUT']);
const outcomeSums = sumsOf([60, 20, 8, 6, 4, 1.5, 0.5]);
const presenceSums = sumsOf([90, 8, 2]);

/** The counter of a rank, 0 the busiest. */
export const counterOfRank = (rank: number): string => `counter:${72_000_000 + rank * 7}`;
export const rankOfCounter = (counter: string): number =>
  (Number(counter.split(':')[1]) - 72_000_000) / 7;
export const serviceOfRank = (rank: number): string =>
  `office-${rank % agencies}/service-${rank}@1`;

const tagOf = (kind: number, n: number): string => {
  const bytes = Buffer.alloc(12);
  // Spread over all bytes, as those of a keyed hash are.
  for (let at = 0; at < 3; at += 1) {
    bytes.writeUInt32BE(Math.imul(n * 3 + at + 1, 0x9e_37_79_b1 + kind * 2) >>> 0, at * 4);
  }
  return toBase64Url(bytes);
};

export const subjectTagOf = (n: number): string => tagOf(1, n);
/** The tag of an operator of the counter of a rank: 0, 1 or 2. */
export const operatorTagOf = (rank: number, n: number): string => tagOf(2, rank * 5 + n);
export const provinceOfRank = (rank: number): string => `province-${rank % 31}`;

/** When an entry of a day comes, as a share of the day, by its place among them. */
const shareOfDay = (place: number): number => {
  const hour = placeIn(hourSums, place);
  const before = hour === 0 ? 0 : (hourSums[hour - 1] ?? 0);
  return (hour + (place - before) / ((hourSums[hour] ?? 1) - before)) / curve.length;
};

/** Entries one after another; a few come late, as the log does not order within a second. */
export function* syntheticFacts(count: number): Generator<EntryFacts> {
  const random = uniform(5);
  const sequences = new Map<string, number>();
  const next = (series: string): number => {
    const seq = (sequences.get(series) ?? 0) + 1;
    sequences.set(series, seq);
    return seq;
  };
  for (let index = 0; index < count; index += 1) {
    const place = shareOfDay((index % perDay) / perDay);
    const t = Math.floor(firstDay + (Math.floor(index / perDay) + place) * day + random() * 1000);
    const rank = placeIn(counterSums, random());
    const serviceRank = placeIn(serviceSums, random());
    const service = serviceOfRank(serviceRank);
    const agency = `agency:${service.split('/', 1)[0] ?? ''}`;
    const station = `till-${1 + Math.floor(random() * 4)}`;
    const counter = counterOfRank(rank);
    const outcome = outcomes[placeIn(outcomeSums, random())] ?? 'FOUND';
    yield {
      shard: 0,
      index,
      id: newId(t, (length) => Uint8Array.from({ length }, () => random() * 256)),
      t,
      counter,
      ...(random() < 0.1 && { by: `vendor:house-${rank % 12}` }),
      agency,
      service,
      purpose: `purpose-${(serviceRank + Math.floor(random() * 3)) % 60}`,
      basis: `law-${serviceRank % 30}`,
      station,
      presence: ['in-person', 'proxy', 'none'][placeIn(presenceSums, random())] ?? 'none',
      seq: next(`${counter} ${station}`),
      effect: outcome === 'DENIED' ? 'deny' : 'allow',
      rule: outcome === 'DENIED' ? 'purpose-allowed' : 'granted',
      outcome,
      ms: Math.floor(40 + 400 * random() * random()),
      ...(!unanswered.has(outcome) && { answer: next(agency) }),
      province: provinceOfRank(rank),
      subjectTag: subjectTagOf(Math.floor(random() * subjects)),
      operatorTag: operatorTagOf(rank, Math.floor(random() * 3)),
      hasCase: random() < 0.7,
    };
  }
}
