import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { putLeaf } from '#shared/audit/put-leaf.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { newId } from '#shared/kernel/id.ts';
import { testNow } from '#tests/support/messages.ts';

const layout = { slotKey: sha256('slot key'), slots: 4, shards: 2 };

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

const setUp = () => {
  const journal = memoryJournalStore();
  return { journal, recording: { journal: journal.store, layout, now: () => testNow, random } };
};

const textsOf = ({ dump }: ReturnType<typeof memoryJournalStore>): readonly string[] =>
  dump().map(({ record }) => unpackRecord(record?.record ?? new Uint8Array()));

describe('a record of its own', () => {
  it('stands as RFC 8785 text under a new id of this very time, where the id belongs', async () => {
    const { journal, recording } = setUp();
    await putLeaf(recording, (id, t) => ({ v: 1, t, k: 'x', id }));
    const [entry] = journal.dump();
    const id = entry?.address.id ?? newId(0, random);
    expect(entry?.address).toEqual(addressOf(id, layout));
    expect(textsOf(journal)).toEqual([`{"id":"${id}","k":"x","t":${testNow},"v":1}`]);
  });

  it('never takes the id of another', async () => {
    const { journal, recording } = setUp();
    for (let n = 0; n < 20; n += 1) await putLeaf(recording, (id) => ({ k: 'x', id, n }));
    expect(journal.dump()).toHaveLength(20);
  });

  it('is not said to stand where another does', async () => {
    const { journal, recording } = setUp();
    const unlucky = { ...recording, random: () => new Uint8Array(10) };
    await putLeaf(unlucky, (id) => ({ k: 'x', id }));
    await expect(putLeaf(unlucky, (id) => ({ k: 'y', id }))).rejects.toThrow('Another record');
    expect(textsOf(journal)).toEqual([expect.stringContaining('"k":"x"')]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'that breaks (%s) is told as store-unavailable',
    async (fault) => {
      const { journal, recording } = setUp();
      journal.faults.breakCall('putRecord', fault);
      const put = putLeaf(recording, (id) => ({ k: 'x', id }));
      await expect(put).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(journal.dump()).toHaveLength(fault === 'unacknowledged' ? 1 : 0);
    },
  );

  it('that no bundle could hold is refused before it can stop the log', async () => {
    const { journal, recording } = setUp();
    const overhead = 11;
    const largest = 'x'.repeat(65_535 - 1 - overhead);
    await putLeaf(recording, () => ({ long: largest }));
    expect(textsOf(journal)[0]).toHaveLength(65_534);
    await expect(putLeaf(recording, () => ({ long: `${largest}x` }))).rejects.toThrow(RangeError);
    expect(journal.dump()).toHaveLength(1);
  });
});
