import { describe, expect, it } from 'vitest';
import { addressOf, bucketLength, bucketOf, periodOf } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import type { JournalEntry, JournalStore } from '#shared/audit/ports.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { rowsPerCall, type Stretch, scanJournal } from '#shared/oversight/entries/scan-journal.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { testSettings } from '../../inquiry/journal-stage.ts';

const start = bucketOf(testNow) * bucketLength;

/** Every partition holds as many pages as this, each full; their rows hold nothing. */
const crowded = (pages: number): { readonly journal: JournalStore; readonly limits: number[] } => {
  const limits: number[] = [];
  const served = new Map<string, number>();
  const list: JournalStore['list'] = async ({ bucket, slot }, { limit }) => {
    limits.push(limit);
    const place = `${bucket}.${slot}`;
    const before = served.get(place) ?? 0;
    served.set(place, before + 1);
    const entries = Array.from({ length: limit }, (): JournalEntry => {
      const id = InquiryId.parse(inquiryIdAt(bucket * bucketLength));
      return { address: addressOf(id, testSettings.layout) };
    });
    return { entries, more: before + 1 < pages };
  };
  return { journal: { ...memoryJournalStore().store, list }, limits };
};

/** As if something had been written all the time. */
const everyPeriod = (from: number, to: number): readonly number[] => {
  const first = periodOf(bucketOf(from));
  return Array.from({ length: periodOf(bucketOf(to)) - first + 1 }, (_, n) => first + n);
};

const scan = async (
  journal: JournalStore,
  { limit = 100, from = start, to = start + 3_600_000 } = {},
): Promise<readonly Stretch[]> => {
  const stretches: Stretch[] = [];
  const parts = { journal, settings: testSettings, now: () => to };
  const scanned = { from, to, limit, periods: everyPeriod(from, to) };
  for await (const stretch of scanJournal(parts)(scanned)) stretches.push(stretch);
  return stretches;
};

describe('scanJournal', () => {
  it('reads a partition to its end, whatever the page', async () => {
    const { journal } = crowded(3);

    const stretches = await scan(journal, { to: start + bucketLength });

    expect(stretches.map(({ partition: { slot }, rows }) => [slot, rows.length])).toEqual([
      [0, 100],
      [0, 100],
      [0, 100],
      [1, 100],
      [1, 100],
      [1, 100],
    ]);
    expect(stretches.some(({ next }) => next !== undefined)).toBe(false);
  });

  it('reads a hundred rows at once for a small page, and a large one as it is', async () => {
    for (const [limit, expected] of [
      [1, 100],
      [100, 100],
      [1000, 1000],
    ] as const) {
      const { journal, limits } = crowded(1);
      await scan(journal, { limit, to: start + bucketLength });
      expect(new Set(limits)).toEqual(new Set([expected]));
    }
  });

  it('begins no other partition once it has read its rows, and says where that one is', async () => {
    const { journal } = crowded(1);

    const stretches = await scan(journal, { limit: 1000, to: start + 10 * bucketLength });

    const read = stretches.reduce((sum, { rows }) => sum + rows.length, 0);
    expect(read).toBe(rowsPerCall);
    const { slots } = testSettings.layout;
    const behind = bucketOf(start) + rowsPerCall / 1000 / slots;
    const place = { bucket: behind, slot: 0, after: '' };
    expect(stretches.map(({ next }) => next).filter((next) => next !== undefined)).toEqual([place]);
    expect(stretches.at(-1)?.next).toEqual(place);
  });

  it('has no place to go on behind the last partition, however much it read', async () => {
    const { journal } = crowded(20);

    const stretches = await scan(journal, { limit: 1000, to: start + bucketLength });

    // The first partition alone is more than a call reads, so that the second is named.
    const place = { bucket: bucketOf(start), slot: 1, after: '' };
    expect(stretches.at(-1)?.next).toEqual(place);
    const rest: Stretch[] = [];
    const parts = { journal: crowded(20).journal, settings: testSettings, now: () => start };
    const range = { from: start, to: start + bucketLength };
    const query = { ...range, limit: 1000, place, periods: everyPeriod(range.from, range.to) };
    for await (const stretch of scanJournal(parts)(query)) rest.push(stretch);
    expect(rest).toHaveLength(20);
    expect(rest.at(-1)).not.toHaveProperty('next');
  });

  it('looks at the periods in which something stands, and goes on in the next of them', async () => {
    const { journal } = crowded(1);
    const first = periodOf(bucketOf(start));
    const parts = { journal, settings: testSettings, now: () => start + 86_400_000 };
    const periods = [first, first + 7];
    const query = { from: start, to: start + 86_400_000, limit: 1000, periods };
    const seen: Stretch[] = [];
    for await (const stretch of scanJournal(parts)(query)) seen.push(stretch);
    expect(new Set(seen.map(({ partition }) => periodOf(partition.bucket)))).toEqual(
      new Set([first]),
    );
    const place = seen.at(-1)?.next;
    for await (const stretch of scanJournal(parts)({ ...query, ...(place && { place }) })) {
      seen.push(stretch);
    }
    const partitions = seen.map(({ partition: { bucket, slot } }) => `${bucket}.${slot}`);
    expect(new Set(partitions).size).toBe(partitions.length);
    expect(rowsPerCall).toBe(10_000);
  });
});
