import { type LogSettings, usualTimes } from '#shared/audit/sequence/log-settings.ts';
import { logOrigin } from '#shared/inquiry/exchange.ts';
import type { Env } from '../env.ts';

/** What a function of the log needs from its environment; throws with the name of what is missing. */
export const demand = <Name extends keyof Env>(env: Env, name: Name): NonNullable<Env[Name]> => {
  const missing = (): never => {
    throw new Error(`The environment is not right: ${name} must be set`);
  };
  return env[name] ?? missing();
};

/** The numbers of the logs that this exchange keeps. */
export const shardsOf = ({ JOURNAL_SHARDS }: Pick<Env, 'JOURNAL_SHARDS'>): readonly number[] =>
  Array.from({ length: JOURNAL_SHARDS }, (_, shard) => shard);

/** When a log seals, gives up waiting and looks again; how much it takes at once. */
export type LogTimes = Pick<LogSettings, 'acceptance' | 'patience' | 'again' | 'batch'>;

/** How one log is kept. */
export const logSettingsOf = (
  env: Env,
  shard: number,
  times: LogTimes = usualTimes,
): LogSettings => ({
  shard,
  shards: env.JOURNAL_SHARDS,
  slots: env.JOURNAL_SLOTS,
  origin: logOrigin(env.ESTELAM_ORIGIN, shard),
  mergeDelay: env.MERGE_DELAY_SECONDS,
  ...times,
});
