import type { ExchangeFunctionName } from './grants.ts';

type Workload = {
  /** A share of a processor comes with memory: 1,769 MB are a whole one. */
  readonly megabytes?: number;
  readonly seconds?: number;
  readonly reserved?: number;
};

/** Seconds that a function of the clock goes on for, of the minute until the next tick. */
export const tickSeconds = 55;

/** A step that has begun within its minute may take this long to end. */
const ticked = { seconds: 90 } as const satisfies Workload;

/**
 * What each function needs; 512 MB and 10 s where nothing is said.
 *
 * One sequencer and one indexer at a time, and room for them whatever the inquiries take: two of them
 * would do no harm, because a head moves by compare-and-swap and places are written once, but the work
 * of the second would be thrown away. The publisher has no such limit: the sequencer invokes it while
 * another of it, the clock's, waits for witnesses.
 */
export const workloads: Readonly<Partial<Record<ExchangeFunctionName, Workload>>> = {
  // API Gateway gives up at 30 s: it must have answered, or written why not, before that.
  'submit-inquiry': { megabytes: 1024, seconds: 29 },
  // It walks over the columns of the index, and keeps some of them unpacked.
  'read-audit': { megabytes: 1769, seconds: 20 },
  // Asked for, it looks for where the leaves of a time stand; a part is some megabytes.
  'export-audit': { megabytes: 1769, seconds: 29 },
  // What stands before a long range is written in one step, whatever that takes.
  'run-exports': { megabytes: 1769, seconds: 600, reserved: 1 },
  'open-facts': { megabytes: 1769, seconds: 20 },
  reconcile: { megabytes: 1769, seconds: 29 },
  // A day is walked over at once: some thousand objects of the index in a large country.
  'publish-open-data': { megabytes: 1024, seconds: 840 },
  // An hour of a large country is some millions of leaves.
  'take-census': { megabytes: 1769, seconds: 840 },
  'sequence-log': { ...ticked, megabytes: 1769, reserved: 1 },
  'publish-log': ticked,
  'index-log': { ...ticked, megabytes: 1024, reserved: 1 },
  'run-erasures': { ...ticked, megabytes: 1024, reserved: 1 },
};

/** What the clock starts, every so many minutes, and what it says. */
export const schedules = {
  'sequence-log': { minutes: 1, event: { seconds: tickSeconds } },
  'publish-log': { minutes: 1, event: { seconds: tickSeconds } },
  'index-log': { minutes: 1, event: { seconds: tickSeconds } },
  'run-exports': { minutes: 1, event: { seconds: tickSeconds } },
  'run-erasures': { minutes: 1, event: { seconds: tickSeconds } },
  'settle-registry': { minutes: 1, event: {} },
  'rotate-key': { minutes: 60, event: {} },
  'publish-open-data': { minutes: 60, event: {} },
  'take-census': { minutes: 60, event: {} },
} as const;
export const scheduled = [
  'sequence-log',
  'publish-log',
  'index-log',
  'run-exports',
  'run-erasures',
  'settle-registry',
  'rotate-key',
  'publish-open-data',
  'take-census',
] as const satisfies readonly (keyof typeof schedules)[];
export type ScheduledName = (typeof scheduled)[number];
