import { concat, utf8 } from '../kernel/bytes.ts';
import { fromBase64, toBase64 } from './tlog/base64.ts';
import { parseUint64 } from './tlog/decimal.ts';
import { type Hash, hashSize } from './tlog/hash.ts';

/** What a witness is asked (C2SP tlog-witness, add-checkpoint); nothing in it is trusted yet. */
export type AddCheckpoint = {
  /** The size of the tree that the witness is thought to have on record. */
  readonly oldSize: bigint;
  /** From the old tree to the new one (RFC 6962 §2.1.2). */
  readonly proof: readonly Hash[];
  /** The new tree's checkpoint: the bytes of a signed note. */
  readonly checkpoint: Uint8Array;
};

/** The most lines of a proof that a request may have. */
export const maxProofLines = 63;

/** The most bytes of a request. */
export const maxRequest = 262_144;

const border = utf8('\n\n');

/** Reads a request's body; undefined when its form before the checkpoint is not exactly right. */
export const parseAddCheckpoint = (body: Uint8Array): AddCheckpoint | undefined => {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const end = bytes.length > maxRequest ? -1 : bytes.indexOf(border);
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\n');
  const oldSize = first.startsWith('old ') ? parseUint64(first.slice(4)) : undefined;
  if (oldSize === undefined || lines.length > maxProofLines) return undefined;
  const proof = lines
    .map(fromBase64)
    .filter((hash) => hash !== undefined)
    .filter(({ length }) => length === hashSize);
  if (proof.length !== lines.length) return undefined;
  return { oldSize, proof, checkpoint: bytes.subarray(end + border.length) };
};

/** The body of a request. Throws a RangeError for a proof that no request can hold. */
export const formatAddCheckpoint = ({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array => {
  if (proof.length > maxProofLines || proof.some(({ length }) => length !== hashSize)) {
    throw new RangeError('A proof has at most 63 hashes of 32 bytes.');
  }
  const lines = [`old ${oldSize}`, ...proof.map(toBase64)];
  return concat(utf8(`${lines.join('\n')}\n\n`), checkpoint);
};
