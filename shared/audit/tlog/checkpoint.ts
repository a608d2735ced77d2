import { utf8 } from '../../kernel/bytes.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { cosignedAt } from './cosignature.ts';
import { parseUint64 } from './decimal.ts';
import { type Hash, hashSize } from './hash.ts';
import { type Note, type NoteSignature, parseNote } from './note.ts';
import { type VerifierKey, verifyEd25519 } from './verifier-key.ts';

/** What a log says about itself (C2SP tlog-checkpoint). */
export type Checkpoint = {
  /** Who: for example `exchange.example/log/0`. */
  readonly origin: string;
  /** How many leaves: below 2^64. */
  readonly size: bigint;
  readonly root: Hash;
  /** Lines nobody can audit; a log of ours has none. */
  readonly extensions: readonly string[];
};

/** The text that a checkpoint's signatures are about. */
export const formatCheckpoint = ({ origin, size, root, extensions }: Checkpoint): string =>
  [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join('');

/** Reads the text of a checkpoint; undefined when its form is not exactly right. */
export const parseCheckpoint = (text: string): Checkpoint | undefined => {
  if (!text.endsWith('\n')) return undefined;
  const [origin = '', decimal = '', base64 = '', ...extensions] = text.slice(0, -1).split('\n');
  const size = parseUint64(decimal);
  const root = fromBase64(base64);
  if (origin === '' || size === undefined || root?.length !== hashSize) return undefined;
  return extensions.includes('') ? undefined : { origin, size, root, extensions };
};

/** A checkpoint with the signatures beside it that held. */
export type SignedCheckpoint = {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  /** By the key of the log. */
  readonly signedBy: readonly VerifierKey[];
  /** By witnesses: when each saw this tree, in seconds since 1970. */
  readonly cosignedBy: readonly { readonly key: VerifierKey; readonly time: number }[];
};

type Verdict =
  | { readonly key: VerifierKey; readonly holds: false }
  | { readonly key: VerifierKey; readonly holds: true; readonly time: number | undefined };

const judge = (key: VerifierKey, text: string, { signature }: NoteSignature): Verdict => {
  if (key.type === 'ed25519') {
    return verifyEd25519(key, utf8(text), signature)
      ? { key, holds: true, time: undefined }
      : { key, holds: false };
  }
  const time = cosignedAt(key, text, signature);
  return time === undefined ? { key, holds: false } : { key, holds: true, time };
};

/**
 * Opens a signed checkpoint with the keys of its log and of witnesses. Signatures of unknown keys are
 * ignored; one of a known key that does not hold spoils the whole note (C2SP signed-note, Signatures).
 * Undefined when it is malformed, when it is spoilt, or when no key of `log` signed it under its own
 * name as the origin.
 */
export const openCheckpoint = (
  bytes: Uint8Array,
  {
    log,
    witnesses,
  }: { readonly log: readonly VerifierKey[]; readonly witnesses: readonly VerifierKey[] },
): SignedCheckpoint | undefined => {
  const note = parseNote(bytes);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note === undefined || checkpoint === undefined) return undefined;
  const known = new Map([...log, ...witnesses].map((key) => [`${key.name}+${key.id}`, key]));
  const verdicts = note.signatures.flatMap((one) => {
    const key = known.get(`${one.name}+${one.id}`);
    return key === undefined ? [] : [judge(key, note.text, one)];
  });
  if (verdicts.some(({ holds }) => !holds)) return undefined;
  const signedBy = verdicts
    .map(({ key }) => key)
    .filter((key) => log.includes(key) && key.name === checkpoint.origin);
  if (signedBy.length === 0) return undefined;
  const cosignedBy = verdicts.flatMap((verdict) =>
    verdict.holds && verdict.time !== undefined && witnesses.includes(verdict.key)
      ? [{ key: verdict.key, time: verdict.time }]
      : [],
  );
  return { checkpoint, note, signedBy, cosignedBy };
};
