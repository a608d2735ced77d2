import { hash } from 'node:crypto';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { barChart } from './bar-chart.ts';
import { type SampleRows, sampleRows, sampleSettings, sealedAt, writeRows } from './log-journal.ts';
import { memoryLog } from './log-run.ts';
import { measureStored, type StoredRun } from './log-stored.ts';
import { measureInTurns, type Work } from './measure.ts';
import { type Bench, times, whole } from './report.ts';

/** Inquiries of the sample, and how many of them are asked in a second. */
const count = 8192;
const perSecond = 200;

/** The least that is aimed at: entries a second on one core. */
const aim = 15_000;

/** What no log can do without: each leaf is hashed, and hashed again as it will be stored. */
const hashTwice = (leaves: readonly Uint8Array[]): void => {
  for (let time = 0; time < 2; time += 1) {
    for (const leaf of leaves) hash('sha256', leaf, 'binary');
  }
};

const unpackAll = (rows: readonly SampleRows[]): void => {
  for (const { intent, outcome } of rows) {
    unpackRecord(intent.record);
    unpackRecord(outcome.record);
  }
};

const leavesOf = (rows: readonly SampleRows[]): readonly Uint8Array[] =>
  rows.map(({ intent, outcome }) =>
    utf8(`${unpackRecord(intent.record)}\n${unpackRecord(outcome.record)}\n`),
  );

const simple = (name: string, run: () => void): Work => ({
  name,
  prepare: async () => ({ items: count, run: async () => run() }),
});

const names = {
  sequencing: 'sequencing, stores in memory',
  again: 'a second look after 20 minutes',
  unpack: 'of it: both records unpacked',
  floor: 'floor: SHA-256 of each leaf, twice',
} as const;

const inMemory = async (rows: readonly SampleRows[]): Promise<readonly Work[]> => {
  const leaves = leavesOf(rows);
  const journal = memoryJournalStore().store;
  await writeRows(journal, rows);
  const sealed = sealedAt(rows);
  const sequenced = async () => {
    const log = memoryLog(journal);
    log.setClock(sealed);
    const added = await log.run();
    // The first leaf of a log is its configuration.
    if (added !== count + 1) throw new Error(`The log got ${added} leaves.`);
    return log;
  };
  return [
    {
      name: names.sequencing,
      prepare: async () => ({ items: count, run: async () => void (await sequenced()) }),
    },
    {
      name: names.again,
      prepare: async () => {
        const log = await sequenced();
        log.setClock(sealed + sampleSettings.again[0]);
        return { items: count, run: async () => void (await log.run()) };
      },
    },
    simple(names.unpack, () => unpackAll(rows)),
    simple(names.floor, () => hashTwice(leaves)),
  ];
};

const rate = (microseconds: number): number => 1e6 / microseconds;

const picture = (medians: ReadonlyMap<string, number>, stored: StoredRun): string =>
  barChart({
    title: 'What it costs to put an inquiry into the log',
    subtitle: 'Microseconds of CPU for one entry',
    scale: 'linear',
    bars: [
      ...Object.values(names).map((name) => {
        const value = medians.get(name) ?? 0;
        const tone = name === names.floor ? 'floor' : 'ours';
        return { label: name, value, says: `${whole(value)} µs`, tone } as const;
      }),
      {
        label: 'embedded store: the sequencer',
        value: stored.own,
        says: `${whole(stored.own)} µs`,
        tone: 'ours',
      },
      {
        label: 'embedded store: the store itself',
        value: stored.store ?? 0,
        says: stored.store === undefined ? 'n/a' : `${whole(stored.store)} µs`,
        tone: 'other',
      },
    ],
  });

/** Entries a second on one core, from sealed partitions to a published checkpoint. */
export const sequencing: Bench = async (progress) => {
  progress(0, 'making inquiries');
  const rows = await sampleRows(count, perSecond);
  const leafSize = rows.reduce((sum, { leaf }) => sum + leaf, 0) / rows.length;
  const works = await inMemory(rows);
  const { rounds, medians } = await measureInTurns(works, { warmUp: 2, seconds: 10 }, (share) =>
    progress(0.1 + share * 0.6, 'stores in memory, in turns'),
  );
  progress(0.7, 'over the embedded store');
  const stored = await measureStored(rows);
  const floor = medians.get(names.floor) ?? 0;
  const reached = rate(medians.get(names.sequencing) ?? 0);
  const lines = [
    ...[...medians].map(([name, value]) => [name, value] as const),
    ['over the embedded store, the sequencer', stored.own] as const,
  ];
  return {
    tables: [
      {
        title: `One entry of ${whole(leafSize)} bytes (CPU of all threads)`,
        columns: ['', 'µs', 'a second, one core', '÷ floor'],
        rows: lines.map(([name, value]) => [
          name,
          value.toFixed(1),
          whole(rate(value)),
          times(value / floor),
        ]),
      },
    ],
    notes: [
      `Medians of ${rounds} rounds in turns; ${count} inquiries, 16 slots, ${perSecond} a second.`,
      `Over the embedded store and files: ${whole(stored.perSecond)} entries/s by the clock;`,
      `the store itself takes ${stored.store === undefined ? 'n/a' : stored.store.toFixed(0)} µs of CPU an entry.`,
    ],
    aims: [
      {
        says: `${whole(reached)} entries/s on one core, at least ${whole(aim)}`,
        met: reached >= aim,
      },
    ],
    failures: [],
    figures: { rounds, leafSize, ...Object.fromEntries(medians), stored },
    pictures: { 'log-sequencing': picture(medians, stored) },
  };
};
