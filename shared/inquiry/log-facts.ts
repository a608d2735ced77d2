import type { PolicyWitness } from '../audit/tlog/policy.ts';
import { formatVerifierKey } from '../audit/tlog/verifier-key.ts';
import { type Exchange, logOrigin } from './exchange.ts';

const witnessFacts = ({ name, key, url }: PolicyWitness) => ({
  name,
  vkey: formatVerifierKey(key),
  ...(url !== undefined && { url }),
});

/** What a caller must know of the logs; as suggestions, for keys are to be had from elsewhere. */
export const logFacts = async ({
  settings: { origin, layout, logEntries, logLimits },
  log,
}: Pick<Exchange, 'settings' | 'log'>) => {
  const { logs, witnesses, quorum } = await log.policy();
  const vkeys = new Map(logs.map(({ key }) => [key.name, formatVerifierKey(key)]));
  const shards = Array.from({ length: layout.shards }, (_, shard) => ({
    origin: logOrigin(origin, shard),
    url: `${origin}/log/${shard}`,
    vkey: vkeys.get(logOrigin(origin, shard)),
  }));
  return {
    shards,
    witnesses: witnesses.map(witnessFacts),
    quorum,
    policy: `${origin}/.well-known/tlog-policy`,
    entries: logEntries,
    limits: { sequencing: logLimits.sequencing, witness: logLimits.witness },
  };
};
