import { type Policy, PolicyInvalid, parsePolicy } from '#shared/audit/tlog/policy.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import type { Env } from '../env.ts';
import { loadLogKeys } from './log-keys.ts';

/** The witnesses as they are configured; throws an Error that names the variable and the line. */
const readWitnesses = (env: Env): Policy => {
  const parse = (): Policy => {
    try {
      return parsePolicy(utf8(env.LOG_WITNESS_POLICY));
    } catch (cause) {
      const reason = cause instanceof PolicyInvalid ? cause.message : 'It cannot be read.';
      throw new Error(`The environment is not right: LOG_WITNESS_POLICY: ${reason}`, { cause });
    }
  };
  const policy = parse();
  if (policy.logs.length === 0) return policy;
  throw new Error('The environment is not right: LOG_WITNESS_POLICY must not name a log');
};

/**
 * Whom to believe about the logs of this exchange (C2SP tlog-policy): its own keys with the URL of
 * each log, and the configured witnesses. Rejects as {@link loadLogKeys} does.
 */
export const loadPolicy = async (env: Env): Promise<Policy> => {
  const witnesses = readWitnesses(env);
  const { origin } = new URL(env.ESTELAM_ORIGIN);
  const keys = await loadLogKeys(env);
  return {
    ...witnesses,
    logs: keys.map((key, shard) => ({ key, url: `${origin}/log/${shard}` })),
  };
};
