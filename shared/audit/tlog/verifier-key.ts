import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { concat, sha256, utf8 } from '../../kernel/bytes.ts';
import { judgeEd25519 } from '../../kernel/curve-point.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** Signature types of C2SP signed-note that are taken here. */
export const signatureTypes = {
  /** Ed25519 over the text of the note. */
  ed25519: 0x01,
  /** Ed25519 over a time and the text (C2SP tlog-cosignature, `cosignature/v1`). */
  cosignature: 0x04,
} as const;
export type SignatureType = keyof typeof signatureTypes;

/** A public key that notes are verified with. */
export type VerifierKey = {
  /** Without spaces and `+`, for example `exchange.example/log/0`. */
  readonly name: string;
  /** Eight hexadecimal digits: SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]. */
  readonly id: string;
  readonly type: SignatureType;
  /** 32 bytes (RFC 8032 §5.1.5). */
  readonly publicKey: Uint8Array;
  readonly key: KeyObject;
};

/** A key that must not be used; its message says why. */
export class VerifierKeyInvalid extends Error {
  override readonly name = 'VerifierKeyInvalid';
}

/** The DER of SubjectPublicKeyInfo before the 32 bytes of an Ed25519 key (RFC 8410 §4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** An Ed25519 public key from its 32 bytes; node:crypto takes weak ones, so judge them before. */
const importEd25519 = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });

/** The raw 32 bytes of an Ed25519 public key in DER SubjectPublicKeyInfo. */
export const rawEd25519 = (spki: Uint8Array): Uint8Array => {
  const prefix = spki.subarray(0, spkiPrefix.length);
  if (spki.length !== spkiPrefix.length + 32 || !spkiPrefix.equals(prefix)) {
    throw new VerifierKeyInvalid('The public key is not Ed25519.');
  }
  return spki.subarray(spkiPrefix.length);
};

const maxName = 256;

/** Key names hold no Unicode space, no `+`, no control character (C2SP signed-note, Format). */
export const isKeyName = (name: string): boolean =>
  name.length > 0 && name.length <= maxName && !/[\p{White_Space}+\p{Cc}\p{Cs}]/u.test(name);

const idOf = (name: string, type: SignatureType, publicKey: Uint8Array): string =>
  Buffer.from(sha256(concat(utf8(name), Uint8Array.of(0x0a, signatureTypes[type]), publicKey)))
    .subarray(0, 4)
    .toString('hex');

/**
 * The verifier of an Ed25519 public key under a name. Throws {@link VerifierKeyInvalid} for a name
 * that cannot stand in a note and for a public key that is not canonical, not on the curve or of low
 * order: under such a key one signature can hold for many texts.
 */
export const verifierKey = (
  name: string,
  type: SignatureType,
  publicKey: Uint8Array,
): VerifierKey => {
  if (!isKeyName(name)) throw new VerifierKeyInvalid('The name of the key is not allowed.');
  if (publicKey.length !== 32) throw new VerifierKeyInvalid('An Ed25519 key has 32 bytes.');
  const judgement = judgeEd25519(publicKey);
  if (judgement !== 'sound') throw new VerifierKeyInvalid(`The Ed25519 key is ${judgement}.`);
  return { name, id: idOf(name, type, publicKey), type, publicKey, key: importEd25519(publicKey) };
};

const vkey = /^(?<name>[^+]+)\+(?<id>[0-9a-f]{8})\+(?<key>[A-Za-z0-9+/]+=*)$/u;

/** Reads `<name>+<id>+<base64(type ‖ key)>`; throws {@link VerifierKeyInvalid} as above. */
export const parseVerifierKey = (text: string): VerifierKey => {
  const { name = '', id, key = '' } = vkey.exec(text)?.groups ?? {};
  const bytes = fromBase64(key);
  if (id === undefined || bytes === undefined) {
    throw new VerifierKeyInvalid('This is no verifier key: <name>+<id>+<base64>.');
  }
  const known = Object.entries(signatureTypes).find(([, byte]) => byte === bytes[0])?.[0];
  if (known !== 'ed25519' && known !== 'cosignature') {
    throw new VerifierKeyInvalid('The signature type is not supported.');
  }
  const parsed = verifierKey(name, known, bytes.subarray(1));
  if (parsed.id !== id) throw new VerifierKeyInvalid('The id does not belong to the key.');
  return parsed;
};

export const formatVerifierKey = ({ name, id, type, publicKey }: VerifierKey): string =>
  `${name}+${id}+${toBase64(concat(Uint8Array.of(signatureTypes[type]), publicKey))}`;

/** Whether an Ed25519 signature holds (RFC 8032 §5.1.7). */
export const verifyEd25519 = (
  { key }: VerifierKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean => signature.length === 64 && verify(null, message, key, signature);
