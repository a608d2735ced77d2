import { equalBytes } from '../../kernel/bytes.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { toSafe } from '../tlog/decimal.ts';
import { emptyRoot } from '../tlog/hash.ts';
import { parseNote } from '../tlog/note.ts';
import { proveConsistency } from '../tlog/prove.ts';
import { type LogFile, readTail } from './build.ts';
import { type LogFiles, logFiles, logKey, tileReader } from './log-files.ts';
import { LogStopped } from './log-stopped.ts';
import type { SequencerPorts } from './ports.ts';
import { readStaged, type ShardTree } from './stage.ts';

type Ports = Pick<SequencerPorts, 'objects' | 'staging' | 'signer' | 'publisher'>;

/** How often the signer is asked: once it says where it stands, its answer is final. */
const attempts = 4;

/** Files applied at once. */
const atOnce = 8;

/** The tree that everybody sees; of a log that shows none yet, the empty one. */
const publishedTree = async ({ publisher }: Ports, shard: number) => {
  const bytes = await publisher.published(shard);
  if (bytes === undefined) return { size: 0, root: emptyRoot };
  const note = parseNote(bytes);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (checkpoint === undefined) throw new LogStopped('published-damaged', shard);
  const { size, root } = checkpoint;
  return { size: toSafe(size) ?? Number.MAX_SAFE_INTEGER, root };
};

/** What is written of the log, and over it what is staged. */
const withStaged = (files: LogFiles, staged: readonly LogFile[]): LogFiles => {
  const byPath = new Map(staged.map(({ path, bytes }) => [path, bytes]));
  return { get: async (path) => byPath.get(path) ?? files.get(path) };
};

/** The signed checkpoint, or the size that the signer is at when it is past this tree. */
const signTree = async (
  { signer }: Ports,
  { shard, size, root }: ShardTree,
  files: LogFiles,
  known: number,
): Promise<Uint8Array | number> => {
  let oldSize = known;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const proof = await proveConsistency(oldSize, size, tileReader(files));
    const answer = await signer({ shard, oldSize, size, root, proof });
    if (answer.kind === 'signed') return answer.checkpoint;
    if (answer.kind === 'refused') throw new LogStopped('signer-refused', shard);
    if (answer.size > size) return answer.size;
    oldSize = answer.size;
  }
  throw new LogStopped('signer-refused', shard);
};

/** Puts the staged files where everybody reads them; what stands there already must be the same. */
const apply = async (
  { objects }: Ports,
  shard: number,
  files: readonly LogFile[],
): Promise<void> => {
  for (let from = 0; from < files.length; from += atOnce) {
    const put = files.slice(from, from + atOnce).map(async ({ path, bytes }) => {
      const standing = await objects.putIfAbsent(logKey(shard, path), bytes);
      if (standing !== 'written') throw new LogStopped('tile-differs', shard);
    });
    await Promise.all(put);
  }
};

/** How far the log is seen to be: at the tree that was finished, or past it. */
export type Finished = { readonly size: number };

/**
 * From a committed head to a published checkpoint: sign, apply what was staged, publish
 * (audit-log.md §3, steps 6 to 8). The same after a crash as without one: every step is idempotent by
 * content, and nothing is done where it is done already, or where somebody else has gone on. `made`:
 * the files of the batch, for whoever has staged them a moment ago; anybody else reads what is staged.
 */
export const finish = async (
  ports: Ports,
  tree: ShardTree,
  made?: readonly LogFile[],
): Promise<Finished> => {
  const published = await publishedTree(ports, tree.shard);
  if (published.size > tree.size) return { size: published.size };
  if (published.size === tree.size) {
    if (equalBytes(published.root, tree.root)) return { size: tree.size };
    throw new LogStopped('signer-refused', tree.shard);
  }
  const staged = made ?? (await readStaged(ports.staging, tree));
  const files = withStaged(logFiles(ports.objects, tree.shard), staged);
  // That what is staged leads to the tree.
  await readTail(files, tree.shard, tree);
  const checkpoint = await signTree(ports, tree, files, published.size);
  if (typeof checkpoint === 'number') return { size: checkpoint };
  await apply(ports, tree.shard, staged);
  await ports.publisher.publish(tree.shard, checkpoint);
  return { size: tree.size };
};
