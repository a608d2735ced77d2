import type { ReadReceipt } from './check-receipt.ts';
import { type ExportLeaves, exportLeaves } from './export-leaves.ts';
import { type Check, failed } from './failure.ts';
import type { Findings } from './findings.ts';
import type { FsckOptions } from './fsck.ts';
import type { KeyOnRecord } from './key-on-record.ts';
import { addNoted, type NotedCounts, noneNoted } from './noted-leaf.ts';
import type { OpenedPart } from './open-export.ts';

export type ExportLogsOptions = Pick<FsckOptions, 'depth' | 'startJudge' | 'receipts' | 'keys'>;

/** What came of the leaves of all logs together. */
export type JudgedLeaves = {
  readonly inquiries: number;
  readonly commands: number;
  readonly late: number;
  readonly noted: NotedCounts;
  readonly withoutKey: number;
  readonly receipts: readonly Check[];
};

/** Findings of one log of several say which. */
export const namedFindings = (findings: Findings, shard: number, isOnly: boolean): Findings => ({
  ...findings,
  add: (finding) =>
    findings.add(isOnly ? finding : { ...finding, detail: `Log ${shard}: ${finding.detail}` }),
});

export type ExportLogs = {
  /** Where the entries of a log go; those before are closed. */
  readonly of: (part: OpenedPart) => Promise<ExportLeaves>;
  readonly finish: () => Promise<JudgedLeaves>;
};

/** The leaves of one log after another, each judged while its rows go by. */
export const exportLogs = (
  parts: readonly OpenedPart[],
  options: ExportLogsOptions,
  findings: Findings,
): ExportLogs => {
  const { receipts = [], keys = [] } = options;
  const isOnly = parts.length === 1;
  const learned: KeyOnRecord[] = [...keys];
  const judged: JudgedLeaves[] = [];
  let open: { readonly part: OpenedPart; readonly leaves: ExportLeaves } | undefined;

  const close = async (): Promise<void> => {
    if (open === undefined) return;
    const { keys: found, ...rest } = await open.leaves.finish();
    open = undefined;
    judged.push(rest);
    learned.push(...found.map((key) => ({ ...key, index: -1 })));
  };
  const start = (part: OpenedPart): ExportLeaves => {
    const { range, origin, size } = part;
    const isWhole = isOnly && range.from === 0 && range.to === size;
    const leaves = exportLeaves(
      { origin, size, from: range.from, to: range.to },
      {
        depth: options.depth,
        ...(options.startJudge !== undefined && { startJudge: options.startJudge }),
        // Of one log alone, a receipt of another is a failure; of several, each has its own.
        receipts: isOnly ? receipts : receipts.filter(({ claims }) => claims.log === origin),
        keys: learned,
        keysComplete: isWhole || options.keys !== undefined,
      },
      namedFindings(findings, range.shard, isOnly),
    );
    open = { part, leaves };
    return leaves;
  };
  return {
    of: async (part: OpenedPart): Promise<ExportLeaves> => {
      if (open?.part === part) return open.leaves;
      await close();
      return start(part);
    },
    finish: async (): Promise<JudgedLeaves> => {
      await close();
      return {
        inquiries: judged.reduce((sum, { inquiries }) => sum + inquiries, 0),
        commands: judged.reduce((sum, { commands }) => sum + commands, 0),
        late: judged.reduce((sum, { late }) => sum + late, 0),
        noted: judged.reduce((sum, { noted }) => addNoted(sum, noted), noneNoted),
        withoutKey: judged.reduce((sum, { withoutKey }) => sum + withoutKey, 0),
        receipts: [
          ...judged.flatMap(({ receipts: own }) => own),
          ...strangers(isOnly ? [] : receipts, parts),
        ],
      };
    },
  };
};

const strangers = (
  receipts: readonly ReadReceipt[],
  parts: readonly OpenedPart[],
): readonly Check[] =>
  receipts
    .filter(({ claims }) => parts.every(({ origin }) => origin !== claims.log))
    .map(({ claims }) =>
      failed(
        `receipt ${claims.inq_id}, leaf`,
        'receipt',
        'It promises a leaf in another log than these',
      ),
    );
