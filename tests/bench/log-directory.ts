import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { leafData } from '#shared/audit/leaf.ts';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import {
  appendTo,
  emptyEdge,
  partialTiles,
  rootOf,
  type Tile,
  tileWidth,
} from '#shared/audit/tlog/tree.ts';
import { policyText, signCheckpoint } from '#tests/support/log-builder.ts';
import { configLeaf } from '#tests/support/log-leaves.ts';
import { keyLeaves, type SampleSigners, sampleEntries } from './log-entries.ts';

const perSecond = 200;

function* leavesOf(size: number, signers: SampleSigners): Generator<Uint8Array> {
  const first = [configLeaf(), ...keyLeaves(signers)];
  yield* first;
  for (const { intent, outcome } of sampleEntries(size - first.length, perSecond, signers)) {
    yield leafData(intent, outcome);
  }
}

/** Writes a log of so many leaves, and a policy to verify it by; never more than a bundle in memory. */
export const writeSampleLog = async (
  folder: string,
  policyFile: string,
  size: number,
  signers: SampleSigners,
  progress: (share: number) => void,
): Promise<void> => {
  const write = async (path: string, bytes: Uint8Array): Promise<void> => {
    const file = join(folder, ...path.split('/'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  };
  const finished: Tile[] = [];
  const { append, edge } = appendTo(emptyEdge, ({ bytes, ...id }) =>
    finished.push({ ...id, bytes: bytes.slice() }),
  );
  const writeTiles = async (): Promise<void> => {
    for (const { bytes, ...id } of finished.splice(0)) await write(tilePath(id), bytes);
  };
  let entries: Uint8Array[] = [];
  let index = 0;
  const writeEntries = async (): Promise<void> => {
    await write(bundlePath({ index, width: entries.length }), formatBundle(entries));
    await writeTiles();
    entries = [];
    index += 1;
    progress((index * tileWidth) / size);
  };
  for (const leaf of leavesOf(size, signers)) {
    append(leafHash(leaf));
    entries.push(leaf);
    if (entries.length === tileWidth) await writeEntries();
  }
  if (entries.length > 0) await writeEntries();
  finished.push(...partialTiles(edge()));
  await writeTiles();
  const tree = { size: BigInt(size), root: rootOf(edge()) };
  await write('checkpoint', await signCheckpoint(tree));
  await writeFile(policyFile, policyText());
};
