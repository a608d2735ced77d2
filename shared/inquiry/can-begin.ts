import type { Address } from '../audit/address.ts';
import { type InquiryId, timeOf } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import { inquiryRefusal } from './checks.ts';
import type { Exchange } from './exchange.ts';
import { checkLog } from './log-status.ts';

/** How far the time inside a new inquiry's id may lie from the exchange's clock, in milliseconds. */
export const freshness = 10_000;

/** Why an id is not one of a new inquiry. */
export const staleness = (id: InquiryId, now: number): Problem | undefined =>
  Math.abs(timeOf(id) - now) > freshness ? inquiryRefusal('inquiry-fresh') : undefined;

/** Why the log of a shard takes no new inquiry, or that nobody can say. */
export const logRefusal = async (
  { logStatus, now, settings }: Pick<Exchange, 'logStatus' | 'now' | 'settings'>,
  shard: number,
): Promise<Problem | undefined> => {
  try {
    return checkLog(await logStatus.read(shard), now(), settings.logLimits);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
};

/** Why an inquiry cannot begin now; one that stands in the journal is still answered for. */
export const refusalOfNew = async (
  exchange: Pick<Exchange, 'logStatus' | 'now' | 'settings'>,
  { id, shard }: Address,
): Promise<Problem | undefined> =>
  staleness(id, exchange.now()) ?? (await logRefusal(exchange, shard));
