import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import {
  rawEd25519,
  type SignatureType,
  type VerifierKey,
  verifierKey,
} from '#shared/audit/tlog/verifier-key.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';

/** A key that signs notes, with what verifies it. */
export type TestNoteKey = {
  readonly verifier: VerifierKey;
  /** The 64 bytes of an Ed25519 signature. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
};

/** The DER of PrivateKeyInfo before the 32 bytes of an Ed25519 seed (RFC 8410 §7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const make = (name: string, type: SignatureType): TestNoteKey => {
  const seed = sha256(utf8(name));
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    verifier: verifierKey(name, type, rawEd25519(spki)),
    sign: async (message) => sign(null, message, key),
  };
};

/** Those made so far: to judge a public key takes a millisecond. */
const made = new Map<string, TestNoteKey>();

/** The key of a log (`ed25519`) or of a witness (`cosignature`); the same name makes the same key. */
export const noteKey = (name: string, type: SignatureType): TestNoteKey => {
  const key = made.get(`${type} ${name}`) ?? make(name, type);
  made.set(`${type} ${name}`, key);
  return key;
};
