import { describe, expect, it } from 'vitest';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { buildBatch } from '#shared/audit/sequence/build.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { openCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { satisfies } from '#shared/audit/tlog/policy.ts';
import { emptyEdge, rootOfHashes } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { signCheckpoint, testSigners } from '#tests/support/log-builder.ts';
import { type LogWorld, makeLogWorld } from '#tests/support/log-world.ts';

/** A log of which 250 leaves are published, and ten more wait: a tile ends among them. */
const waiting = async (): Promise<LogWorld> => {
  const world = makeLogWorld();
  await world.drain();
  await world.inquiries(249);
  world.clock.advance(60_000);
  await world.drain();
  await world.inquiries(10);
  world.clock.advance(60_000);
  return world;
};

/** Where a sequencer dies: a call that is never answered. */
const deaths: Readonly<Record<string, (world: LogWorld) => { readonly reached: Promise<void> }>> = {
  'after staging': ({ staging }) => staging.faults.pauseCall('putIfAbsent', 'after'),
  'after the compare-and-swap': ({ heads }) => heads.faults.pauseCall('compareAndSwap', 'after'),
  'half-way through the tiles': ({ objects }) =>
    objects.faults.pauseCall('putIfAbsent', 'after', 3),
  'before it publishes': ({ objects }) => objects.faults.pauseCall('replace', 'before'),
};

describe('sequencers that fail or lie', () => {
  it('two sequencers at once', async () => {
    for (const dies of Object.values(deaths)) {
      const world = await waiting();
      const { reached } = dies(world);
      void world.startSequencer()();
      await reached;
      world.clock.advance(1000);
      await world.drain();
      expect(world.leaves()).toHaveLength(260);
      await world.rest();
      expect(world.check()).toEqual([]);
    }
    const world = await waiting();
    world.heads.faults.breakCall('compareAndSwap', 'unacknowledged');
    await expect(world.startSequencer()()).rejects.toMatchObject({ name: 'store-unavailable' });
    await world.drain();
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('bit flip in a leaf hash', async () => {
    const { tail } = buildBatch(0, { edge: emptyEdge, entries: [] }, [utf8('a\n'), utf8('b\n')]);
    const hashes = tail.edge.levels[0];
    if (hashes !== undefined) hashes[7] = (hashes[7] ?? 0) ^ 1;
    expect(() => buildBatch(0, tail, [utf8('c\n')])).toThrow('hash-differs');

    const world = await waiting();
    const key = logKey(0, 'tile/0/000.p/250');
    const bytes = world.objects.peek(key) ?? new Uint8Array();
    bytes[32 * 9] = (bytes[32 * 9] ?? 0) ^ 1;
    world.objects.overwrite(key, bytes);
    await expect(world.startSequencer()()).rejects.toMatchObject({ reason: 'edge-damaged' });
    expect(world.published()?.size).toBe(250);
  });

  it('sequencer code compromised', async () => {
    const world = await waiting();
    const { signer } = world.ports;
    // It asks for other trees: of one leaf more with the past rewritten, smaller, or the same size.
    for (const size of [100, 250, 251]) {
      const root = rootOfHashes(
        Array.from({ length: size }, (_, n) => leafHash(utf8(`fake ${n}`))),
      );
      for (const oldSize of [0, 250]) {
        const answer = await signer({ shard: 0, oldSize, size, root, proof: [] });
        expect(answer.kind).not.toBe('signed');
      }
    }
    expect(world.trees.filter(({ by, size }) => by.startsWith('signed') && size > 250)).toEqual([]);
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('log key stolen', async () => {
    const world = await waiting();
    await world.startWitnessing()();
    const thief = { log: testSigners().log, witnesses: [] };
    const root = rootOfHashes([leafHash(utf8('a history that never was'))]);
    const forged = await signCheckpoint({ size: 300n, root }, { signers: thief });
    // It holds under the key, and convinces nobody whose policy asks for the witnesses.
    const keys = {
      log: [world.logKeyOf(0).verifier],
      witnesses: world.witnesses.map(({ key }) => key.verifier),
    };
    const opened = openCheckpoint(forged, keys);
    expect(opened?.checkpoint.size).toBe(300n);
    expect(opened !== undefined && satisfies(world.policyOf(), opened)).toBe(false);
    // No witness cosigns it, and the log itself does not go on beside it.
    const [w0] = world.witnesses;
    const answer = await w0?.answer(utf8(`old 0\n\n${Buffer.from(forged).toString('utf8')}`));
    expect(answer?.status).toBe(409);
    world.objects.overwrite(checkpointKey(0), forged);
    await expect(world.startSequencer()()).rejects.toMatchObject({ reason: 'head-behind' });
    expect(Buffer.from(world.cosigned() ?? []).toString()).toContain('\n250\n');
  });
});
