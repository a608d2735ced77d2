import { counterOf } from '../../message/claims.ts';
import { tehranDays } from '../../persian/tehran-day.ts';
import type { Meter } from '../../registry/meters.ts';
import type { Replay } from '../../registry/replay.ts';
import { decideAt } from './replay-decision.ts';
import type { PastInquiry } from './replay-log.ts';

/** Seconds that are open for what comes later in the log than it was asked. */
const openSeconds = 60;

/** Who stands for all counters together. */
export const everyCounter = '*';

/** One quota on one day: how much of it the log holds. */
export type UsedQuota = Pick<Meter, 'name' | 'per' | 'most'> & {
  /** On the day, or in the second that had most; together with whatever else counts on it. */
  readonly used: number;
  readonly exceeded: boolean;
};

/** The allowed inquiries of a counter for a service on one day in Tehran. */
export type UsageRow = {
  readonly service: string;
  /** A counter, or `*` for all of them. */
  readonly counter: string;
  /** By its Gregorian date. */
  readonly day: string;
  readonly allowed: number;
  /** The most in one second. */
  readonly peak: number;
  /** Those in force when it was last used; `untold` where the changes of the registry are not here. */
  readonly quotas: readonly UsedQuota[] | 'untold';
};

/** Whether any quota was exceeded, as far as it can be told. */
export const isExceeded = ({ quotas }: UsageRow): boolean =>
  quotas !== 'untold' && quotas.some(({ exceeded }) => exceeded);

type Named = Pick<UsageRow, 'service' | 'day' | 'counter'>;

type Count = { total: number; peak: number };

type Used = Count & { most: number; exceeded: boolean; readonly meter: Meter };

type Row = Omit<UsageRow, 'allowed' | 'peak' | 'quotas'> &
  Count & { meters: ReadonlyMap<string, Used> | 'untold' };

/** By service, day, and counter; all counters together first. */
const inOrder = (a: Named, b: Named): number => {
  const [one, other] = [a, b].map(({ service, day, counter }) => `${service} ${day} ${counter}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
};

const isOfAll = ([, { meter }]: readonly [string, Used]): boolean =>
  meter.name.startsWith('service-all');

/** Counts what happens in each second, as long as it may still go on. */
const secondsCount = () => {
  const seconds = new Map<number, Map<string, number>>();
  let latest = 0;
  return (second: number, key: string): number => {
    const counts = seconds.get(second) ?? new Map<string, number>();
    seconds.set(second, counts);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (second > latest) {
      latest = second;
      for (const old of seconds.keys()) if (old < latest - openSeconds) seconds.delete(old);
    }
    return count;
  };
};

/**
 * Counts allowed inquiries by service, counter and day while a log goes by, and beside them the quotas
 * of the registry as it stood for each. Memory grows with these three only, not with inquiries.
 */
export const countUsage = (wanted: { readonly day?: string | undefined } = {}) => {
  const rows = new Map<string, Row>();
  const meters = new Map<string, Used>();
  const inSecond = secondsCount();
  const dayAt = tehranDays();

  const add = (count: Count, key: string, second: number): void => {
    count.total += 1;
    count.peak = Math.max(count.peak, inSecond(second, key));
  };

  const spend = (meter: Meter, day: string, second: number): readonly [string, Used] => {
    const key = `${meter.per} ${meter.key} ${day}`;
    const used = meters.get(key) ?? { meter, total: 0, peak: 0, most: 0, exceeded: false };
    meters.set(key, used);
    used.most = meter.most;
    add(used, key, second);
    const so = meter.per === 'day' ? used.total : used.peak;
    used.exceeded ||= so > meter.most;
    return [key, used];
  };

  const rowOf = (service: string, counter: string, day: string): Row => {
    const key = `${service} ${counter} ${day}`;
    const row = rows.get(key) ?? { service, counter, day, total: 0, peak: 0, meters: new Map() };
    rows.set(key, row);
    return row;
  };

  const note = (row: Row, spent: readonly (readonly [string, Used])[] | undefined): void => {
    if (spent === undefined) row.meters = 'untold';
    else if (row.meters !== 'untold') row.meters = new Map(spent);
  };

  return {
    take: ({ intent, claims, whole }: PastInquiry, replay: Replay): void => {
      const { t, dec } = intent;
      if (dec.effect !== 'allow') return;
      const { date: day } = dayAt(t);
      if (wanted.day !== undefined && wanted.day !== day) return;
      const second = Math.floor(t / 1000);
      const { service } = claims.inq;
      const own = rowOf(service, counterOf(claims), day);
      const all = rowOf(service, everyCounter, day);
      for (const row of [own, all]) add(row, `${row.service} ${row.counter}`, second);
      const { ruling } = decideAt(replay, { n: dec.registry, t }, { claims });
      // What it was counted on is told by the rule that it was allowed by.
      if (!whole || ruling.effect === 'deny' || ruling.rule !== dec.rule) {
        note(own, undefined);
        note(all, undefined);
        return;
      }
      const spent = ruling.terms.quotas.map((meter) => spend(meter, day, second));
      note(
        own,
        spent.filter((one) => !isOfAll(one)),
      );
      note(all, spent.filter(isOfAll));
    },
    rows: (): readonly UsageRow[] =>
      [...rows.values()]
        .toSorted(inOrder)
        .map(({ service, counter, day, total, peak, meters: used }) => ({
          service,
          counter,
          day,
          allowed: total,
          peak,
          quotas: used === 'untold' ? used : [...used.values()].map(usedQuota),
        })),
  };
};

const usedQuota = ({ meter, total, peak, most, exceeded }: Used): UsedQuota => ({
  name: meter.name,
  per: meter.per,
  most,
  used: meter.per === 'day' ? total : peak,
  exceeded,
});
