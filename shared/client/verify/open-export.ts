import { cutTime } from '../../audit/export/cut-time.ts';
import type { Filtering } from '../../audit/export/export-filter.ts';
import { ExportInvalid } from '../../audit/export/export-invalid.ts';
import {
  checkpointMember,
  type Manifest,
  maxManifest,
  maxPolicyMember,
  memberNames,
  mtimeOf,
  parseManifest,
  type Range,
} from '../../audit/export/manifest.ts';
import { isLeafTile, rangeTiles } from '../../audit/export/range-tiles.ts';
import { type RangeTree, rangeTree } from '../../audit/export/range-tree.ts';
import type { TarReader } from '../../audit/export/read-tar.ts';
import { logKey } from '../../audit/sequence/log-files.ts';
import { parseCheckpoint } from '../../audit/tlog/checkpoint.ts';
import { hashSize } from '../../audit/tlog/hash.ts';
import { maxNote, parseNote } from '../../audit/tlog/note.ts';
import type { Policy } from '../../audit/tlog/policy.ts';
import { tilePath } from '../../audit/tlog/tile-path.ts';
import type { TileId } from '../../audit/tlog/tree.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { type Check, failed, passed, skipped } from './failure.ts';
import type { FsckOptions } from './fsck.ts';
import { exchangeOf, shardOf } from './log-order.ts';
import { type OpenedCheckpoint, openByPolicy } from './open-checkpoint.ts';
import { checkPrevious, openPrevious, type Previous } from './previous-check.ts';

type Cut = Manifest['cut'][number];

/** One log of an export, believed down to its tiles. */
export type OpenedPart = {
  readonly range: Range;
  readonly size: number;
  readonly origin: string;
  readonly tree: RangeTree;
  readonly tiles: number;
  /** The leaf hashes at the edge of the tree, and the tile that they are of. */
  readonly edge: { readonly index: number; readonly bytes: Uint8Array } | undefined;
  /** Compares the earlier checkpoints, once all tiles were taken. */
  readonly compared: () => readonly Check[];
};

/** What a part came to: it can be gone on with, or nothing behind it can be believed. */
export type OpenedExportPart = {
  readonly checks: readonly Check[];
  readonly part: OpenedPart | undefined;
};

/** Earlier checkpoints, each under the name it is reported by. */
export type Earlier = NonNullable<FsckOptions['previous']>;

/** The manifest; throws ExportInvalid. A policy inside is read over. */
export const openManifest = async (tar: TarReader): Promise<Manifest> => {
  const manifest = parseManifest(await tar.file(memberNames.manifest, maxManifest));
  if (tar.mtime() !== mtimeOf(manifest)) throw new ExportInvalid('mtime');
  if (manifest.policy !== undefined) await tar.file(memberNames.policy, maxPolicyMember);
  return manifest;
};

/** The filter of an export; undefined where it holds all leaves of its ranges. */
export const filteringOf = ({ query }: Manifest): Filtering | undefined =>
  query.kind === 'range' ? undefined : { filter: query.filter, scope: query.scope };

const cutCheck = (
  { shard, size, time }: Cut,
  bytes: Uint8Array,
  { checkpoint, seen }: OpenedCheckpoint,
): Check => {
  const own = shardOf(checkpoint?.origin ?? '');
  if (own !== -1 && own !== shard) {
    return failed(
      'cut',
      'malformed',
      `The checkpoint is that of log ${own}, and not of log ${shard}`,
    );
  }
  if (checkpoint?.leaves !== size || time !== cutTime(bytes)) {
    return failed(
      'cut',
      'malformed',
      'The manifest says another cut than the checkpoint beside it',
    );
  }
  const says = `it says nothing of what came behind leaf ${size - 1}`;
  if (time === undefined) return passed('cut', `${says}; no witness says when that was`);
  return time === seen
    ? passed('cut', `${says}; last seen by a witness at ${toRfc3339(time * 1000)}`)
    : skipped(
        'cut',
        `its time, ${toRfc3339(time * 1000)}, is that of a witness whom the policy does not name`,
      );
};

