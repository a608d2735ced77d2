import type { Checkpoint } from '../../audit/tlog/checkpoint.ts';
import type { Hash } from '../../audit/tlog/hash.ts';
import type { Policy } from '../../audit/tlog/policy.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { type Check, failed, passed, skipped } from './failure.ts';
import { openByPolicy } from './open-checkpoint.ts';

/** An earlier checkpoint that the log must have grown from. */
export type Previous = {
  readonly name: string;
  readonly size: number;
  readonly root: Hash;
};

/** Opens an earlier checkpoint: the log's own signature is what binds it, so no quorum is asked. */
export const openPrevious = (
  name: string,
  bytes: Uint8Array,
  { policy, current }: { readonly policy: Policy; readonly current: Checkpoint },
): Previous | Check => {
  const { checks, checkpoint } = openByPolicy(bytes, policy, 'log');
  if (checkpoint === undefined) {
    const [first] = checks;
    return first === undefined
      ? failed(name, 'malformed', 'It is none')
      : { ...first, check: name };
  }
  const { origin, leaves: size, root } = checkpoint;
  if (origin !== current.origin) {
    return failed(name, 'malformed', 'It is of another log than this one');
  }
  if (checkpoint.size > current.size) {
    return failed(
      name,
      'fork',
      `The log once had ${size} leaves and has ${current.size} now: leaves were removed`,
    );
  }
  if (checkpoint.size === current.size && !equalBytes(root, current.root)) {
    return failed(name, 'fork', `The log signed two different trees of ${size} leaves`);
  }
  return { name, size, root };
};

/**
 * Whether the log, at that size, had the root that was signed then; `roots` are of the very tree that
 * its checkpoint signs, or undefined when that tree was not to be had: then it convicts nobody.
 */
export const checkPrevious = (
  { name, size, root }: Previous,
  roots: ReadonlyMap<number, Hash> | undefined,
): Check => {
  if (roots === undefined) {
    return skipped(name, 'what is here is not the tree that the checkpoint signs');
  }
  const computed = roots.get(size);
  if (computed !== undefined && equalBytes(computed, root)) {
    return passed(name, `the log has only grown since size ${size}`);
  }
  return failed(
    name,
    'fork',
    `The first ${size} leaves are not those of the earlier checkpoint: the log signed two histories`,
  );
};
