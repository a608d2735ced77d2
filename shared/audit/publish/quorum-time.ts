import type { SignedCheckpoint } from '../tlog/checkpoint.ts';
import { isQuorum, type Policy } from '../tlog/policy.ts';

/**
 * When a quorum had seen the tree: the latest time such that those who cosigned at it or after are a
 * quorum. Seconds since 1970; undefined when they are none. With quorum `none` it is undefined too:
 * nobody says when.
 */
export const quorumTime = (
  policy: Policy,
  { cosignedBy }: Pick<SignedCheckpoint, 'cosignedBy'>,
): number | undefined =>
  policy.quorum === 'none'
    ? undefined
    : cosignedBy
        .map(({ time }) => time)
        .toSorted((a, b) => b - a)
        .find((time) =>
          isQuorum(
            policy,
            cosignedBy.filter((one) => one.time >= time).map(({ key }) => key),
          ),
        );
