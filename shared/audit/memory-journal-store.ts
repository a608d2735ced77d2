import { equalBytes } from '../kernel/bytes.ts';
import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import { type Address, type Partition, periodOf } from './address.ts';
import type { JournalEntry, JournalRows, JournalStore } from './ports.ts';

/** The journal in memory, and how to break it. */
export type MemoryJournalStore = {
  readonly store: JournalStore;
  readonly faults: Faults<keyof JournalStore>;
  /** What stands there, seen past every fault and counted as no call: ordered by partition and id. */
  readonly dump: () => readonly JournalEntry[];
  readonly rows: (address: Address) => JournalRows;
};

const partitionKey = ({ shard, bucket, slot }: Partition): string => `${shard}#${bucket}#${slot}`;

const keyOf = (address: Address): string => `${partitionKey(address)} ${address.id}`;

const sameBox = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : equalBytes(a, b);

/** One conditional put: what stands already decides, and an equal row counts as this very one. */
const putOnce = <Row extends { readonly record: Uint8Array; readonly vault?: Uint8Array }>(
  standing: Row | undefined,
  row: Row,
  write: () => void,
): 'written' | Row => {
  if (standing === undefined) {
    write();
    return 'written';
  }
  const same = equalBytes(standing.record, row.record) && sameBox(standing.vault, row.vault);
  return same ? 'written' : standing;
};

const nothing = new Uint8Array();

/** What is left of rows whose facts were taken away. */
const withoutFacts = ({ intent, outcome }: JournalRows): JournalRows => ({
  ...(intent !== undefined && { intent: { ...intent, vault: nothing } }),
  ...(outcome?.hold !== undefined && {
    outcome: { ...outcome, hold: { vault: nothing, until: 0 } },
  }),
});

const ascending = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

const byKey = (a: JournalEntry, b: JournalEntry): number =>
  ascending(keyOf(a.address), keyOf(b.address));

/** The entries of a partition by id, and their ids in order as long as none has come since. */
type PartitionRows = {
  readonly entries: Map<string, JournalEntry>;
  readonly ids?: readonly string[];
};

/** The place of the first id above `after`. */
const firstAbove = (ids: readonly string[], after: string): number => {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ids[middle] ?? '') > after) high = middle;
    else low = middle + 1;
  }
  return low;
};

export const memoryJournalStore = (): MemoryJournalStore => {
  const partitions = new Map<string, PartitionRows>();
  const retries = new Map<string, Uint8Array>();
  const { faults, run } = faultPlan<keyof JournalStore>();

  const all = (): readonly JournalEntry[] =>
    [...partitions.values()].flatMap(({ entries }) => [...entries.values()]);
  const rows = (address: Address): JournalRows => {
    const { intent, outcome, record }: JournalRows =
      partitions.get(partitionKey(address))?.entries.get(address.id) ?? {};
    return {
      ...(intent !== undefined && { intent }),
      ...(outcome !== undefined && { outcome }),
      ...(record !== undefined && { record }),
    };
  };
  const keep = (address: Address, added: JournalRows): void => {
    const key = partitionKey(address);
    const { entries, ids } = partitions.get(key) ?? { entries: new Map<string, JournalEntry>() };
    const known = entries.has(address.id);
    entries.set(address.id, { address, ...rows(address), ...added });
    partitions.set(key, known && ids !== undefined ? { entries, ids } : { entries });
  };

  const store: JournalStore = {
    putIntent: (address, row) =>
      run('putIntent', () =>
        putOnce(rows(address).intent, row, () => keep(address, { intent: row })),
      ),
    putOutcome: (address, row) =>
      run('putOutcome', () =>
        putOnce(rows(address).outcome, row, () => keep(address, { outcome: row })),
      ),
    putRecord: (address, row) =>
      run('putRecord', () =>
        putOnce(rows(address).record, row, () => keep(address, { record: row })),
      ),
    useRetry: (address, { jti, nonce }) =>
      run('useRetry', () => {
        const key = `${keyOf(address)} ${jti}`;
        const standing = retries.get(key) ?? nonce;
        retries.set(key, standing);
        return equalBytes(standing, nonce) ? 'written' : 'used';
      }),
    eraseFacts: (address) =>
      run('eraseFacts', () => {
        const left = withoutFacts(rows(address));
        if (Object.keys(left).length > 0) keep(address, left);
      }),
    read: (address) => run('read', () => rows(address)),
    list: (partition, { after, limit }) =>
      run('list', () => {
        const key = partitionKey(partition);
        const standing = partitions.get(key);
        if (standing === undefined) return { entries: [], more: false };
        const ids = standing.ids ?? [...standing.entries.keys()].toSorted(ascending);
        partitions.set(key, { entries: standing.entries, ids });
        const first = firstAbove(ids, after);
        const found = ids.slice(first, first + limit).map((id) => standing.entries.get(id));
        const entries = found.filter((entry) => entry !== undefined);
        return { entries, more: ids.length > first + limit };
      }),
    periods: (from, to) =>
      run('periods', () => {
        const written = [...partitions.values()].flatMap(({ entries }) => {
          const one = entries
            .values()
            .find(({ intent, record }) => intent !== undefined || record !== undefined);
          return one === undefined ? [] : [periodOf(one.address.bucket)];
        });
        return [...new Set(written)]
          .filter((period) => period >= from && period < to)
          .toSorted((a, b) => a - b);
      }),
  };
  return { store, faults, rows, dump: () => all().toSorted(byKey) };
};
