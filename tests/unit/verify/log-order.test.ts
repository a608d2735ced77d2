import { describe, expect, it } from 'vitest';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { logOrder } from '#shared/client/verify/log-order.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { testOrigin } from '#tests/support/log-builder.ts';
import { configLeaf, lateLeaf, registryLeaf } from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';
import { cast } from './sample-log.ts';

/** Any entry will do: only its id and its hash count here. */
const entryAt = (after: number): Uint8Array => registryLeaf(cast.counter, testNow + after);

const idOf = (data: Uint8Array): string => {
  const { leaf } = readLeaf(data);
  return leaf?.kind === 'registry' ? leaf.id : '';
};

const lateFor = (data: Uint8Array): Uint8Array => lateLeaf(idOf(data), data, testNow + 1_200_000);

const judge = (leaves: readonly (Uint8Array | 'unread')[], origin = testOrigin) => {
  const faults: string[] = [];
  const order = logOrder(origin, ({ fault, index }) => faults.push(`${fault}@${index}`));
  leaves.forEach((data, index) => {
    const leaf = data === 'unread' ? undefined : readLeaf(data).leaf;
    const hash = data === 'unread' ? new Uint8Array(32) : leafHash(data);
    if (leaf?.kind === 'registry') order.take({ kind: 'entry', index, hash, id: leaf.id });
    else if (leaf?.kind === 'config' || leaf?.kind === 'late') order.take({ ...leaf, index, hash });
    else order.take({ kind: 'unread', index, hash });
  });
  order.end();
  return { faults, late: order.late() };
};

const [a, b, c] = [entryAt(0), entryAt(10_000), entryAt(50_000)];

describe('logOrder', () => {
  it('takes entries that go on, and several of one bucket in any order', () => {
    const leaves = [configLeaf(), entryAt(5000), entryAt(1000), a, b, configLeaf(), c];
    expect(judge(leaves)).toEqual({ faults: [], late: 0 });
  });

  it('wants the settings first', () => {
    expect(judge([a, b]).faults).toEqual(['config-not-first@0']);
    expect(judge(['unread', a]).faults).toEqual(['config-not-first@0']);
  });

  it('refuses the settings of another log', () => {
    expect(judge([configLeaf({ origin: 'other.example/log/0' })]).faults).toEqual([
      'config-of-another@0',
    ]);
    expect(judge([configLeaf({ shard: 1, shards: 2 })]).faults).toEqual(['config-of-another@0']);
  });

  it('finds an entry that goes back', () => {
    expect(judge([configLeaf(), b, a, c]).faults).toEqual(['goes-back@2']);
    expect(judge([configLeaf(), b, a]).faults).toEqual(['goes-back@2']);
    expect(judge([configLeaf(), b, a, 'unread']).faults).toEqual(['goes-back@2']);
  });

  it('takes one that goes back and is followed by its late leaf', () => {
    expect(judge([configLeaf(), c, a, lateFor(a), b, lateFor(b)])).toEqual({ faults: [], late: 2 });
  });

  it('takes a late leaf behind an entry of the present bucket: its slot was done', () => {
    expect(judge([configLeaf(), a, lateFor(a)])).toEqual({ faults: [], late: 1 });
  });

  it('refuses a late leaf that names another entry, or another hash, or comes too late itself', () => {
    expect(judge([configLeaf(), c, a, lateFor(b)]).faults).toEqual([
      'goes-back@2',
      'late-without-entry@3',
    ]);
    expect(judge([configLeaf(), c, a, lateLeaf(idOf(a), b, testNow)]).faults).toEqual([
      'goes-back@2',
      'late-without-entry@3',
    ]);
    expect(judge([configLeaf(), c, a, c, lateFor(a)]).faults).toContain('late-without-entry@4');
    expect(judge([configLeaf(), lateFor(a)]).faults).toEqual(['late-without-entry@1']);
    expect(judge([configLeaf(), a, lateFor(a), lateFor(a)]).faults).toEqual([
      'late-without-entry@3',
    ]);
  });

  it('finds an id that stands twice among neighbours, and among late ones', () => {
    expect(judge([configLeaf(), a, b, b, c]).faults).toEqual(['id-twice@3']);
    expect(judge([configLeaf(), a, b, a, lateFor(a)]).faults).toEqual(['id-twice@3']);
    expect(judge([configLeaf(), c, a, lateFor(a), a, lateFor(a)]).faults).toEqual(['id-twice@4']);
  });
});
