import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { memoryLogHead } from '#shared/audit/memory-log-head.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { objectPublisher } from '#shared/audit/publish/publish-checkpoint.ts';
import type { SequencerPorts } from '#shared/audit/sequence/ports.ts';
import { sequencer } from '#shared/audit/sequence/sequencer.ts';
import { checkpointSigner } from '#shared/audit/sign-checkpoint.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { sampleSettings } from './log-journal.ts';

/** A log that grows step by step; its clock stands where it is set. */
export type BenchLog = {
  readonly setClock: (time: number) => void;
  /** Steps until nothing more is to be done; the leaves that came. */
  readonly run: () => Promise<number>;
};

type Stores = Omit<SequencerPorts, 'now' | 'signer' | 'publisher'> & {
  readonly latest: Parameters<typeof checkpointSigner>[0]['latest'];
};

/** A sequencer over these stores, with its signer in this very process. */
export const benchLog = ({ latest, ...stores }: Stores): BenchLog => {
  let time = 0;
  const key = noteKey(sampleSettings.origin, 'ed25519');
  const step = sequencer(
    {
      ...stores,
      signer: checkpointSigner({ signerOf: async () => key, latest }),
      publisher: objectPublisher(stores.objects),
      now: () => time,
    },
    sampleSettings,
  );
  return {
    setClock: (set) => {
      time = set;
    },
    run: async () => {
      let added = 0;
      for (;;) {
        const done = await step();
        added += done.added;
        if (!done.more && done.added === 0) return added;
      }
    },
  };
};

/** A new log in memory over a journal that stands. */
export const memoryLog = (journal: JournalStore): BenchLog =>
  benchLog({
    journal,
    heads: memoryLogHead().store,
    objects: memoryObjectStore().store,
    staging: memoryObjectStore().store,
    latest: memoryLatestTree().store,
  });
