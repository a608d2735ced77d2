import type { ExportPart } from '../../audit/export/export-order.ts';
import { toSafe } from '../../audit/tlog/decimal.ts';
import { satisfies } from '../../audit/tlog/policy.ts';
import { type LogAccess, logOrigin } from '../../inquiry/exchange.ts';
import { newestCheckpoint } from '../../inquiry/newest-checkpoint.ts';

/** A tree of one log that a quorum of witnesses has seen: an export says nothing beyond it. */
export type Cut = Pick<ExportPart, 'shard' | 'size' | 'root' | 'checkpoint'>;

export type CutParts = {
  readonly log: Pick<LogAccess, 'objects' | 'policy'>;
  readonly settings: { readonly origin: string };
};

/**
 * Where the logs stand: the newest checkpoint of each that is to be believed, without those that have
 * none yet. Rejects with `store-unavailable` and `signer-unavailable`.
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
      if (newest === undefined || !satisfies(policy, newest.signed)) return [];
      const { checkpoint } = newest.signed;
      const size = toSafe(checkpoint.size) ?? 0;
      return size === 0 ? [] : [{ shard, size, root: checkpoint.root, checkpoint: newest.bytes }];
    }),
  );
  return cuts.flat();
};
