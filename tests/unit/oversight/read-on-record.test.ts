import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogRead } from '#events/log-read.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { memoryMeterStore } from '#shared/inquiry/memory-meter-store.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import { onRecord, type Read, refusalsPerMinute } from '#shared/oversight/read-on-record.ts';
import { countedRandom, testClock } from '#tests/support/exchange.ts';

const layout = { slotKey: sha256('slot key'), slots: 4, shards: 1 };

const setUp = () => {
  const clock = testClock();
  const journal = memoryJournalStore();
  const meters = memoryMeterStore();
  const { now } = clock;
  const notes = { journal: journal.store, settings: { layout }, now, random: countedRandom() };
  const read = onRecord({ noteAccess: noteAccess(notes), meters: meters.store, now });
  const leaves = (): readonly LogRead[] =>
    journal
      .dump()
      .map(({ record }) => unpackRecord(record?.record ?? new Uint8Array()))
      .map((text) => LogRead.parse(JSON.parse(text)));
  return { clock, journal, meters, read, leaves };
};

const asked: Read = {
  by: 'auditor:one',
  kid: 'A'.repeat(43),
  act: 'summary',
  filter: { by: 'counter' },
};

const refuse = async (): Promise<never> => {
  throw new Problem('out-of-scope', 'It lies outside.');
};

const nameOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'shown';
  } catch (error) {
    return error instanceof Error ? error.name : 'no error';
  }
};

describe('a read on record', () => {
  it('is a leaf with as many entries as it shows, written before it is shown', async () => {
    const { journal, read, leaves } = setUp();
    const page = await read(asked, async () => {
      expect(journal.faults.calls('putRecord')).toBe(0);
      return { n: 7, entries: ['some'] };
    });
    expect(page).toEqual({ n: 7, entries: ['some'] });
    expect(leaves()).toMatchObject([{ by: 'auditor:one', act: 'summary', n: 7 }]);
    expect(leaves()[0]).not.toHaveProperty('refused');
  });

  it('that is out of scope is a leaf of nothing that says so, and is told as what it was', async () => {
    const { read, leaves } = setUp();
    const reason = { order: 'court-12', reason: 'A complaint.' };
    await expect(read({ ...asked, ...reason }, refuse)).rejects.toMatchObject({
      name: 'out-of-scope',
      detail: 'It lies outside.',
    });
    expect(leaves()).toMatchObject([
      { by: 'auditor:one', filter: '{"by":"counter"}', n: 0, refused: true, ...reason },
    ]);
  });

  it.each(['invalid-query', 'store-unavailable', 'index-unavailable', 'not-found'] as const)(
    'that fails as %s is none: nothing was shown, and nothing was tried',
    async (name) => {
      const { read, leaves, meters } = setUp();
      const fail = () => Promise.reject(new Problem(name, 'No.'));
      expect(await nameOf(read(asked, fail))).toBe(name);
      expect([leaves(), meters.dump().size]).toEqual([[], 0]);
    },
  );

  it('that fails of a bug is that bug', async () => {
    const { read, leaves } = setUp();
    const bug = new Error('A bug.');
    await expect(read(asked, () => Promise.reject(bug))).rejects.toBe(bug);
    expect(leaves()).toEqual([]);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is neither shown nor refused where its leaf cannot be written (%s)',
    async (fault) => {
      for (const work of [refuse, async () => ({ n: 1 })]) {
        const { journal, read } = setUp();
        journal.faults.breakCall('putRecord', fault);
        expect(await nameOf(read(asked, work))).toBe('store-unavailable');
      }
    },
  );

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is not refused where the meters are away (%s): nobody could say how often it was',
    async (fault) => {
      const { meters, read, leaves } = setUp();
      meters.faults.breakCall('take', fault);
      expect(await nameOf(read(asked, refuse))).toBe('store-unavailable');
      expect(leaves()).toEqual([]);
      expect(await nameOf(read(asked, refuse))).toBe('out-of-scope');
    },
  );
});

describe('refusals of one key', () => {
  it('are told to slow down when they are too many, and make no leaf then', async () => {
    const { clock, read, leaves } = setUp();
    clock.advance(15_000);
    for (let n = 0; n < refusalsPerMinute; n += 1) await nameOf(read(asked, refuse));
    await expect(read(asked, refuse)).rejects.toMatchObject({
      name: 'rate-limited',
      extras: {
        retryAfter: 45,
        alarm: 'refused-reads',
        limits: [{ name: 'refused-reads', quota: 30, window: 60, left: 0, reset: 45 }],
      },
    });
    expect(leaves()).toHaveLength(refusalsPerMinute);
  });

  it('do not hinder what it may read, nor another key, nor itself a minute later', async () => {
    const { clock, read } = setUp();
    for (let n = 0; n <= refusalsPerMinute; n += 1) await nameOf(read(asked, refuse));
    expect(await nameOf(read(asked, async () => ({ n: 2 })))).toBe('shown');
    expect(await nameOf(read({ ...asked, kid: 'B'.repeat(43) }, refuse))).toBe('out-of-scope');
    expect(await nameOf(read(asked, refuse))).toBe('rate-limited');
    clock.advance(60_000);
    expect(await nameOf(read(asked, refuse))).toBe('out-of-scope');
  });

  it('are each a leaf or one too many, whatever the times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 6000 }), { maxLength: 50 }),
        async (waits) => {
          const { clock, read, leaves } = setUp();
          const told: string[] = [];
          for (const wait of waits) {
            clock.advance(wait);
            told.push(await nameOf(read(asked, refuse)));
          }
          expect(leaves()).toHaveLength(told.filter((name) => name === 'out-of-scope').length);
          const inMinute = Map.groupBy(leaves(), ({ t }) => Math.floor(t / 60_000));
          for (const own of inMinute.values()) {
            expect(own.length).toBeLessThanOrEqual(refusalsPerMinute);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
