import { describe, expect, it } from 'vitest';
import { quorumTime } from '#shared/audit/publish/quorum-time.ts';
import type { Policy } from '#shared/audit/tlog/policy.ts';
import { noteKey } from '#tests/support/log-keys.ts';

const names = ['a', 'b', 'c'];
const keys = names.map((name) => noteKey(name, 'cosignature').verifier);

const policy = (threshold: number, quorum = 'enough'): Policy => ({
  logs: [],
  witnesses: keys.map((key, n) => ({ name: names[n] ?? '', key, url: undefined })),
  groups: [{ name: 'enough', threshold, members: names }],
  quorum,
});

/** Cosigned at these times, one for each key; 0 for a key that did not. */
const at = (...times: readonly number[]) => ({
  cosignedBy: keys.flatMap((key, n) => {
    const time = times[n] ?? 0;
    return time === 0 ? [] : [{ key, time }];
  }),
});

describe('when a quorum had seen a tree', () => {
  it.each([
    [1, [30, 10, 20], 30],
    [2, [30, 10, 20], 20],
    [3, [30, 10, 20], 10],
    [2, [7, 7, 7], 7],
    [2, [0, 5, 9], 5],
  ])('%i of three, at %j: %i', (threshold, times, expected) => {
    expect(quorumTime(policy(threshold), at(...times))).toBe(expected);
  });

  it('is unknown without a quorum, and where none is asked for', () => {
    expect(quorumTime(policy(2), at(5))).toBeUndefined();
    expect(quorumTime(policy(1), at())).toBeUndefined();
    expect(quorumTime(policy(1, 'none'), at(5, 6, 7))).toBeUndefined();
  });

  it('is that of a witness who is the quorum alone', () => {
    expect(quorumTime(policy(3, 'b'), at(30, 10, 20))).toBe(10);
  });
});
