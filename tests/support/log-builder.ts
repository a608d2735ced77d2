/** A tiled log made from leaf data: what a sequencer would have published, file by file. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { type Checkpoint, formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { cosignatureMessage, formatCosignature } from '#shared/audit/tlog/cosignature.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { formatNote } from '#shared/audit/tlog/note.ts';
import { formatProofFile } from '#shared/audit/tlog/proof-file.ts';
import { proveInclusion } from '#shared/audit/tlog/prove.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { appendTo, emptyEdge, partialTiles, rootOf, tileWidth } from '#shared/audit/tlog/tree.ts';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { noteKey, type TestNoteKey } from './log-keys.ts';
import { testNow } from './messages.ts';

export const testOrigin = 'exchange.example/log/0';

/** Who signs a log of tests: its own key and those of its witnesses. */
export type LogSigners = {
  readonly log: TestNoteKey;
  readonly witnesses: readonly TestNoteKey[];
};

export const testSigners = (origin: string = testOrigin): LogSigners => ({
  log: noteKey(origin, 'ed25519'),
  witnesses: [
    noteKey('witness.example/a', 'cosignature'),
    noteKey('witness.example/b', 'cosignature'),
  ],
});

/** A policy that wants the log's signature and so many cosignatures; all of them by default. */
export const policyText = (
  { log, witnesses }: LogSigners = testSigners(),
  threshold: number = witnesses.length,
): string => {
  const names = witnesses.map((_, n) => `w${n}`);
  const quorum = threshold === 0 ? ['quorum none'] : [];
  const group = threshold === 0 ? [] : [`group all ${threshold} ${names.join(' ')}`, 'quorum all'];
  return [
    `log ${formatVerifierKey(log.verifier)}`,
    ...witnesses.map((key, n) => `witness w${n} ${formatVerifierKey(key.verifier)}`),
    ...group,
    ...quorum,
    '',
  ].join('\n');
};

/** A checkpoint with the signatures of the log and its witnesses. */
export const signCheckpoint = async (
  tree: Pick<Checkpoint, 'size' | 'root'>,
  {
    origin = testOrigin,
    signers = testSigners(origin),
    time = Math.floor(testNow / 1000) + 60,
  }: { readonly origin?: string; readonly signers?: LogSigners; readonly time?: number } = {},
): Promise<Uint8Array> => {
  const text = formatCheckpoint({ origin, ...tree, extensions: [] });
  const own = {
    name: signers.log.verifier.name,
    id: signers.log.verifier.id,
    signature: await signers.log.sign(utf8(text)),
  };
  const cosignatures = signers.witnesses.map(async ({ verifier: { name, id }, sign }) => ({
    name,
    id,
    signature: formatCosignature(time, await sign(cosignatureMessage(text, time))),
  }));
  return formatNote({ text, signatures: [own, ...(await Promise.all(cosignatures))] });
};

export type LogFiles = Map<string, Uint8Array>;

export type BuiltLog = {
  /** By their path below the log: `checkpoint`, `tile/0/000.p/5`, `tile/entries/000.p/5`. */
  readonly files: LogFiles;
  readonly size: number;
  readonly root: Uint8Array;
  readonly checkpoint: Uint8Array;
};

/** Builds the log of these leaves; no file that a larger log has superseded is in it. */
export const buildLog = async (
  leaves: readonly Uint8Array[],
  how: Parameters<typeof signCheckpoint>[1] = {},
): Promise<BuiltLog> => {
  const files: LogFiles = new Map();
  const { append, edge } = appendTo(emptyEdge, ({ bytes, ...tile }) =>
    files.set(tilePath(tile), bytes.slice()),
  );
  leaves.forEach((leaf) => append(leafHash(leaf)));
  for (const { bytes, ...tile } of partialTiles(edge())) files.set(tilePath(tile), bytes);
  for (let from = 0; from < leaves.length; from += tileWidth) {
    const entries = leaves.slice(from, from + tileWidth);
    const id = { index: from / tileWidth, width: entries.length };
    files.set(bundlePath(id), formatBundle(entries));
  }
  const root = rootOf(edge());
  const checkpoint = await signCheckpoint({ size: BigInt(leaves.length), root }, how);
  files.set('checkpoint', checkpoint);
  return { files, size: leaves.length, root, checkpoint };
};

/** The `.tlog-proof` of one leaf, with the leaf itself in its `extra` line. */
export const proofOf = async (
  leaves: readonly Uint8Array[],
  index: number,
  { files, checkpoint }: BuiltLog,
): Promise<Uint8Array> => {
  const proof = await proveInclusion(index, leaves.length, async (tiles) =>
    tiles.map((tile) => files.get(tilePath(tile)) ?? new Uint8Array()),
  );
  return formatProofFile({ extra: leaves[index], index: BigInt(index), proof, checkpoint });
};

/** Writes the files of a log below a folder. */
export const writeLog = async (folder: string, files: LogFiles): Promise<void> => {
  for (const [path, bytes] of files) {
    const file = join(folder, ...path.split('/'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
};
