import { collectSequences, type Sequences } from '../../audit/completeness/sequences.ts';
import type { Filtering } from '../../audit/export/export-filter.ts';
import type { Hash } from '../../audit/tlog/hash.ts';
import { tehranDays } from '../../persian/tehran-day.ts';
import type { ReadReceipt } from './check-receipt.ts';
import { type ExportLeaves, exportLeaves } from './export-leaves.ts';
import { type Check, failed } from './failure.ts';
import type { Findings } from './findings.ts';
import type { FsckOptions } from './fsck.ts';
import type { KeyOnRecord } from './key-on-record.ts';
import type { LogSeen } from './log-tally.ts';
import { addNoted, type NotedCounts, noneNoted } from './noted-leaf.ts';
import type { OpenedPart } from './open-export.ts';

export type ExportLogsOptions = Pick<FsckOptions, 'depth' | 'startJudge' | 'receipts' | 'keys'>;

/** What came of the leaves of all logs together. */
export type JudgedLeaves = {
  readonly inquiries: number;
  readonly commands: number;
  readonly statements: number;
  readonly late: number;
  readonly noted: NotedCounts;
  readonly withoutKey: number;
  readonly receipts: readonly Check[];
  readonly seen: readonly LogSeen[];
  readonly sequences: Sequences;
};

/** Findings of one log of several say which. */
export const namedFindings = (findings: Findings, shard: number, isOnly: boolean): Findings => ({
  ...findings,
  add: (finding) =>
    findings.add(isOnly ? finding : { ...finding, detail: `Log ${shard}: ${finding.detail}` }),
});

type ClosedPart = Omit<Awaited<ReturnType<ExportLeaves['finish']>>, 'keys'> &
  Pick<ExportLeaves, 'look'>;

export type ExportLogs = {
  /** Where the entries of a log go; those before are closed. */
  readonly of: (part: OpenedPart) => Promise<ExportLeaves>;
  /** Says that there is no further entry. */
  readonly close: () => Promise<void>;
  /** Shows the hash of a leaf that has no row, once all were closed. */
  readonly look: (part: OpenedPart, index: number, hash: Hash) => void;
  readonly finish: () => Promise<JudgedLeaves>;
};

/** The leaves of one log after another, each judged while its rows go by. */
export const exportLogs = (
  parts: readonly OpenedPart[],
  options: ExportLogsOptions,
  filtering: Filtering | undefined,
  findings: Findings,
): ExportLogs => {
  const { receipts = [], keys = [] } = options;
  const isOnly = parts.length === 1;
  const learned: KeyOnRecord[] = [...keys];
  const tehranDay = tehranDays();
  const sequences = collectSequences((time) => tehranDay(time).date);
  const judged = new Map<OpenedPart, ClosedPart>();
  let open: { readonly part: OpenedPart; readonly leaves: ExportLeaves } | undefined;

  const close = async (): Promise<void> => {
    if (open === undefined) return;
    const { part, leaves } = open;
    open = undefined;
    const { keys: found, ...rest } = await leaves.finish();
    judged.set(part, { ...rest, look: leaves.look });
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
        logs: parts.length + (options.keys === undefined ? 0 : 1),
        sequences,
        filtering,
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
    close: async (): Promise<void> => {
      await close();
      // A log of which no leaf has a row is one all the same.
      for (const part of parts) {
        if (judged.has(part)) continue;
        start(part);
        await close();
      }
    },
    look: (part, index, hash) => judged.get(part)?.look(index, hash),
    finish: async (): Promise<JudgedLeaves> => {
      const all = [...judged.values()];
      const sum = (name: 'inquiries' | 'commands' | 'statements' | 'late' | 'withoutKey'): number =>
        all.reduce((total, one) => total + one[name], 0);
      const own = await Promise.all(all.map(({ receipts: check }) => check()));
      return {
        inquiries: sum('inquiries'),
        commands: sum('commands'),
        statements: sum('statements'),
        late: sum('late'),
        noted: all.reduce((total, { noted }) => addNoted(total, noted), noneNoted),
        withoutKey: sum('withoutKey'),
        receipts: [...own.flat(), ...strangers(isOnly ? [] : receipts, parts)],
        seen: all.map(({ seen }) => seen),
        sequences: sequences.read(),
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
