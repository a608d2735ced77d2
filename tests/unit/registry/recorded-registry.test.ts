import { describe, expect, it } from 'vitest';
import { RegistryChanged } from '#events/registry-changed.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { RegistryEntry } from '#shared/registry/entry.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { recordedRegistry, recordStanding } from '#shared/registry/recorded-registry.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { counterOf, identityService, keyEntryOf } from '#tests/support/registry.ts';

const setUp = (initial: readonly RegistryEntry[] = []) => {
  const journal = memoryJournalStore();
  const registry = memoryRegistryStore(initial);
  let time = testNow;
  const parts = {
    store: registry.store,
    journal: journal.store,
    layout: { slotKey: sha256('slot key'), slots: 4, shards: 1 },
    now: () => (time += 1),
    random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  };
  /** What is on record, in the order of time. */
  const records = (): readonly RegistryChanged[] =>
    journal
      .dump()
      .map(({ record }) => unpackRecord(record?.record ?? new Uint8Array()))
      .map((text) => RegistryChanged.parse(JSON.parse(text)))
      .toSorted((a, b) => a.t - b.t);
  const entries = () => records().map(({ entry }) => RegistryEntry.parse(JSON.parse(entry)));
  return { journal, registry, parts, recorded: recordedRegistry(parts), records, entries };
};

const counter = counterOf('counter:72110345');
const suspended = { ...counter, status: 'suspended', version: 2 } as const;

describe('a change of the registry', () => {
  it('is on record with all that it says, for every kind of entry', async () => {
    const { recorded, records, entries, registry } = setUp();
    const key = keyEntryOf(await makeKey());
    const all = [counter, key, identityService];
    for (const entry of all) expect(await recorded.put(entry)).toBe('written');
    expect(records().map(({ kind, key: name, n }) => [kind, name, n])).toEqual([
      ['participant', counter.id, 1],
      ['key', key.kid, 1],
      ['service', identityService.ref, 1],
    ]);
    expect(entries()).toEqual(all);
    expect(await registry.store.findKey(key.kid)).toEqual(key);
  });

  it('is on record before it takes effect', async () => {
    const { recorded, registry, records } = setUp();
    const pause = registry.faults.pauseCall('put', 'before');
    const putting = recorded.put(counter);
    await pause.reached;
    expect(records()).toHaveLength(1);
    expect(await registry.store.findParticipant(counter.id)).toBeUndefined();
    pause.release();
    expect(await putting).toBe('written');
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'does not take effect while the journal fails (%s)',
    async (fault) => {
      const { recorded, registry, journal, entries } = setUp();
      journal.faults.breakCall('putRecord', fault);
      await expect(recorded.put(counter)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(registry.faults.calls('put')).toBe(0);
      expect(await recorded.put(counter)).toBe('written');
      expect(entries()).toContainEqual(counter);
    },
  );

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'that breaks behind its record (%s) can be made again',
    async (fault) => {
      const { recorded, registry, entries } = setUp();
      registry.faults.breakCall('put', fault);
      await expect(recorded.put(counter)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await recorded.put(counter)).toBe('written');
      // What stands is on record already; what does not is recorded by whoever makes it stand.
      expect(entries()).toHaveLength(fault === 'unacknowledged' ? 1 : 2);
      expect(await registry.store.findParticipant(counter.id)).toEqual(counter);
    },
  );

  it('that changes nothing is not recorded again', async () => {
    const { recorded, records } = setUp([counter]);
    expect(await recorded.put(structuredClone(counter))).toBe('written');
    expect(records()).toEqual([]);
    expect(await recorded.put(suspended)).toBe('written');
    expect(await recorded.put(suspended)).toBe('written');
    expect(records().map(({ n }) => n)).toEqual([2]);
  });

  it('that is stale is not recorded', async () => {
    const { recorded, records } = setUp([counter]);
    for (const stale of [
      { ...counter, status: 'left' } as const,
      { ...counter, version: 3 },
      { ...counterOf('counter:72110346'), version: 2 },
    ]) {
      expect(await recorded.put(stale)).toBe('stale');
    }
    expect(records()).toEqual([]);
  });

  it('that loses a race is stale, and the winner is on record', async () => {
    const { recorded, entries, registry } = setUp([counter]);
    const left = { ...counter, status: 'left', version: 2 } as const;
    const answers = await Promise.all([recorded.put(suspended), recorded.put(left)]);
    expect(answers.toSorted()).toEqual(['stale', 'written']);
    expect(entries()).toContainEqual(await registry.store.findParticipant(counter.id));
  });

  it('that outgrows a leaf is refused, and does not take effect', async () => {
    const { recorded, registry } = setUp();
    const long = {
      ...identityService,
      output: { ...identityService.output, description: 'x'.repeat(65_536) },
    };
    await expect(recorded.put(long)).rejects.toThrow(RangeError);
    expect(registry.faults.calls('put')).toBe(0);
  });
});

describe('a log that begins when its registry is old', () => {
  it('records what stands in the place of each entry, and nothing that does not', async () => {
    const { parts, entries } = setUp([counter, suspended, identityService]);
    const absent = counterOf('counter:72110346');
    const recorded = await recordStanding(parts, [counter, absent, identityService]);
    expect(recorded).toBe(2);
    expect(entries()).toEqual([suspended, identityService]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'says so when the journal fails (%s)',
    async (fault) => {
      const { parts, journal, entries } = setUp([counter]);
      journal.faults.breakCall('putRecord', fault);
      const recording = recordStanding(parts, [counter]);
      await expect(recording).rejects.toMatchObject({ name: 'store-unavailable' });
      await recordStanding(parts, [counter]);
      expect(entries()).toContainEqual(counter);
    },
  );
});
