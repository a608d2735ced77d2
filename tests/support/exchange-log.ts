/** The log of a test's exchange: the real sequencer, signer and witnesses over memory twins. */
import { bucketOf } from '#shared/audit/address.ts';
import { feedIndex } from '#shared/audit/feed-index.ts';
import type { Head } from '#shared/audit/log-head.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { type MemoryLogHead, memoryLogHead } from '#shared/audit/memory-log-head.ts';
import { type MemoryLogIndex, memoryLogIndex } from '#shared/audit/memory-log-index.ts';
import { type MemoryObjectStore, memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { witnessLog } from '#shared/audit/publish/ask-witnesses.ts';
import { objectPublisher } from '#shared/audit/publish/publish-checkpoint.ts';
import { logFiles, readBundle } from '#shared/audit/sequence/log-files.ts';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';
import { sequencer } from '#shared/audit/sequence/sequencer.ts';
import { checkpointSigner } from '#shared/audit/sign-checkpoint.ts';
import type { Policy } from '#shared/audit/tlog/policy.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { addCheckpoint } from '#shared/audit/witness.ts';
import { type ExchangeSettings, type LogAccess, logOrigin } from '#shared/inquiry/exchange.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { noteKey } from './log-keys.ts';

export type TestLog = {
  readonly access: LogAccess;
  readonly objects: MemoryObjectStore;
  readonly index: MemoryLogIndex;
  readonly heads: MemoryLogHead;
  /** Two witnesses, both of them wanted. */
  readonly policy: Policy;
  /** Lets so much time go by that everything in the journal is sealed, and sequences it. */
  readonly sequence: () => Promise<Head>;
  /** Sequences what can be sequenced now, in as many steps as it takes. */
  readonly steps: () => Promise<Head>;
  /** Asks the witnesses for what is published. */
  readonly witness: () => Promise<void>;
  /** Puts into the index where everything is that is published. */
  readonly feedIndex: () => Promise<void>;
  readonly leaves: () => Promise<readonly Uint8Array[]>;
};

const witnessNames = ['witness.example/a', 'witness.example/b'];

const policyOf = (origin: string): Policy => {
  const witnesses = witnessNames.map((name) => noteKey(name, 'cosignature').verifier);
  return {
    logs: [{ key: noteKey(origin, 'ed25519').verifier, url: `https://${origin}` }],
    witnesses: witnesses.map((key, n) => ({ name: `w${n}`, key, url: `https://${key.name}` })),
    groups: [{ name: 'both', threshold: 2, members: ['w0', 'w1'] }],
    quorum: 'both',
  };
};

type Clocked = { readonly now: Clock; readonly advance: (milliseconds: number) => void };

export const makeTestLog = ({
  settings: { origin: url, layout, mergeDelay },
  journal,
  clock,
}: {
  readonly settings: ExchangeSettings;
  readonly journal: JournalStore;
  readonly clock: Clocked;
}): TestLog => {
  const origin = logOrigin(url, 0);
  const [objects, staging] = [memoryObjectStore(), memoryObjectStore()];
  const heads = memoryLogHead();
  const index = memoryLogIndex();
  const log = noteKey(origin, 'ed25519');
  const policy = policyOf(origin);
  const { shards, slots } = layout;
  const { now } = clock;
  const step = sequencer(
    {
      heads: heads.store,
      journal,
      objects: objects.store,
      staging: staging.store,
      signer: checkpointSigner({ signerOf: async () => log, latest: memoryLatestTree().store }),
      publisher: objectPublisher(objects.store),
      now,
    },
    { shard: 0, shards, slots, origin, mergeDelay, ...usualTimes },
  );
  const signers = new Map(
    policy.witnesses.map(({ key, url: address = '' }) => [
      address,
      addCheckpoint({
        logs: [log.verifier],
        latest: memoryLatestTree().store,
        signer: noteKey(key.name, 'cosignature'),
        now,
      }),
    ]),
  );
  const askWitnesses = witnessLog(
    {
      objects: objects.store,
      policy,
      client: async (address, body) => {
        const answer = await signers.get(address)?.(body);
        if (answer === undefined) throw new Error('There is no such witness.');
        return answer;
      },
      now,
      refresh: 0,
    },
    0,
  );
  const steps = async (): Promise<Head> => {
    for (;;) {
      const { head, more, added } = await step();
      if (!more && added === 0) return head;
    }
  };
  const leaves = async (): Promise<readonly Uint8Array[]> => {
    const size = heads.dump().get(0)?.size ?? 0;
    const files = logFiles(objects.store, 0);
    const bundles = Array.from({ length: Math.ceil(size / tileWidth) }, (_, n) =>
      readBundle(files, n, Math.min(tileWidth, size - n * tileWidth)),
    );
    return (await Promise.all(bundles)).flat();
  };
  const feed = feedIndex({ objects: objects.store, index: index.store, layout }, 0);
  return {
    access: { objects: objects.store, index: index.store, policy: async () => policy },
    objects,
    index,
    heads,
    policy,
    steps,
    sequence: async () => {
      clock.advance(120_000);
      const head = await steps();
      if (head.bucket <= bucketOf(now() - 60_000)) throw new Error('The log stands still.');
      return head;
    },
    witness: async () => {
      await askWitnesses();
    },
    feedIndex: async () => {
      while ((await feed()).more);
    },
    leaves,
  };
};
