import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat, type SecretKey, utf8 } from '../kernel/bytes.ts';
import { packText, unpackText } from './pack.ts';

/** AES-256-GCM (NIST SP 800-38D): a 96-bit nonce and a 128-bit tag. */
export const nonceLength = 12;
const tagLength = 16;
const version = 1;

/** No JSON text holds a raw NUL (RFC 8259 §2), so it can stand between two disclosures. */
const separator = '\0';

export type VaultKey = { readonly key: SecretKey; readonly nonce: () => Uint8Array };

/**
 * Seals disclosures so that a row of the journal shows nothing of a person: version ‖ nonce ‖
 * ciphertext ‖ tag. `context` binds the box to its row: it opens there and nowhere else.
 */
export const seal = (
  disclosures: readonly string[],
  context: string,
  { key, nonce }: VaultKey,
): Uint8Array => {
  const iv = nonce();
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(utf8(context));
  const readable = disclosures.map((text) => Buffer.from(text, 'base64url').toString('utf8'));
  const body = cipher.update(packText(readable.join(separator)));
  return concat(Uint8Array.of(version), iv, body, cipher.final(), cipher.getAuthTag());
};

/** Opens what {@link seal} closed; throws when the key, the context or a byte is another. */
export const unseal = (
  box: Uint8Array,
  context: string,
  { key }: Pick<VaultKey, 'key'>,
): readonly string[] => {
  if (box[0] !== version) throw new TypeError('A vault has an unknown version.');
  const tagStart = box.length - tagLength;
  const iv = box.subarray(1, 1 + nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
    .setAAD(utf8(context))
    .setAuthTag(box.subarray(tagStart));
  const body = decipher.update(box.subarray(1 + nonceLength, tagStart));
  const readable = unpackText(concat(body, decipher.final()));
  if (readable === '') return [];
  return readable.split(separator).map((text) => Buffer.from(text, 'utf8').toString('base64url'));
};
