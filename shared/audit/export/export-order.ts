import type { LogFiles } from '../sequence/log-files.ts';
import type { Hash } from '../tlog/hash.ts';
import { cutTime } from './cut-time.ts';
import type { Filtering } from './export-filter.ts';
import { checkpointMember, Manifest, memberNames, type Pending, versionOf } from './manifest.ts';
import type { TreeRange } from './range-tiles.ts';

/** A range of one log, and the signed checkpoint whose tree it is of. */
export type ExportPart = TreeRange & {
  readonly shard: number;
  readonly root: Hash;
  /** The checkpoint with its signatures, verbatim. */
  readonly checkpoint: Uint8Array;
  readonly files: LogFiles;
};

/** What an export is to hold: the same order gives the same bytes, whenever and wherever it is made. */
export type ExportOrder = {
  /** By ascending shards, one each. */
  readonly parts: readonly ExportPart[];
  /** A policy to go with it, for information. */
  readonly policy?: Uint8Array | undefined;
  /** Which of the leaves in the ranges have a row; all of them where it is absent. */
  readonly filtering?: Filtering | undefined;
  /** What was durable and in no tree yet. */
  readonly pending?: Pending | undefined;
};

export const exportHindrances = {
  'tile-differs': 'A tile of the log is not that of the tree which its checkpoint signs.',
  'entry-differs': 'An entry of the log is not the one that its tile says.',
  'too-large': 'The entries are 8 GiB or more, or their censuses 64 MiB: export a smaller range.',
} as const;
export type ExportHindrance = keyof typeof exportHindrances;

/** Why no export can be made of a log that could be read. */
export class ExportImpossible extends Error {
  override readonly name = 'ExportImpossible';
  readonly reason: ExportHindrance;

  constructor(reason: ExportHindrance) {
    super(exportHindrances[reason]);
    this.reason = reason;
  }
}

const queryOf = ({ parts, filtering }: ExportOrder) => {
  const ranges = parts.map(({ shard, from, to }) => ({ shard, from, to }));
  if (filtering === undefined) return { kind: 'range', ranges } as const;
  const { filter, scope } = filtering;
  return { kind: 'filter', ranges, filter, ...(scope !== undefined && { scope }) } as const;
};

/** What the export of an order says of itself; throws a ZodError for an order that is none. */
export const manifestOf = (order: ExportOrder): Manifest => {
  const { parts, policy, pending } = order;
  const query = queryOf(order);
  return Manifest.parse({
    v: versionOf({ query, pending }),
    query,
    cut: parts.map(({ shard, size, checkpoint }) => {
      const time = cutTime(checkpoint);
      return { shard, size, ...(time !== undefined && { time }) };
    }),
    checkpoints: parts.map(({ shard }) => checkpointMember(shard)),
    ...(policy !== undefined && { policy: memberNames.policy }),
    ...(pending !== undefined && { pending }),
  });
};
