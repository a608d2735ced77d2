import { feedingLog } from './feeding-log.ts';
import { type FeedingSpeed, fewAtOnce, measureSpeed } from './feeding-speed.ts';
import { type FeedingUnits, measureUnits, type Units } from './feeding-units.ts';
import type { Bench, Table } from './report.ts';

/** Entries whose feeding is measured, and inquiries whose units are counted: of one bucket. */
const fed = 24_576;
const asked = 2000;
const perSecond = 1000;
const aim = 1000;

const rate = (microseconds: number): string =>
  Math.round(1_000_000 / microseconds).toLocaleString('en');

const speedTable = (speed: FeedingSpeed): Table => {
  const row = (what: string, own: number): readonly string[] => [
    what,
    own.toFixed(1),
    rate(own),
    (own / speed.bundles).toFixed(1),
  ];
  return {
    title: 'Feeding the index of entries, stores in memory, by CPU time of one core',
    columns: ['', 'µs an entry', 'entries/s', '÷ the bundles alone'],
    rows: [
      row('the bundles alone: the floor', speed.bundles),
      row('and what their leaves say', speed.facts),
      row('fed, a segment a step', speed.segments),
      row(`fed, ${fewAtOnce} leaves a step`, speed.few),
      row('fed again, from the vault', speed.again),
    ],
  };
};

const sum = (units: Units): number =>
  Object.values(units).reduce((all, { writes }) => all + writes, 0);

const unitsTable = ({ asked: inRequest, fed: behind }: FeedingUnits): Table => {
  const each = (units: number): string => (units / asked).toFixed(4);
  return {
    title: 'Write units of one inquiry, as the embedded store reports them',
    columns: ['', 'write units'],
    rows: [
      ['in the request: intent, and outcome with the held answer', each(inRequest.journal.writes)],
      ['the row of its subject', each(behind.subject.writes)],
      ['marks and places', each(behind.index.writes)],
      ['all of it', each(sum(inRequest) + sum(behind))],
    ],
  };
};

/** How fast the index of entries is fed, and what an inquiry costs of the store. */
export const feeding: Bench = async (progress) => {
  progress(0, 'making inquiries');
  const speed = await measureSpeed(await feedingLog(fed, perSecond), (share) =>
    progress(0.2 + share * 0.5, 'feeding from memory'),
  );
  progress(0.7, 'feeding from the embedded store');
  const units = await measureUnits(await feedingLog(asked, asked / 10));
  const requestUnits = units.asked.journal.writes / asked;
  const subjectUnits = units.fed.subject.writes / asked;
  const reads = units.fed.journal.reads / asked;
  return {
    tables: [speedTable(speed), unitsTable(units)],
    notes: [
      `Inquiries of one counter, ${perSecond} a second for the speed and ${asked / 10} for the units; a counter`,
      'more is one look at the registry a day. CPU is that of the whole process, garbage collection included.',
      `Beside the writes: ${reads.toFixed(2)} read units of the journal, and ${(units.objects / asked).toFixed(4)} objects put`,
      `(${Math.round(units.objectBytes / asked)} bytes stored), an inquiry; a mark of the journal for each ten minutes.`,
    ],
    aims: [
      {
        says: `fed at ${aim.toLocaleString('en')} entries/s on one core at least`,
        met: speed.segments < 1_000_000 / aim && speed.few < 1_000_000 / aim,
      },
      {
        says: '2.00 write units in the request and 1.00 for the subject, 3.1 in all at most',
        met:
          Math.abs(requestUnits - 2) < 0.01 &&
          Math.abs(subjectUnits - 1) < 0.001 &&
          (sum(units.asked) + sum(units.fed)) / asked <= 3.1,
      },
    ],
    failures: [],
    figures: { speed, units },
    pictures: {},
  };
};
