import { type Checkpoint, formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { cosignatureMessage, formatCosignature } from '#shared/audit/tlog/cosignature.ts';
import { formatNote, type NoteSignature } from '#shared/audit/tlog/note.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';
import { noteKey, type TestNoteKey } from '#tests/support/log-keys.ts';

export const origin = 'exchange.example/log/0';
export const log = noteKey(origin, 'ed25519');
export const first = noteKey('witness.example/w1', 'cosignature');
export const second = noteKey('witness.example/w2', 'cosignature');

export const checkpoint: Checkpoint = {
  origin,
  size: 20_852_163n,
  root: sha256(utf8('a root')),
  extensions: [],
};

export const text = formatCheckpoint(checkpoint);
export const time = 1_679_315_147;

export const signText = async (
  { verifier: { name, id }, sign }: TestNoteKey,
  about: string,
): Promise<NoteSignature> => ({ name, id, signature: await sign(utf8(about)) });

export const cosignText = async (
  { verifier: { name, id }, sign }: TestNoteKey,
  about: string,
  at: number,
): Promise<NoteSignature> => ({
  name,
  id,
  signature: formatCosignature(at, await sign(cosignatureMessage(about, at))),
});

/** A checkpoint signed by the log and cosigned by both witnesses, the second a second later. */
export const signedCheckpoint = async (): Promise<Uint8Array> =>
  formatNote({
    text,
    signatures: [
      await signText(log, text),
      await cosignText(first, text, time),
      await cosignText(second, text, time + 1),
    ],
  });

export const keys = { log: [log.verifier], witnesses: [first.verifier, second.verifier] };
