import type { Outcome } from '#events/outcome.ts';
import type { EntryFilter } from '../../audit/index/filter.ts';
import type { OpenedIndex } from '../../audit/index/opened-index.ts';
import type { Position } from '../../audit/index/query.ts';
import type { Found } from '../../audit/index/walk.ts';
import { walkRows } from '../../audit/index/walk-rows.ts';
import type { TehranDay } from '../../persian/tehran-day.ts';
import { reachesOfTime, type TimedReach } from '../entries/index-edge.ts';

/** What became of inquiries, as the public is told it: whether a person was found is nobody's affair. */
export const outcomeClasses = ['answered', 'pending', 'refused', 'failed'] as const;
export type OutcomeClass = (typeof outcomeClasses)[number];

const classes: Readonly<Record<Outcome, OutcomeClass>> = {
  MATCH: 'answered',
  NO_MATCH: 'answered',
  FOUND: 'answered',
  NOT_FOUND: 'answered',
  INDETERMINATE: 'answered',
  PENDING: 'pending',
  REFUSED: 'refused',
  DENIED: 'refused',
  SOURCE_UNAVAILABLE: 'failed',
  TIMEOUT: 'failed',
  INVALID_ANSWER: 'failed',
  ABORTED: 'failed',
};

const classByOutcome: ReadonlyMap<string, OutcomeClass> = new Map(Object.entries(classes));

const classOf = (outcome: string): OutcomeClass => classByOutcome.get(outcome) ?? 'failed';

/** What was asked of one service on a day. */
export type ServiceCounts = {
  readonly classes: Readonly<Record<OutcomeClass, number>>;
  /** How many were allowed: a name that none was is one that somebody made up, perhaps to be read. */
  readonly allowed: number;
};

/** All inquiries of a day. */
export type DayCounts = {
  readonly services: ReadonlyMap<string, ServiceCounts>;
  /** By hours since the day began: 24, and one more or fewer where clocks were changed. */
  readonly hours: readonly number[];
};

const hour = 3_600_000;

/** Objects of the index that are asked for between two looks at where the walk is. */
const mostObjects = 256;

type Tally = {
  readonly services: Map<
    string,
    { readonly classes: Record<OutcomeClass, number>; allowed: number }
  >;
  readonly hours: number[];
};

const noneOf = () => ({
  classes: { answered: 0, pending: 0, refused: 0, failed: 0 },
  allowed: 0,
});

/** Adds rows by the codes of their words: a word is looked up once for a group, not for each row. */
const add = ({ services, hours }: Tally, { group, rows }: Found, { from }: TehranDay): void => {
  const [service, outcome, effect] = [
    group.words('service'),
    group.words('outcome'),
    group.words('effect'),
  ];
  const counted = service.words().map((name) => {
    const counts = services.get(name) ?? noneOf();
    services.set(name, counts);
    return counts;
  });
  const told = outcome.words().map(classOf);
  const allow = effect.words().indexOf('allow') + 1;
  const codes = { service: service.codes(), outcome: outcome.codes(), effect: effect.codes() };
  const times = group.times();
  for (const row of rows) {
    const counts = counted[(codes.service[row] ?? 0) - 1];
    const name = told[(codes.outcome[row] ?? 0) - 1];
    if (counts === undefined || name === undefined) continue;
    counts.classes[name] += 1;
    if (allow > 0 && codes.effect[row] === allow) counts.allowed += 1;
    const at = Math.floor(((times[row] ?? from) - from) / hour);
    hours[at] = (hours[at] ?? 0) + 1;
  }
};

/**
 * Counts the inquiries of a day by the time inside their ids, in the part of each log where they can
 * stand. Rejects with `IndexInvalid`, `IndexIncomplete` and `store-unavailable`.
 */
export const countDay = async (
  segments: OpenedIndex,
  shards: readonly TimedReach[],
  day: TehranDay,
): Promise<DayCounts> => {
  const time = { from: day.from, to: day.until };
  const filter: EntryFilter = time;
  const within = await reachesOfTime(segments, shards, time);
  const length = Math.ceil((day.until - day.from) / hour);
  const tally: Tally = { services: new Map(), hours: Array.from({ length }, () => 0) };
  let after: Position = [];
  for (let more = true; more; ) {
    const query = { segments, shards: within, filter, after, mostObjects };
    const walked = await walkRows(query, (found) => add(tally, found, day));
    [after, more] = [walked.position, walked.more];
  }
  // A group names the words of all its rows; those of none of these stay at nothing.
  const asked = [...tally.services].filter(([, { classes: all }]) =>
    outcomeClasses.some((name) => all[name] > 0),
  );
  return { services: new Map(asked), hours: tally.hours };
};
