import { bucketLength } from '../audit/address.ts';
import type { LogHead } from '../audit/log-head.ts';
import { quorumTime } from '../audit/publish/quorum-time.ts';
import { type LogAccess, logOrigin } from './exchange.ts';
import type { LogStatus, LogStatusReader } from './log-status.ts';
import { newestCheckpoint } from './newest-checkpoint.ts';

type Ports = {
  readonly heads: Pick<LogHead, 'read'>;
  readonly log: Pick<LogAccess, 'objects' | 'policy'>;
  /** The exchange's origin. */
  readonly origin: string;
};

const witnessedAt = async (
  { log, origin }: Ports,
  shard: number,
): Promise<LogStatus['witnessedAt']> => {
  const policy = await log.policy();
  if (policy.quorum === 'none') return 'not-wanted';
  const place = { shard, origin: logOrigin(origin, shard) };
  const newest = await newestCheckpoint(log.objects, policy, place);
  // What the log did not sign says nothing of its witnesses.
  if (newest === undefined || newest === 'unsound') return 'never';
  const seconds = quorumTime(policy, newest.signed);
  return seconds === undefined ? 'never' : seconds * 1000;
};

/** The status of a log from where it stands: its head, and what its witnesses signed. */
export const logStatusReader = (ports: Ports): LogStatusReader => ({
  read: async (shard) => {
    const [head, witnessed] = await Promise.all([
      ports.heads.read(shard),
      witnessedAt(ports, shard),
    ]);
    return {
      sequencedUntil: head === undefined ? 'never' : head.bucket * bucketLength,
      witnessedAt: witnessed,
    };
  },
});
