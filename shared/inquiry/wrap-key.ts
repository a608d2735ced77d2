import { createSecretKey } from 'node:crypto';
import { nonceLength, seal, unseal } from '../audit/vault.ts';
import { fromBase64Url, type SecretKey, toBase64Url, utf8 } from '../kernel/bytes.ts';
import type { Random } from './ports.ts';

/** Bytes of an AES-256 key. */
export const keyLength = 32;

/** A wrapped key is the key of one window: as that of another it does not open. */
const contextOf = (window: number): string => `hold key ${window}`;

/** Wraps the key of a window under the vault's, so that whoever reads the store has none of them. */
export const wrapKey = (
  key: Uint8Array,
  window: number,
  { vaultKey, random }: { readonly vaultKey: SecretKey; readonly random: Random },
): Uint8Array =>
  // A seal takes disclosures, which are texts.
  seal([toBase64Url(utf8(toBase64Url(key)))], contextOf(window), {
    key: vaultKey,
    nonce: () => random(nonceLength),
  });

/** Opens what {@link wrapKey} closed; throws when vault key, window or a byte is another. */
export const unwrapKey = (box: Uint8Array, window: number, vaultKey: SecretKey): SecretKey => {
  const [sealed = ''] = unseal(box, contextOf(window), { key: vaultKey });
  const key = fromBase64Url(Buffer.from(sealed, 'base64url').toString('utf8'));
  if (key?.length !== keyLength) throw new TypeError('The key of a hold has another length.');
  return createSecretKey(key);
};
