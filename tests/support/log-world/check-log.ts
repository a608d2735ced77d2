/** What must be true of a log, whatever happened: judged from outside, by what everybody can read. */
import type { Partition } from '#shared/audit/address.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import type { Head } from '#shared/audit/log-head.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { JournalEntry } from '#shared/audit/ports.ts';
import { formatBundle, parseBundle } from '#shared/audit/tlog/bundle.ts';
import { emptyRoot, type Hash, leafHash, perfectRoot } from '#shared/audit/tlog/hash.ts';
import { bundlePath, parsePath } from '#shared/audit/tlog/tile-path.ts';
import { appendTo, emptyEdge, rootOf, tileWidth } from '#shared/audit/tlog/tree.ts';
import { equalBytes, toBase64Url } from '#shared/kernel/bytes.ts';

/** A tree that somebody stands for: the head, a signature, a published checkpoint. */
export type SeenTree = { readonly by: string; readonly size: number; readonly root: Hash };

/** Everything that is known about one log at the end of a test. */
export type LogFacts = {
  readonly head: Head | undefined;
  /** By path below the log. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly published: Pick<SeenTree, 'size' | 'root'> | undefined;
  /** Every tree that was committed, signed, cosigned or published, in that order for each `by`. */
  readonly trees: readonly SeenTree[];
  /** What stands in the journal of this log. */
  readonly journal: readonly JournalEntry[];
  /** Leaf hashes that receipts promise, in base64url. */
  readonly promised: readonly string[];
  /** Leaves that were in the log before the test and are not in its journal. */
  readonly base: number;
};

type FirstLine = {
  readonly k: string;
  readonly id: string;
  readonly leaf: string;
};

const firstLine = (data: Uint8Array): FirstLine => {
  const text = Buffer.from(data.subarray(0, data.indexOf(0x0a))).toString('utf8');
  const json: unknown = JSON.parse(text);
  const member = (name: string): string => {
    if (typeof json !== 'object' || json === null) return '';
    return String(new Map(Object.entries(json)).get(name) ?? '');
  };
  return { k: member('k'), id: member('id'), leaf: member('leaf') };
};

/** The leaves of the log by its bundles; undefined where one is missing or malformed. */
export const leavesOfLog = ({
  head,
  files,
}: Pick<LogFacts, 'head' | 'files'>): readonly Uint8Array[] | undefined => {
  const size = head?.size ?? 0;
  const leaves: Uint8Array[] = [];
  for (let from = 0; from < size; from += tileWidth) {
    const width = Math.min(tileWidth, size - from);
    const bytes = files.get(bundlePath({ index: from / tileWidth, width }));
    const entries = bytes === undefined ? undefined : parseBundle(bytes, width);
    if (entries === undefined) return undefined;
    leaves.push(...entries);
  }
  return leaves;
};

/** The roots of the first so many leaves. */
const rootsAt = (
  hashes: readonly Hash[],
  sizes: ReadonlySet<number>,
): ReadonlyMap<number, Hash> => {
  const roots = new Map<number, Hash>([[0, emptyRoot]]);
  const { append, edge } = appendTo(emptyEdge);
  for (const [n, hash] of hashes.entries()) {
    append(hash);
    if (sizes.has(n + 1)) roots.set(n + 1, rootOf(edge()));
  }
  return roots;
};

/** Each tree is a prefix of the log, and nobody ever goes back. */
const checkTrees = ({ trees, head }: LogFacts, hashes: readonly Hash[]): readonly string[] => {
  const roots = rootsAt(hashes, new Set([hashes.length, ...trees.map(({ size }) => size)]));
  const own = roots.get(hashes.length);
  const found: string[] = [];
  if (head !== undefined && (own === undefined || !equalBytes(head.root, own))) {
    found.push('the head has another root');
  }
  const last = new Map<string, number>();
  for (const { by, size, root } of trees) {
    const expected = roots.get(size);
    if (expected === undefined || !equalBytes(expected, root)) {
      found.push(`${by}: the tree of ${size} is no prefix of the log`);
    }
    // A signature may be made late, of a tree that was on record before a larger one; nothing else may.
    const shrank = !by.startsWith('signed') && size < (last.get(by) ?? 0);
    if (shrank) found.push(`${by}: went back to ${size}`);
    last.set(by, size);
  }
  return found;
};

