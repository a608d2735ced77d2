/** Sequencers with one rule taken out: the property must notice each of them. */

import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { finish } from '#shared/audit/sequence/finish.ts';
import type { SequencerPorts } from '#shared/audit/sequence/ports.ts';
import {
  build,
  commit,
  plan,
  type Step,
  sequencer,
  treeOf,
} from '#shared/audit/sequence/sequencer.ts';
import { stage } from '#shared/audit/sequence/stage.ts';
import type { MakeSequencer } from './run.ts';

/** The real sequencer over ports of which some lie. */
const over =
  (lie: (ports: SequencerPorts) => Partial<SequencerPorts>): MakeSequencer =>
  (ports, settings) =>
    sequencer({ ...ports, ...lie(ports) }, settings);

/** Writes the head whatever stands there. */
const withoutCompareAndSwap = over(({ heads }) => ({
  heads: {
    read: heads.read,
    compareAndSwap: async (shard, next) => {
      for (;;) {
        const standing = await heads.read(shard);
        const forced = { ...next, version: (standing?.version ?? 0) + 1 };
        if ((await heads.compareAndSwap(shard, forced)) === 'written') return 'written';
      }
    },
  },
}));

/** Has the tree signed before it is committed. */
const signingFirst = over((ports) => ({
  heads: {
    read: ports.heads.read,
    compareAndSwap: async (shard, next) => {
      const onlySign = {
        ...ports,
        objects: { ...ports.objects, putIfAbsent: async () => 'written' as const },
        publisher: { ...ports.publisher, publish: async () => undefined },
      };
      if (next.size > 0) await finish(onlySign, { shard, size: next.size, root: next.root });
      return ports.heads.compareAndSwap(shard, next);
    },
  },
}));

/** Logs a tombstone that does not stand in the journal. */
const withoutTombstone = over(({ journal }) => ({
  journal: { ...journal, putOutcome: async () => 'written' as const },
}));

/** Goes on from a head without finishing what another one had begun. */
const withoutReplay: MakeSequencer = (ports, settings) => {
  const begin = sequencer(ports, settings);
  return async (): Promise<Step> => {
    const head = await ports.heads.read(settings.shard);
    if (head === undefined || head.size === 0) return begin();
    const made = await plan(ports, settings, head);
    const said = { added: made.leaves.length, late: made.late, more: made.more };
    if (made.leaves.length === 0) {
      const { head: next, won } = await commit(ports, settings, head, made, head);
      return { ...said, head: next, overtaken: !won };
    }
    const batch = await build(ports, settings, head, made, undefined);
    await stage(ports.staging, { ...batch, shard: settings.shard }, batch.files);
    const { head: next, won } = await commit(ports, settings, head, made, batch);
    if (won) await finish(ports, treeOf(settings, next));
    return { ...said, head: next, overtaken: !won };
  };
};

/** Publishes whatever comes, in place of whatever stands. */
const publishingBlindly = over(({ objects, publisher }) => ({
  publisher: {
    published: publisher.published,
    publish: async (shard, checkpoint) => {
      for (;;) {
        const key = checkpointKey(shard);
        const standing = await objects.get(key);
        if ((await objects.replace(key, standing, checkpoint)) === 'written') return;
      }
    },
  },
}));

/** Never looks a second time. */
const withoutSecondLook: MakeSequencer = (ports, settings) =>
  sequencer(ports, {
    ...settings,
    again: [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  });

/** Seals a bucket while ids of it are still accepted. */
const sealingEarly: MakeSequencer = (ports, settings) =>
  sequencer(ports, { ...settings, acceptance: 0 });

/** Fences what may still be answered. */
const fencingEarly: MakeSequencer = (ports, settings) =>
  sequencer(ports, { ...settings, patience: 0 });

export const mutants = {
  'no compare-and-swap': withoutCompareAndSwap,
  'sign before commit': signingFirst,
  'no tombstone': withoutTombstone,
  'no staging replay': withoutReplay,
  'publish without comparing sizes': publishingBlindly,
  'no second look': withoutSecondLook,
  'seal before the last id': sealingEarly,
  'fence before the answer': fencingEarly,
} as const satisfies Readonly<Record<string, MakeSequencer>>;
