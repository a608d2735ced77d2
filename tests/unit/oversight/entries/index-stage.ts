/** An index of the inquiries of a journal, fed as far as a test wants, and what reads of both stand on. */
import { bucketLength } from '#shared/audit/address.ts';
import { type EntryFacts, factsOfLeaf } from '#shared/audit/index/entry-facts.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import {
  type MemorySegmentSource,
  memorySegmentSource,
} from '#shared/audit/index/segment-source.ts';
import { leafData } from '#shared/audit/leaf.ts';
import type { MemoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { memoryLogIndex } from '#shared/audit/memory-log-index.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import type { ListingParts } from '#shared/oversight/entries/list-entries.ts';
import {
  type MemoryIndexMarks,
  memoryIndexMarks,
} from '#shared/oversight/feeding/memory-index-marks.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { testNow } from '#tests/support/messages.ts';
import { fill } from '../../audit/index/sample-facts.ts';
import { testSettings } from '../../inquiry/journal-stage.ts';

const { layout } = testSettings;

/** What the index knows of an entry and its leaf does not say. */
export type Told = (facts: EntryFacts) => Partial<EntryFacts>;

/** The facts of all inquiries of a journal, in the order of the log, `stride` leaves apart. */
const factsIn = (
  { dump }: Pick<MemoryJournalStore, 'dump'>,
  shard: number,
  stride: number,
  told: Told,
): readonly EntryFacts[] =>
  dump()
    .filter(
      ({ address, intent, outcome }) =>
        address.shard === shard && intent !== undefined && outcome !== undefined,
    )
    .toSorted(({ address: a }, { address: b }) => {
      const order = a.bucket - b.bucket || a.slot - b.slot;
      return order === 0 ? (a.id < b.id ? -1 : 1) : order;
    })
    .map(({ intent, outcome }, n) => {
      const texts = [intent, outcome].map((row) => unpackRecord(row?.record ?? new Uint8Array()));
      const leaf = leafData(texts[0] ?? '', texts[1] ?? '');
      const facts = factsOfLeaf(leaf, { shard, index: n * stride });
      if (facts === undefined) throw new Error('This is no inquiry.');
      return { ...facts, ...told(facts) };
    });

export type IndexStage = {
  readonly source: MemorySegmentSource;
  readonly marks: MemoryIndexMarks;
  /** Feeds the first `count` entries of a log, and moves its mark. */
  readonly feed: (count: number, shard?: number) => Promise<void>;
  readonly parts: Omit<ListingParts, 'directory'>;
};

export const indexStage = (
  journal: MemoryJournalStore,
  {
    stride = 1,
    told = () => ({}),
    now = () => testNow,
  }: { readonly stride?: number; readonly told?: Told; readonly now?: () => number } = {},
): IndexStage => {
  const [source, marks] = [memorySegmentSource(), memoryIndexMarks()];
  const feed = async (count: number, shard = 0): Promise<void> => {
    const facts = factsIn(journal, shard, stride, told).slice(0, count);
    const size = count * stride;
    fill(source, facts, { shard, size });
    const last = facts.at(-1)?.t ?? 0;
    const until = Math.floor(last / bucketLength) * bucketLength;
    await marks.store.swap(shard, marks.peek(shard), { size, until });
  };
  return {
    source,
    marks,
    feed,
    parts: {
      index: openedIndex(source.source, { segments: 4, summaries: 2 }, now),
      marks: marks.store,
      shards: layout.shards,
      objects: memoryObjectStore().store,
      places: memoryLogIndex().store,
      journal: journal.store,
      settings: testSettings,
      vaulted: () => ({}),
      cursorKey: sha256('cursor key'),
      random: countedRandom(),
      now,
    },
  };
};