/** What is said of several logs that are not those of one exchange. */
export const mixedCheck = (parts: readonly OpenedPart[]): readonly Check[] => {
  const exchanges = new Set(parts.map(({ origin }) => exchangeOf(origin)));
  const isOne = exchanges.size === 1 && !exchanges.has(undefined);
  if (parts.length === 1 || isOne) return [];
  return [failed('cut', 'malformed', 'The checkpoints are not those of the logs of one exchange')];
};

const originOf = (bytes: Uint8Array): string | undefined =>
  parseCheckpoint(parseNote(bytes)?.text ?? '')?.origin;

/** The earlier checkpoints to compare with a log: all of them when it is the only one. */
export const earlierOf = (previous: Earlier, origin: string, isOnly: boolean): Earlier =>
  isOnly ? previous : previous.filter(({ bytes }) => originOf(bytes) === origin);

const compareEarlier = (one: Previous, tree: RangeTree): Check => {
  const root = tree.rootAt(one.size);
  return root === undefined
    ? skipped(one.name, 'the tiles of this export do not reach there: verify the log itself')
    : checkPrevious(one, new Map([[one.size, root]]));
};

const memberOf = (shard: number, tile: TileId): string => logKey(shard, tilePath(tile));

const wrongTile = ({ level }: TileId): string =>
  `A tile of level ${level} is not that of the tree which the checkpoint signs`;

/**
 * Reads the leaf tiles of a log, which stand behind the rows of a filtered export. Gives the first that
 * is not the tree's; throws ExportInvalid for members that are not exactly those.
 */
export const readLeafTiles = async (
  tar: TarReader,
  { range, size, tree }: OpenedPart,
  look: (tile: number, bytes: Uint8Array) => void,
): Promise<Check | undefined> => {
  const { shard, from, to } = range;
  for (const tile of rangeTiles({ size, from, to })) {
    if (!isLeafTile(tile)) continue;
    const stands = await tar.file(memberOf(shard, tile), tile.width * hashSize);
    if (!tree.take(tile, stands)) return failed('tree', 'tree', wrongTile(tile));
    look(tile.index, stands);
  }
  return undefined;
};

/**
 * Reads the checkpoint and the tiles of one log: the checkpoint by the policy, the tiles down from its
 * root; of a filtered export those that stand before the rows. Throws ExportInvalid for members that
 * are not exactly those that the range needs.
 */
export const openExportPart = async (
  tar: TarReader,
  {
    range,
    cut,
    isFiltered,
  }: { readonly range: Range; readonly cut: Cut; readonly isFiltered: boolean },
  policy: Policy,
  earlier: (origin: string) => Earlier,
): Promise<OpenedExportPart> => {
  const { shard, from, to } = range;
  const bytes = await tar.file(checkpointMember(shard), maxNote);
  const opened = openByPolicy(bytes, policy, 'quorum');
  const { checkpoint } = opened;
  if (checkpoint === undefined) return { checks: opened.checks, part: undefined };
  const cutChecked = cutCheck(cut, bytes, opened);
  const checks = [...opened.checks, cutChecked];
  if (cutChecked.result === 'failed') return { checks, part: undefined };
  const { leaves: size, origin, root } = checkpoint;
  const previous = earlier(origin).map(({ name, bytes: old }) =>
    openPrevious(name, old, { policy, current: checkpoint }),
  );
  const open = previous.flatMap((one) => ('check' in one ? [] : [one]));
  const tree = rangeTree(
    { size, from, to, root },
    open.map((one) => one.size),
  );
  let tiles = 0;
  let edge: OpenedPart['edge'];
  for (const tile of rangeTiles({ size, from, to })) {
    tiles += 1;
    if (isFiltered && isLeafTile(tile)) continue;
    const stands = await tar.file(memberOf(shard, tile), tile.width * hashSize);
    if (!tree.take(tile, stands)) {
      return { checks: [...checks, failed('tree', 'tree', wrongTile(tile))], part: undefined };
    }
    if (tile.level === 0 && !isLeafTile(tile)) edge = { index: tile.index, bytes: stands };
  }
  const compared = () => open.map((one) => compareEarlier(one, tree));
  return {
    checks: [...checks, ...previous.flatMap((one) => ('check' in one ? [one] : []))],
    part: { range, size, origin, tree, tiles, edge, compared },
  };
};
