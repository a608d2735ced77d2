import type { ReadReceipt } from '../verify/check-receipt.ts';
import type { Check } from '../verify/failure.ts';
import type { FsckReport } from '../verify/fsck.ts';
import type { LogReader } from '../verify/log-reader.ts';
import { notChecked } from '../verify/not-checked.ts';
import { type Earlier, type Settings, verifyLog, type Wanted } from './verify-log.ts';

/** Everything that the command line names beside what is to be verified. */
export type Beside = {
  readonly receipts: readonly ReadReceipt[];
  readonly previous: readonly Earlier[];
  readonly entry: Uint8Array | undefined;
  /** The log whose leaves put keys on record. */
  readonly keys: LogReader | undefined;
};

const under = (prefix: string, checks: readonly Check[]): readonly Check[] =>
  checks.map((one) => ({ ...one, check: `${prefix}${one.check}` }));

/**
 * Reads the log of keys, from its own checkpoint on. Of the signatures in it those of commands are
 * verified, for by them keys came on record; the others are not the question here.
 */
export const readKeys = async (
  { keys }: Beside,
  settings: Settings,
  previous: readonly Earlier[],
  receipts: readonly ReadReceipt[] = [],
  look?: Wanted['look'],
): Promise<FsckReport | undefined> => {
  if (keys === undefined) return undefined;
  const form = { ...settings, depth: 'keys', complete: false } as const;
  return verifyLog(keys, form, { previous, receipts, look });
};

/** What is said of the log of keys, without what is never checked. */
export const keyChecks = (report: FsckReport | undefined): readonly Check[] =>
  under(
    'keys: ',
    (report?.checks ?? []).filter((one) => one.result !== 'noted' && !notChecked.includes(one)),
  );
