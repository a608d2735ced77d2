import { describe, expect, it } from 'vitest';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { checkpointSigner } from '#shared/audit/sign-checkpoint.ts';
import { openCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { rootOfHashes } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { consistencyOf, leavesOf } from '#tests/support/test-log.ts';

const log = noteKey('exchange.example/log/0', 'ed25519');

const signing = (signer = log) => {
  const latest = memoryLatestTree();
  const sign = checkpointSigner({ signerOf: async () => signer, latest: latest.store });
  const ask = (old: number, size: number, branch = '', forkedAt = 0) => {
    const leaves = leavesOf(size, branch, forkedAt);
    const root = rootOfHashes(leaves.map((leaf) => leafHash(utf8(leaf))));
    return sign({ shard: 0, oldSize: old, size, root, proof: consistencyOf(old, leaves) });
  };
  return { ask, latest, size: () => latest.dump().get(log.verifier.name)?.size };
};

describe('the signer of a log', () => {
  it('signs the first tree, and then what grows from it', async () => {
    const { ask, size } = signing();
    for (const [old, next] of [
      [0, 3],
      [3, 300],
    ] as const) {
      const answer = await ask(old, next);
      const bytes = answer.kind === 'signed' ? answer.checkpoint : new Uint8Array();
      const opened = openCheckpoint(bytes, { log: [log.verifier], witnesses: [] });
      expect(opened?.checkpoint.size).toBe(BigInt(next));
    }
    expect(size()).toBe(300n);
  });

  it('signs the same tree again with the same bytes', async () => {
    const { ask } = signing();
    expect(await ask(3, 3)).toEqual({ kind: 'conflict', size: 0 });
    const first = await ask(0, 3);
    expect(await ask(3, 3)).toEqual(first);
  });

  it('says where it stands when it is asked from elsewhere, before and past the tree', async () => {
    const { ask } = signing();
    await ask(0, 5);
    expect(await ask(0, 8)).toEqual({ kind: 'conflict', size: 5 });
    expect(await ask(3, 4)).toEqual({ kind: 'conflict', size: 5 });
  });

  it('refuses a fork, of the same size and of a larger one, and stays where it is', async () => {
    const { ask, size } = signing();
    await ask(0, 5);
    expect(await ask(5, 5, ' forked')).toEqual({ kind: 'refused' });
    expect(await ask(5, 9, ' forked', 2)).toEqual({ kind: 'refused' });
    expect(await ask(5, 4)).toEqual({ kind: 'refused' });
    expect(size()).toBe(5n);
  });

  it('lets no signature out that does not hold', async () => {
    const { ask } = signing({ ...log, sign: async () => new Uint8Array(64) });
    await expect(ask(0, 3)).rejects.toMatchObject({ name: 'signer-unavailable' });
  });

  it('has a tree on record before it signs it', async () => {
    const seen: (bigint | undefined)[] = [];
    const { ask, size } = signing({
      ...log,
      sign: (message) => {
        seen.push(size());
        return log.sign(message);
      },
    });
    await ask(0, 3);
    expect(seen).toEqual([3n]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const satisfies readonly Fault[])(
    'signs nothing when its record is %s, and goes on from there',
    async (fault) => {
      const { ask, latest } = signing();
      await ask(0, 3);
      latest.faults.breakCall('compareAndSwap', fault);
      await expect(ask(3, 7)).rejects.toMatchObject({ name: 'store-unavailable' });
      const again = await ask(3, 7);
      const ended = again.kind === 'conflict' ? await ask(again.size, 7) : again;
      expect(ended.kind).toBe('signed');
    },
  );
});
