import { equalBytes } from '../../kernel/bytes.ts';
import { Problem } from '../../kernel/problem.ts';
import type { ObjectStore } from '../ports.ts';
import { logKey } from '../sequence/log-files.ts';
import { LogStopped } from '../sequence/log-stopped.ts';
import type { Publisher } from '../sequence/ports.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { formatNote, type Note, parseNote } from '../tlog/note.ts';
import { mergeNotes } from './merge-notes.ts';

/** Where the newest checkpoint of a shard's log is, as C2SP tlog-tiles has it. */
export const checkpointKey = (shard: number): string => logKey(shard, 'checkpoint');

/** Where the newest checkpoint is that a quorum of witnesses has cosigned. */
export const cosignedKey = (shard: number): string => `cosigned/${shard}/checkpoint`;

type Read = { readonly note: Note; readonly checkpoint: Checkpoint };

const read = (bytes: Uint8Array): Read | undefined => {
  const note = parseNote(bytes);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  return note === undefined || checkpoint === undefined ? undefined : { note, checkpoint };
};

/** What is to stand: undefined when what stands already is as good. */
const next = (
  standing: Uint8Array | undefined,
  incoming: Uint8Array,
  shard: number,
): Uint8Array | undefined => {
  const made = read(incoming);
  if (made === undefined) throw new TypeError('What is to be published is no checkpoint.');
  if (standing === undefined) return incoming;
  const old = read(standing);
  if (old === undefined) throw new LogStopped('published-damaged', shard);
  if (old.checkpoint.size > made.checkpoint.size) return undefined;
  if (old.checkpoint.size < made.checkpoint.size) return incoming;
  // Two roots at one size: whoever signed the second is not to be followed.
  if (old.note.text !== made.note.text) throw new LogStopped('signer-refused', shard);
  const merged = formatNote(mergeNotes(old.note, made.note.signatures));
  return equalBytes(merged, standing) ? undefined : merged;
};

/** Others may publish at the same time; whoever loses looks again this often. */
const attempts = 8;

/**
 * Puts a checkpoint under a key: never one that is smaller than what stands, and never without a
 * cosignature that stood beside the same text.
 */
export const replaceCheckpoint = async (
  objects: Pick<ObjectStore, 'get' | 'replace'>,
  key: string,
  shard: number,
  incoming: Uint8Array,
): Promise<void> => {
  let standing = await objects.get(key);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const bytes = next(standing, incoming, shard);
    if (bytes === undefined) return;
    const answer = await objects.replace(key, standing, bytes);
    if (answer === 'written') return;
    standing = answer.standing;
  }
  throw new Problem('store-unavailable', 'Too many publish this log at once.', { retryAfter: 1 });
};

/** The publisher over the object store that everybody reads from. */
export const objectPublisher = (objects: Pick<ObjectStore, 'get' | 'replace'>): Publisher => ({
  published: (shard) => objects.get(checkpointKey(shard)),
  publish: (shard, checkpoint) =>
    replaceCheckpoint(objects, checkpointKey(shard), shard, checkpoint),
});
