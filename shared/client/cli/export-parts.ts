import type { ExportPart } from '../../audit/export/export-order.ts';
import { parseCheckpoint } from '../../audit/tlog/checkpoint.ts';
import { toSafe } from '../../audit/tlog/decimal.ts';
import { parseNote } from '../../audit/tlog/note.ts';
import type { Policy } from '../../audit/tlog/policy.ts';
import type { ReadPath } from '../verify/log-reader.ts';
import { openByPolicy } from '../verify/open-checkpoint.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';

/** What is wanted of one log; everything by default. */
export type WantedRange = {
  readonly shard?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

const shardOf = (origin: string): number | undefined => {
  const digits = /\/log\/(?<shard>0|[1-9][0-9]{0,3})$/.exec(origin)?.groups?.['shard'];
  return digits === undefined ? undefined : Number(digits);
};

const readCheckpoint = async (what: string, read: ReadPath): Promise<Uint8Array> => {
  const bytes = await read('checkpoint');
  if (bytes !== undefined) return bytes;
  throw new FailedInput('unreadable', `${what}: there is no checkpoint here.`);
};

const openCheckpoint = (what: string, bytes: Uint8Array) => {
  const checkpoint = parseCheckpoint(parseNote(bytes)?.text ?? '');
  const size = checkpoint === undefined ? undefined : toSafe(checkpoint.size);
  if (checkpoint === undefined || size === undefined) {
    throw new FailedInput('malformed', `${what}: its checkpoint is none (C2SP tlog-checkpoint).`);
  }
  return { ...checkpoint, size };
};

const judge = (what: string, bytes: Uint8Array, policy: Policy | undefined): void => {
  if (policy === undefined) return;
  for (const check of openByPolicy(bytes, policy, 'quorum').checks) {
    if (check.result === 'failed') {
      throw new FailedInput(check.failure, `${what}: the checkpoint: ${check.detail}.`);
    }
  }
};

/**
 * The range of a log that is to be exported, as the log's checkpoint is now. With a policy, one that
 * does not satisfy it is refused: the export of it would be as well.
 */
export const exportPartOf = async (
  { what, read }: { readonly what: string; readonly read: ReadPath },
  wanted: WantedRange,
  policy: Policy | undefined,
): Promise<ExportPart> => {
  const checkpoint = await readCheckpoint(what, read);
  const { origin, size, root } = openCheckpoint(what, checkpoint);
  judge(what, checkpoint, policy);
  const own = shardOf(origin);
  const shard = wanted.shard ?? own;
  if (shard === undefined) {
    throw new WrongUsage(`${what}: its origin does not say which log it is: give --shard.`);
  }
  if (own !== undefined && own !== shard) {
    throw new WrongUsage(`${what}: it is log ${own}, and not log ${shard}.`);
  }
  const { from = 0, to = size } = wanted;
  if (from >= to || to > size) {
    throw new WrongUsage(
      `${what}: it has ${size} leaves, and no such range: 0 ≤ from < to ≤ size.`,
    );
  }
  return { shard, from, to, size, root, checkpoint, files: { get: read } };
};
