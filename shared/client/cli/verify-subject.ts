import { leafHash } from '../../audit/tlog/hash.ts';
import { equalBytes, fromBase64Url } from '../../kernel/bytes.ts';
import { checkExport } from '../verify/check-export.ts';
import type { ReadReceipt } from '../verify/check-receipt.ts';
import { skipped } from '../verify/failure.ts';
import type { FsckReport } from '../verify/fsck.ts';
import type { KeyOnRecord } from '../verify/key-on-record.ts';
import type { LogReader } from '../verify/log-reader.ts';
import { notChecked } from '../verify/not-checked.ts';
import { entryChecks, receiptChecks } from './entry-checks.ts';
import { WrongUsage } from './failed-input.ts';
import { type Beside, keyChecks, readKeys } from './keys-on-record.ts';
import type { Report } from './show-report.ts';
import type { Subject } from './verify-input.ts';
import { type Settings, verifyLog, withThreads } from './verify-log.ts';
import { verifyProof } from './verify-proof.ts';

/** Watches for the entry that a receipt promises while a log goes by. */
const watchFor = ({ claims }: ReadReceipt) => {
  const wanted = fromBase64Url(claims.leaf) ?? new Uint8Array();
  let found: { readonly index: number; readonly data: Uint8Array } | undefined;
  return {
    look: (index: number, data: Uint8Array): void => {
      if (found !== undefined || !equalBytes(leafHash(data), wanted)) return;
      found = { index, data: data.slice() };
    },
    found: () => found,
  };
};

const verifyReceipt = async (
  receipt: ReadReceipt,
  beside: Beside,
  settings: Settings,
): Promise<Omit<Report, 'what'>> => {
  if (beside.keys === undefined && beside.entry === undefined) {
    throw new WrongUsage(
      'A receipt alone proves nothing: give its log with --keys, or its entry with --entry.',
    );
  }
  const wanted = [receipt, ...beside.receipts];
  const watched = watchFor(receipt);
  const known = await readKeys(beside, settings, beside.previous, wanted, watched.look);
  const { entry } = beside;
  const origin = receipt.claims.log;
  const found = entry === undefined ? watched.found() : undefined;
  return {
    checks: [
      ...keyChecks(known),
      ...(found === undefined ? [] : await entryChecks(found.data, found.index, origin, known)),
      ...(entry === undefined
        ? []
        : [
            ...(await entryChecks(entry, 0, origin, known)),
            ...(await receiptChecks(wanted, { data: entry, hash: leafHash(entry), origin }, known)),
          ]),
      ...(known === undefined
        ? [skipped('log', 'whether the leaf is in the log: name it with --keys')]
        : []),
      ...notChecked,
    ],
    findings: known?.findings ?? [],
    notes: known?.notes ?? [],
  };
};

const verifyEntry = async (
  bytes: Uint8Array,
  beside: Beside,
  settings: Settings,
): Promise<Omit<Report, 'what'>> => {
  if (beside.keys === undefined && beside.receipts.length === 0) {
    throw new WrongUsage('An entry alone proves nothing: give the log of its keys with --keys.');
  }
  const known = await readKeys(beside, settings, beside.previous);
  const origin = known?.checkpoint?.origin ?? beside.receipts[0]?.claims.log ?? '';
  return {
    checks: [
      ...keyChecks(known),
      ...(await entryChecks(bytes, 0, origin, known)),
      ...(await receiptChecks(
        beside.receipts,
        { data: bytes, hash: leafHash(bytes), origin },
        known,
      )),
      skipped('inclusion', 'whether the entry is in the log: verify its .tlog-proof for that'),
      ...notChecked,
    ],
    findings: known?.findings ?? [],
    notes: known?.notes ?? [],
  };
};

/** What another log has put on record. */
const elsewhere = ({ book }: Pick<FsckReport, 'book'>): readonly KeyOnRecord[] =>
  book.all().map((key) => ({ ...key, index: -1 }));

const verifyWholeLog = async (
  reader: LogReader,
  beside: Beside,
  settings: Settings,
): Promise<Omit<Report, 'what'>> => {
  const known = await readKeys(beside, settings, []);
  const { checks, findings, notes, completeness } = await verifyLog(reader, settings, {
    previous: beside.previous,
    receipts: beside.receipts,
    ...(known !== undefined && { keys: elsewhere(known) }),
  });
  return {
    checks: [...keyChecks(known), ...checks],
    findings: [...(known?.findings ?? []), ...findings],
    notes: [...(known?.notes ?? []), ...notes],
    completeness,
  };
};

/** An export, and with --keys the log that puts on record what the range does not. */
const verifyExport = async (
  source: AsyncIterable<Uint8Array>,
  beside: Beside,
  settings: Settings,
): Promise<Omit<Report, 'what'>> => {
  const known = await readKeys(beside, settings, []);
  const { policy, depth, progress, complete } = settings;
  const { checks, findings, notes, completeness } = await withThreads(settings, (startJudge) =>
    checkExport({
      source,
      policy,
      depth,
      complete,
      startJudge,
      previous: beside.previous,
      receipts: beside.receipts,
      ...(known !== undefined && { keys: elsewhere(known) }),
      progress: progress.at,
    }),
  );
  return {
    checks: [...keyChecks(known), ...checks],
    findings: [...(known?.findings ?? []), ...findings],
    notes: [...(known?.notes ?? []), ...notes],
    completeness,
  };
};

/** Verifies what the command line names; throws {@link WrongUsage} where too little is given. */
export const verifySubject = async (
  subject: Subject,
  beside: Beside,
  settings: Settings,
): Promise<Omit<Report, 'what'>> => {
  switch (subject.kind) {
    case 'log':
      return verifyWholeLog(subject.reader, beside, settings);
    case 'proof':
      return verifyProof(subject.bytes, beside, settings);
    case 'receipt':
      return verifyReceipt(subject.receipt, beside, settings);
    case 'entry':
      return verifyEntry(subject.bytes, beside, settings);
    case 'export':
      return verifyExport(subject.source, beside, settings);
  }
};
