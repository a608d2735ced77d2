import { bucketOf } from '../../audit/address.ts';
import { toBase64Url } from '../../kernel/bytes.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import type { Finding } from './findings.ts';
import type { ConfigLeaf, LateLeaf } from './read-leaf.ts';

/** A leaf as far as its place matters. */
export type Placed = { readonly index: number; readonly hash: Uint8Array } & (
  | { readonly kind: 'entry'; readonly id: string }
  | ConfigLeaf
  | LateLeaf
  | { readonly kind: 'unread' }
);

export type LogOrder = {
  /** Takes the next leaf. */
  readonly take: (leaf: Placed) => void;
  /** Says that there is no further one. */
  readonly end: () => void;
  /** The latest bucket so far; -1 before the first entry. */
  readonly bucket: () => number;
  /** How many entries came late. */
  readonly late: () => number;
};

/** Buckets whose ids are remembered; in a log in order, the same id can only lie in the same one. */
const bucketsKept = 3;

/** Ids of late entries that are remembered. */
const maxLate = 100_000;

type Waiting = { readonly index: number; readonly id: string; readonly hash: Uint8Array };

/** The exchange whose log an origin names; undefined when it does not say so. */
export const exchangeOf = (origin: string): string | undefined =>
  /^(.+)\/log\/[0-9]+$/.exec(origin)?.[1];

/** Which log of its exchange an origin names; -1 when it does not say so. */
export const shardOf = (origin: string): number =>
  Number(/\/log\/([0-9]+)$/.exec(origin)?.[1] ?? -1);

/**
 * Judges the order of a log, leaf by leaf, in constant memory: a `config` leaf first; entries by the
 * bucket of their id, never going back but for one that came late, which a `late` leaf follows; no id
 * twice. Slots are keyed and cannot be known, so the order inside a bucket is not judged; nor is
 * whether an id that came late stands somewhere far before. Where leaves are left out, as in a filtered
 * export, a notice whose entry is not shown is believed.
 */
export const logOrder = (origin: string, found: (finding: Finding) => void): LogOrder => {
  let bucket = -1;
  let lateEntries = 0;
  /** The index of the leaf before: of one that is not shown nothing is known. */
  let last = -1;
  let before: (Waiting & { readonly isBehind: boolean }) | undefined;
  const recent = new Map<number, Set<string>>();
  const late = new Set<string>();

  const fault = (index: number, code: string, detail: string): void =>
    found({ failure: 'order', fault: code, index, detail });

  const remember = (index: number, id: string, own: number): void => {
    const ids = recent.get(own) ?? new Set();
    if (ids.has(id) || late.has(id)) fault(index, 'id-twice', 'An entry of this id stands before.');
    if (own <= bucket - bucketsKept) {
      if (late.size < maxLate) late.add(id);
      return;
    }
    recent.set(own, ids.add(id));
  };

  const advance = (to: number): void => {
    if (to <= bucket) return;
    bucket = to;
    for (const known of recent.keys()) if (known <= bucket - bucketsKept) recent.delete(known);
  };

  /** The leaf before lies behind its predecessors, and it is settled that no `late` leaf says so. */
  const settle = (): void => {
    if (before?.isBehind === true) {
      fault(before.index, 'goes-back', 'It lies behind later entries and is not marked late.');
    }
    before = undefined;
  };

  const takeEntry = (index: number, id: string, hash: Uint8Array): void => {
    settle();
    const parsed = InquiryId.safeParse(id).data;
    if (parsed === undefined) return;
    const own = bucketOf(timeOf(parsed));
    before = { index, id, hash, isBehind: own < bucket };
    advance(own);
    remember(index, id, own);
  };

  const takeLate = (index: number, { event }: LateLeaf): void => {
    const marks = before?.id === event.id && event.leaf === toBase64Url(before.hash);
    const isShown = index === last + 1;
    if (!marks) settle();
    if (marks || !isShown) lateEntries += 1;
    else fault(index, 'late-without-entry', 'It names another entry than the one before it.');
    before = undefined;
  };

  const takeConfig = (index: number, { event }: ConfigLeaf): void => {
    settle();
    if (event.origin !== origin || event.shard !== shardOf(origin)) {
      fault(index, 'config-of-another', 'The settings are those of another log.');
    }
  };

  const takeLeaf = (leaf: Placed): void => {
    switch (leaf.kind) {
      case 'entry':
        return takeEntry(leaf.index, leaf.id, leaf.hash);
      case 'late':
        return takeLate(leaf.index, leaf);
      case 'config':
        return takeConfig(leaf.index, leaf);
      case 'unread':
        return settle();
    }
  };

  return {
    take: (leaf) => {
      const { index } = leaf;
      if (index === 0 && leaf.kind !== 'config') {
        fault(0, 'config-not-first', 'A log begins with its settings.');
      }
      takeLeaf(leaf);
      last = index;
    },
    end: settle,
    bucket: () => bucket,
    late: () => lateEntries,
  };
};
