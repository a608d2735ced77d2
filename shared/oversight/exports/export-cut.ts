import type { ExportPart } from '../../audit/export/export-order.ts';
import { toSafe } from '../../audit/tlog/decimal.ts';
import { satisfies } from '../../audit/tlog/policy.ts';
import { type LogAccess, logOrigin } from '../../inquiry/exchange.ts';
import { newestCheckpoint } from '../../inquiry/newest-checkpoint.ts';
import { Problem } from '../../kernel/problem.ts';

/** A tree of one log that a quorum of witnesses has seen: an export says nothing beyond it. */
export type Cut = Pick<ExportPart, 'shard' | 'size' | 'root' | 'checkpoint'>;

export type CutParts = {
  readonly log: Pick<LogAccess, 'objects' | 'policy'>;
  readonly settings: { readonly origin: string };
};

/** Seconds after which the witnesses may have seen a log again. */
const unseenTime = 60;

/**
 * Where the logs stand: the newest checkpoint of each that is to be believed, without those that have
 * none yet. Throws `witness-quorum-lost` where the one that stands does not satisfy the policy any more: an
 * export without that log would lack all of it. Rejects with `store-unavailable` and `signer-unavailable`.
 */
export const cutLogs = async (
  { log, settings }: CutParts,
  shards: readonly number[],
): Promise<readonly Cut[]> => {
  const policy = await log.policy();
  const cuts = await Promise.all(
    shards.map(async (shard): Promise<readonly Cut[]> => {
      const place = { shard, origin: logOrigin(settings.origin, shard) };
      const newest = await newestCheckpoint(log.objects, policy, place);
      if (newest === 'unsound') throw new Error('A published checkpoint is not signed by its log.');
      if (newest === undefined) return [];
      if (!satisfies(policy, newest.signed)) {
        const said = `The witnesses have not seen log ${shard} as the policy asks.`;
        throw new Problem('witness-quorum-lost', said, { retryAfter: unseenTime });
      }
      const { checkpoint } = newest.signed;
      const size = toSafe(checkpoint.size) ?? 0;
      return size === 0 ? [] : [{ shard, size, root: checkpoint.root, checkpoint: newest.bytes }];
    }),
  );
  return cuts.flat();
};
