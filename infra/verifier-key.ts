import { createHash } from 'node:crypto';

/** The DER of SubjectPublicKeyInfo before the 32 bytes of an Ed25519 key (RFC 8410 §4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const ed25519 = 0x01;

/**
 * The verifier key of a log (C2SP signed-note, `<name>+<id>+<base64>`) from the public half of its key
 * as KMS gives it: base64 of DER SubjectPublicKeyInfo. Throws when that is no Ed25519 key.
 */
export const verifierKeyOf = (name: string, publicKey: string): string => {
  if (!/^[^+\s]{1,256}$/.test(name)) throw new Error('The name of a log has no space and no +.');
  const spki = Buffer.from(publicKey.trim(), 'base64');
  const raw = spki.subarray(spkiPrefix.length);
  if (raw.length !== 32 || !spki.subarray(0, spkiPrefix.length).equals(spkiPrefix)) {
    throw new Error('The key is not the public half of an Ed25519 key, as KMS gives it.');
  }
  const typed = Buffer.concat([Buffer.of(ed25519), raw]);
  const hash = createHash('sha256').update(`${name}\n`).update(typed).digest('hex');
  return `${name}+${hash.slice(0, 8)}+${typed.toString('base64')}`;
};
