import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { NoteSigner } from './note-signer.ts';
import {
  rawEd25519,
  type SignatureType,
  VerifierKeyInvalid,
  verifierKey,
} from './tlog/verifier-key.ts';

const importPem = (pem: string): KeyObject => {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // Not its cause, which may quote what it met.
    throw new VerifierKeyInvalid('The private key is no PEM of PKCS#8 without a passphrase.');
  }
};

/**
 * A signer whose Ed25519 private key is at hand as PEM of PKCS#8 (RFC 8410 §7). Throws
 * {@link VerifierKeyInvalid} for every other key and for a name that cannot stand in a note.
 */
export const pemNoteSigner = (
  { name, type }: { readonly name: string; readonly type: SignatureType },
  pem: string,
): NoteSigner => {
  const key = importPem(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new VerifierKeyInvalid('The private key is not Ed25519.');
  }
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const verifier = verifierKey(name, type, rawEd25519(spki));
  return { verifier, sign: async (message) => sign(null, message, key) };
};
