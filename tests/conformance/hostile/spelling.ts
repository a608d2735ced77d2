const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * The same bytes in another spelling: the unused bits of the last character say `k` instead of zero
 * (RFC 4648 §3.5). A text of 4n+2 characters has 15 such spellings, one of 4n+3 has 3, one of 4n none.
 */
export const respell = (text: string, k: number): string =>
  text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) + k);

/** JSON with white space behind it, so that its base64url has 4n+2 characters and unused bits. */
export const unaligned = (json: string): string =>
  json + ' '.repeat((4 - (Buffer.byteLength(json) % 3)) % 3);

/** The text in the alphabet of RFC 4648 §4. */
export const standardAlphabet = (text: string): string =>
  text.replaceAll('-', '+').replaceAll('_', '/');
