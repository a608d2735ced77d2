import { createHash } from 'node:crypto';
import * as z from 'zod';
import { concat, equalBytes, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { ObjectStore } from '../ports.ts';
import type { Hash } from '../tlog/hash.ts';
import { parsePath } from '../tlog/tile-path.ts';
import { bundlesMatch, type LogFile } from './build.ts';
import { LogStopped } from './log-stopped.ts';

/** A tree of one log. */
export type ShardTree = { readonly shard: number; readonly size: number; readonly root: Hash };

/** Where a batch is staged: named by what it leads to, which is all that a head tells. */
export const stagingKey = ({ shard, size, root }: ShardTree): string =>
  `staging/${shard}/${size}-${Buffer.from(root).toString('hex')}`;

/** The second line of a staged batch: RFC 8785 JSON. */
const Manifest = z.strictObject({
  v: z.literal(1),
  files: z.array(z.strictObject({ path: z.string(), length: z.int().min(0) })),
});

const newline = 0x0a;

/** base64url(SHA-256) of the manifest and of all files but the bundles, which their tiles judge. */
const digestOf = (manifest: Uint8Array, files: readonly LogFile[]): string => {
  const digest = createHash('sha256').update(manifest);
  for (const { path, bytes } of files) {
    if (parsePath(path)?.kind !== 'bundle') digest.update(bytes);
  }
  return digest.digest('base64url');
};

/** A batch as one object: its digest, its manifest, its files one after another. */
export const formatStaged = (files: readonly LogFile[]): Uint8Array => {
  const manifest = {
    v: 1,
    files: files.map(({ path, bytes }) => ({ path, length: bytes.length })),
  };
  const line = utf8(`${canonicalJson(manifest)}\n`);
  const first = utf8(`${digestOf(line, files)}\n`);
  return concat(first, line, ...files.map(({ bytes }) => bytes));
};

/** The files of a staged batch; undefined when it is not whole. Every entry is hashed again. */
export const parseStaged = (staged: Uint8Array): readonly LogFile[] | undefined => {
  const first = staged.indexOf(newline);
  const second = staged.indexOf(newline, first + 1);
  if (first < 0 || second < 0) return undefined;
  const line = staged.subarray(first + 1, second + 1);
  let position = second + 1;
  const files = readManifest(Buffer.from(line).toString('utf8'))?.map(({ path, length }) => {
    position += length;
    return { path, bytes: staged.subarray(position - length, position) };
  });
  if (files === undefined || position !== staged.length) return undefined;
  const digest = Buffer.from(staged.subarray(0, first)).toString('latin1');
  return digest === digestOf(line, files) && bundlesMatch(files) ? files : undefined;
};

const readManifest = (line: string): z.infer<typeof Manifest>['files'] | undefined => {
  try {
    return Manifest.parse(JSON.parse(line)).files;
  } catch {
    return undefined;
  }
};

/** Whether a batch holds all the files of another. */
const covers = (batch: readonly LogFile[], files: readonly LogFile[]): boolean => {
  const byPath = new Map(batch.map(({ path, bytes }) => [path, bytes]));
  return files.every(({ path, bytes }) => equalBytes(byPath.get(path) ?? new Uint8Array(), bytes));
};

/**
 * Stages a batch before its head is written: from it, anybody can finish what was begun. A batch that
 * leads to the same tree may stand there already, from another head. From an earlier one it holds
 * all of this one's files and does as well; from a later one it does not, and is `other`: then this
 * batch comes too late.
 */
export const stage = async (
  staging: ObjectStore,
  tree: ShardTree,
  files: readonly LogFile[],
): Promise<'staged' | 'other'> => {
  const standing = await staging.putIfAbsent(stagingKey(tree), formatStaged(files));
  if (standing === 'written') return 'staged';
  const batch = parseStaged(standing);
  if (batch === undefined) throw new LogStopped('staging-lost', tree.shard);
  return covers(batch, files) ? 'staged' : 'other';
};

export const readStaged = async (
  staging: ObjectStore,
  tree: ShardTree,
): Promise<readonly LogFile[]> => {
  const bytes = await staging.get(stagingKey(tree));
  const files = bytes === undefined ? undefined : parseStaged(bytes);
  if (files === undefined) throw new LogStopped('staging-lost', tree.shard);
  return files;
};