/** Every file is what C2SP tlog-tiles defines, and all of the last tree's are there. */
const checkFiles = (
  { files, head }: LogFacts,
  leaves: readonly Uint8Array[],
  hashes: readonly Hash[],
): readonly string[] => {
  const size = head?.size ?? 0;
  const levels: (readonly Hash[])[] = [hashes];
  for (let below = hashes; below.length >= tileWidth; ) {
    const above: Hash[] = [];
    for (let from = 0; from + tileWidth <= below.length; from += tileWidth) {
      above.push(perfectRoot(Buffer.concat(below.slice(from, from + tileWidth))));
    }
    levels.push(above);
    below = above;
  }
  const expected = (path: string): Uint8Array | undefined => {
    const resource = parsePath(path);
    if (resource === undefined || resource.kind === 'checkpoint') return undefined;
    const from = resource.index * tileWidth;
    const to = from + resource.width;
    if (resource.kind === 'bundle') {
      return to <= size ? formatBundle(leaves.slice(from, to)) : undefined;
    }
    const level = levels[resource.level] ?? [];
    return to <= level.length ? Buffer.concat(level.slice(from, to)) : undefined;
  };
  const found: string[] = [];
  for (const [path, bytes] of files) {
    if (path === 'checkpoint') continue;
    const right = expected(path);
    if (right === undefined) found.push(`${path}: belongs to no tree`);
    else if (!equalBytes(right, bytes)) found.push(`${path}: is not what the leaves make it`);
  }
  for (const [level, all] of levels.entries()) {
    const partial = all.length % tileWidth;
    const name = `tile/${level}/${String(Math.floor(all.length / tileWidth)).padStart(3, '0')}`;
    if (partial > 0 && all.length < tileWidth * 1000 && !files.has(`${name}.p/${partial}`)) {
      found.push(`${name}.p/${partial}: is missing`);
    }
    for (let index = 0; index < Math.min(Math.floor(all.length / tileWidth), 1000); index += 1) {
      const full = `tile/${level}/${String(index).padStart(3, '0')}`;
      if (!files.has(full)) found.push(`${full}: is missing`);
    }
  }
  return found;
};

const position = ({ bucket, slot }: Partition, id: string): string =>
  `${String(bucket).padStart(12, '0')} ${String(slot).padStart(6, '0')} ${id}`;

/** Every entry of the journal is in the log once and as it stands there; nothing else is. */
const checkEntries = (
  { journal, promised, base }: LogFacts,
  leaves: readonly Uint8Array[],
  hashes: readonly Hash[],
  settled: boolean,
): readonly string[] => {
  const found: string[] = [];
  const names = hashes.map(toBase64Url);
  const places = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (places.has(name)) found.push(`leaf ${index}: stands twice`);
    places.set(name, index);
  }
  const claimed = new Set<number>();
  let last = '';
  const claim = (data: Uint8Array | undefined, what: string): number | undefined => {
    const index = data === undefined ? undefined : places.get(toBase64Url(leafHash(data)));
    if (index === undefined) {
      if (settled) found.push(`${what}: is not in the log`);
      return undefined;
    }
    claimed.add(index);
    return index;
  };
  const lines = leaves.map((data, index) => (index < base ? undefined : firstLine(data)));
  const isLate = (index: number): boolean => {
    const [own, next] = [lines[index], lines[index + 1]];
    return next?.k === 'late' && next.id === own?.id && next.leaf === names[index];
  };
  const placed: { readonly index: number; readonly at: string }[] = [];
  for (const { address, intent, outcome, record } of journal) {
    const { id } = address;
    const both = intent !== undefined && outcome !== undefined;
    const data = both
      ? leafData(unpackRecord(intent.record), unpackRecord(outcome.record))
      : undefined;
    const indexes = [
      ...(intent === undefined ? [] : [claim(data, `inquiry ${id}`)]),
      ...(record === undefined
        ? []
        : [claim(recordLeafData(unpackRecord(record.record)), `record ${id}`)]),
    ];
    for (const index of indexes) {
      if (index !== undefined && !isLate(index)) placed.push({ index, at: position(address, id) });
    }
  }
  for (const { at } of placed.toSorted((a, b) => a.index - b.index)) {
    if (at < last) found.push(`${at}: stands behind ${last}`);
    last = at;
  }
  for (const [index, line] of lines.entries()) {
    if (line === undefined || claimed.has(index)) continue;
    if (line.k === 'late') {
      if (index === 0 || !isLate(index - 1)) found.push(`leaf ${index}: is late after nothing`);
    } else if (line.k !== 'config') {
      found.push(`leaf ${index} (${line.k} ${line.id}): is not in the journal`);
    }
  }
  const broken = promised.filter((name) => !places.has(name));
  if (settled && broken.length > 0) found.push(`${broken.length} promised leaves are missing`);
  return found;
};

/**
 * What is wrong with a log, in sentences; empty when all is right. `settled` says that the log has
 * had all the time it needs, so that everything in the journal must be in it and be published.
 */
export const checkLog = (facts: LogFacts, settled: boolean): readonly string[] => {
  const { head, published } = facts;
  const leaves = leavesOfLog(facts);
  if (leaves === undefined) return settled ? ['a bundle of the log is missing'] : [];
  const hashes = leaves.map(leafHash);
  const size = head?.size ?? 0;
  return [
    ...(settled && (published?.size ?? 0) !== size ? ['the head is not published'] : []),
    ...checkTrees(facts, hashes),
    ...checkFiles(facts, leaves, hashes),
    ...checkEntries(facts, leaves, hashes, settled),
  ];
};
