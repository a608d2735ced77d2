import { equalBytes } from '../kernel/bytes.ts';
import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { Address, Partition } from './address.ts';
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

const ascending = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

const byKey = (a: JournalEntry, b: JournalEntry): number =>
  ascending(keyOf(a.address), keyOf(b.address));

export const memoryJournalStore = (): MemoryJournalStore => {
  const entries = new Map<string, JournalEntry>();
  const retries = new Map<string, Uint8Array>();
  const { faults, run } = faultPlan<keyof JournalStore>();

  const rows = (address: Address): JournalRows => {
    const { intent, outcome, hold }: JournalRows = entries.get(keyOf(address)) ?? {};
    return {
      ...(intent !== undefined && { intent }),
      ...(outcome !== undefined && { outcome }),
      ...(hold !== undefined && { hold }),
    };
  };
  const keep = (address: Address, added: JournalRows): void => {
    entries.set(keyOf(address), { address, ...rows(address), ...added });
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
    putHold: (address, row) =>
      run('putHold', () => {
        if (rows(address).hold === undefined) keep(address, { hold: row });
      }),
    useRetry: (address, { jti, nonce }) =>
      run('useRetry', () => {
        const key = `${keyOf(address)} ${jti}`;
        const standing = retries.get(key) ?? nonce;
        retries.set(key, standing);
        return equalBytes(standing, nonce) ? 'written' : 'used';
      }),
    read: (address) => run('read', () => rows(address)),
    list: (partition, { after, limit }) =>
      run('list', () => {
        const found = [...entries.values()]
          .filter(({ address }) => partitionKey(address) === partitionKey(partition))
          .filter(({ address }) => address.id > after)
          .toSorted(byKey);
        return { entries: found.slice(0, limit), more: found.length > limit };
      }),
  };
  return { store, faults, rows, dump: () => [...entries.values()].toSorted(byKey) };
};
