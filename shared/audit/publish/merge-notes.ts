import { maxSignatures, type Note, type NoteSignature } from '../tlog/note.ts';

const keyOf = ({ name, id }: NoteSignature): string => `${name}+${id}`;

/** A cosignature: the time in 8 bytes, big-endian, before 64 bytes (C2SP tlog-cosignature). */
const timed = { length: 72, time: 8 };

const timeOf = ({ signature }: NoteSignature): Uint8Array =>
  signature.length === timed.length ? signature.subarray(0, timed.time) : new Uint8Array();

/** Of two signatures of one key the incoming one, unless the other is a later cosignature. */
const newest = (standing: NoteSignature, incoming: NoteSignature): NoteSignature =>
  Buffer.compare(timeOf(standing), timeOf(incoming)) > 0 ? standing : incoming;

/**
 * One text with the signatures of both, and of each key the newest one. Signatures beyond the sixteen
 * that every verifier takes are left out.
 */
export const mergeNotes = (standing: Note, incoming: readonly NoteSignature[]): Note => {
  const renewed = new Map(incoming.map((one) => [keyOf(one), one]));
  const kept = standing.signatures.map((one) => newest(one, renewed.get(keyOf(one)) ?? one));
  const known = new Set(standing.signatures.map(keyOf));
  const added = incoming.filter((one) => !known.has(keyOf(one)));
  return { text: standing.text, signatures: [...kept, ...added].slice(0, maxSignatures) };
};
