import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { type InquiryId, newId } from '#shared/kernel/id.ts';
import { vaultInJournal } from '#shared/oversight/feeding/journal-vault.ts';
import { testNow } from '#tests/support/messages.ts';
import { plainLayout as layout } from '#tests/support/plain-log.ts';

const idOf = (n: number): InquiryId =>
  newId(testNow + n * 7, (length) => sha256(`id ${n}`).subarray(0, length));

const boxOf = (n: number): Uint8Array => Buffer.from(`box ${n}`);

/** A journal with the rows of these inquiries, and what reads it. */
const journalOf = async (held: readonly number[]) => {
  const journal = memoryJournalStore();
  for (const n of held) {
    const row = { record: new Uint8Array(1), vault: n % 10 === 3 ? new Uint8Array() : boxOf(n) };
    await journal.store.putIntent(addressOf(idOf(n), layout), row);
  }
  return { read: vaultInJournal({ journal: journal.store, layout }), journal };
};

const numbers = fc.uniqueArray(fc.nat(3000), { maxLength: 40 });

describe('the vault in the journal', () => {
  it('is found by id, of those that are asked for and are there', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (held, others) => {
        const { read } = await journalOf(held);
        const found = await read([...held.slice(0, 20), ...others].map(idOf));
        const wanted = new Set([...held.slice(0, 20), ...others.filter((n) => held.includes(n))]);
        const expected = [...wanted].map((n) => {
          const id = idOf(n);
          return [
            id,
            n % 10 === 3 ? { kind: 'erased' } : { kind: 'sealed', id, vault: boxOf(n) },
          ] as const;
        });
        expect(new Map(found)).toEqual(new Map(expected));
      }),
      { numRuns: 40 },
    );
  });

  it('costs a read for each partition, however many are wanted of it', async () => {
    const all = Array.from({ length: 200 }, (_, n) => n);
    const { read, journal } = await journalOf(all);
    expect((await read(all.map(idOf))).size).toBe(200);
    expect(journal.faults.calls('list')).toBe(2);
  });

  it('is read page by page where a partition holds more than a page', async () => {
    const all = Array.from({ length: 1200 }, (_, n) => n);
    const { read } = await journalOf(all);
    expect((await read(all.map(idOf))).size).toBe(1200);
  });

  it('has nothing under the id of a record', async () => {
    const { read, journal } = await journalOf([]);
    const id = idOf(1);
    await journal.store.putRecord(addressOf(id, layout), { record: new Uint8Array(1) });
    expect((await read([id])).size).toBe(0);
  });

  it('is read from sixteen partitions at once, and from no more', async () => {
    const at = { once: 0, most: 0 };
    const list = async () => {
      at.once += 1;
      at.most = Math.max(at.most, at.once);
      await Promise.resolve();
      at.once -= 1;
      return { entries: [], more: false };
    };
    const apart = Array.from({ length: 40 }, (_, n) => idOf(n * 10_000));
    expect((await vaultInJournal({ journal: { list }, layout })(apart)).size).toBe(0);
    expect(at.most).toBe(16);
  });

  it('is not read for nothing', async () => {
    const { read, journal } = await journalOf([1]);
    expect((await read([])).size).toBe(0);
    expect(journal.faults.calls('list')).toBe(0);
  });

  it('is away when the journal is', async () => {
    const { read, journal } = await journalOf([1]);
    journal.faults.breakCall('list', 'not-persisted');
    await expect(read([idOf(1)])).rejects.toMatchObject({ name: 'store-unavailable' });
  });
});
