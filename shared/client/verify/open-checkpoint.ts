import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../../audit/tlog/checkpoint.ts';
import { toSafe } from '../../audit/tlog/decimal.ts';
import { parseNote } from '../../audit/tlog/note.ts';
import { isQuorum, keysOf, type Policy } from '../../audit/tlog/policy.ts';
import { type Check, failed, passed } from './failure.ts';

export type OpenedCheckpoint = {
  readonly checks: readonly Check[];
  /** Undefined when it is not one to go on with. */
  readonly checkpoint: (Checkpoint & { readonly leaves: number }) | undefined;
  /** When the last witness saw it, in seconds since 1970; undefined when none did. */
  readonly seen: number | undefined;
};

const name = 'checkpoint';

const refuse = (check: Check): OpenedCheckpoint => ({
  checks: [check],
  checkpoint: undefined,
  seen: undefined,
});

/**
 * Opens a checkpoint by a policy: `quorum` asks for its log and its witnesses, `log` for its log
 * alone, which is enough for one that was kept from before.
 */
export const openByPolicy = (
  bytes: Uint8Array,
  policy: Policy,
  wanted: 'quorum' | 'log',
): OpenedCheckpoint => {
  const note = parseNote(bytes);
  if (note === undefined || parseCheckpoint(note.text) === undefined) {
    return refuse(
      failed(name, 'malformed', 'It is not a signed checkpoint (C2SP tlog-checkpoint)'),
    );
  }
  const opened = openCheckpoint(bytes, keysOf(policy));
  if (opened === undefined) {
    return refuse(
      failed(name, 'unsigned', 'No log of the policy signed it, or a signature beside it is wrong'),
    );
  }
  const { checkpoint, cosignedBy } = opened;
  const keys = cosignedBy.map(({ key }) => key);
  if (wanted === 'quorum' && !isQuorum(policy, keys)) {
    return refuse(
      failed(
        name,
        'unsigned',
        `The cosignatures of ${keys.length} known witnesses do not make the policy's quorum`,
      ),
    );
  }
  const leaves = toSafe(checkpoint.size);
  if (leaves === undefined) {
    return refuse(failed(name, 'malformed', 'Its size is above 2^53'));
  }
  const by = wanted === 'log' ? '' : `, cosigned by ${keys.length} witnesses as the policy asks`;
  return {
    checks: [passed(name, `size ${leaves}, signed by ${checkpoint.origin}${by}`)],
    checkpoint: { ...checkpoint, leaves },
    seen: cosignedBy.length === 0 ? undefined : Math.max(...cosignedBy.map(({ time }) => time)),
  };
};
