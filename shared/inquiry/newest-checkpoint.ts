import { checkpointKey, cosignedKey } from '../audit/publish/publish-checkpoint.ts';
import { openCheckpoint, type SignedCheckpoint } from '../audit/tlog/checkpoint.ts';
import { keysOf, type Policy } from '../audit/tlog/policy.ts';
import type { LogAccess } from './exchange.ts';

/** A checkpoint that the log's own key has signed. */
export type NewestCheckpoint = {
  /** As a signed note, verbatim. */
  readonly bytes: Uint8Array;
  readonly signed: SignedCheckpoint;
};

/** Where the newest checkpoint is that somebody with this policy believes. */
const keyOf = ({ quorum }: Policy, shard: number): string =>
  quorum === 'none' ? checkpointKey(shard) : cosignedKey(shard);

/**
 * The newest checkpoint of a shard's log that a quorum of its witnesses has seen, or any where none
 * is asked for; undefined before the first. `unsound` when what stands there was not signed by the
 * log `origin`. Whether the cosignatures still satisfy the policy is not judged.
 */
export const newestCheckpoint = async (
  objects: LogAccess['objects'],
  policy: Policy,
  { shard, origin }: { readonly shard: number; readonly origin: string },
): Promise<NewestCheckpoint | 'unsound' | undefined> => {
  const bytes = await objects.get(keyOf(policy, shard));
  if (bytes === undefined) return undefined;
  const signed = openCheckpoint(bytes, keysOf(policy));
  return signed?.checkpoint.origin === origin ? { bytes, signed } : 'unsound';
};
