import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogRead } from '#events/log-read.ts';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { type MemoryJournalStore, memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { type Access, noteAccess, withheldText } from '#shared/oversight/note-access.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const layout = { slotKey: sha256('slot key'), slots: 4, shards: 2 };
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

const setUp = () => {
  const journal = memoryJournalStore();
  const note = noteAccess({
    journal: journal.store,
    settings: { layout },
    now: () => testNow,
    random,
  });
  return { journal, note };
};

const textsOf = ({ dump }: MemoryJournalStore): readonly string[] =>
  dump().map(({ record }) => unpackRecord(record?.record ?? new Uint8Array()));

const eventsOf = (journal: MemoryJournalStore): readonly LogRead[] =>
  textsOf(journal).map((text) => LogRead.parse(JSON.parse(text)));

const access: Access = {
  by: 'auditor:inspection',
  kid: 'A'.repeat(43),
  act: 'entries',
  filter: { to: '2027-01-15T08:00:00.000Z', counter: 'counter:72110345', limit: 100 },
  n: 3,
};

describe('a read', () => {
  it('is a leaf by itself, as the verifier knows it', async () => {
    const { journal, note } = setUp();
    await note({ ...access, order: 'court-12', reason: 'A complaint.' });
    const [text = ''] = textsOf(journal);
    const { leaf } = readLeaf(recordLeafData(text));
    expect(leaf).toMatchObject({
      kind: 'access',
      event: {
        v: 1,
        t: testNow,
        by: 'auditor:inspection',
        kid: 'A'.repeat(43),
        act: 'entries',
        filter: '{"counter":"counter:72110345","limit":100,"to":"2027-01-15T08:00:00.000Z"}',
        order: 'court-12',
        reason: 'A complaint.',
        n: 3,
      },
    });
  });

  it('without an order and a reason has neither', async () => {
    const { journal, note } = setUp();
    await note(access);
    const [event] = eventsOf(journal);
    expect(Object.keys(event ?? {}).toSorted()).toEqual(
      ['act', 'by', 'filter', 'id', 'k', 'kid', 'n', 't', 'v'].toSorted(),
    );
  });

  it('is one leaf each time', async () => {
    const { journal, note } = setUp();
    await note(access);
    await note(access);
    expect(eventsOf(journal)).toHaveLength(2);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'that cannot be put on record (%s) is store-unavailable, and another when it is tried again',
    async (fault) => {
      const { journal, note } = setUp();
      journal.faults.breakCall('putRecord', fault);
      await expect(note(access)).rejects.toMatchObject({ name: 'store-unavailable' });
      await note(access);
      expect(eventsOf(journal)).toHaveLength(fault === 'unacknowledged' ? 2 : 1);
    },
  );
});

describe('what was asked', () => {
  const recorded = async (filter: Access['filter']): Promise<unknown> => {
    const { journal, note } = setUp();
    await note({ ...access, filter });
    return JSON.parse(eventsOf(journal)[0]?.filter ?? '');
  };

  it('stands as it is: codes, times, an id, numbers, lists', async () => {
    const filter = {
      counter: ['counter:72110345', 'counter:72110346'],
      from: '2027-01-15T07:59:59.999Z',
      id: inquiryIdAt(testNow),
      limit: 1000,
      province: 'تهران',
    };
    expect(await recorded(filter)).toEqual(filter);
  });

  it.each([
    ['in the place of a counter', { counter: 'counter:0012345679' }],
    ['among others', { counter: ['counter:72110345', 'counter:0012345679'] }],
    ['further down', { any: { of: ['001-234567-9'] } }],
    ['in other digits', { province: '۰۰۱۲۳۴۵۶۷۹' }],
    ['beside a time', { from: '2027-01-15T07:59:59.999Z 0012345679' }],
  ])('never holds what could be the number of a person: %s', async (_, filter) => {
    const text = JSON.stringify(await recorded(filter));
    expect(text).toContain(withheldText);
    expect(text).not.toMatch(/234567|۲۳۴۵۶۷/);
  });

  it('holds no run of nine digits, whatever was typed', async () => {
    const digits = fc.stringMatching(/^[0-9]{9,16}$/);
    await fc.assert(
      fc.asyncProperty(digits, fc.constantFrom('counter:', '', 'a/'), async (number, before) => {
        expect(await recorded({ counter: `${before}${number}` })).toEqual({
          counter: withheldText,
        });
      }),
      { numRuns: 50 },
    );
  });
});
