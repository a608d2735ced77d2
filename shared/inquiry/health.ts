import { toRfc3339 } from '../kernel/instant-text.ts';
import { type Exchange, logOrigin } from './exchange.ts';
import { checkLog, type LogStatus } from './log-status.ts';

/** How one log stands; times in ISO 8601, UTC. */
export type LogHealth = {
  readonly origin: string;
  readonly sequencedUntil: string;
  /** `never` only where it is no reason to refuse; `not-wanted` where no quorum is asked for. */
  readonly witnessedAt: string;
};

export type Health = {
  readonly status: 'ok';
  readonly registry: number;
  readonly logs: readonly LogHealth[];
};

const isoTime = (time: LogStatus['sequencedUntil' | 'witnessedAt']): string =>
  typeof time === 'number' ? toRfc3339(time) : time;

const logHealth = async (
  { logStatus, now, settings }: Exchange,
  shard: number,
): Promise<LogHealth> => {
  const status = await logStatus.read(shard);
  const refusal = checkLog(status, now(), settings.logLimits);
  if (refusal !== undefined) throw refusal;
  return {
    origin: logOrigin(settings.origin, shard),
    sequencedUntil: isoTime(status.sequencedUntil),
    witnessedAt: isoTime(status.witnessedAt),
  };
};

/**
 * Whether the exchange can read its registry, sign, and take new inquiries into its logs; rejects
 * with the problem that says why not.
 */
export const checkHealth = async (exchange: Exchange): Promise<Health> => {
  const { directory, signer, settings } = exchange;
  const shards = Array.from({ length: settings.layout.shards }, (_, shard) => shard);
  const [registry, logs] = await Promise.all([
    directory.version(),
    Promise.all(shards.map((shard) => logHealth(exchange, shard))),
    signer(),
  ]);
  return { status: 'ok', registry, logs };
};
