/**
 * The bytes of a canonical base64 text (RFC 4648 §4): its alphabet, its padding, unused bits zero.
 * Undefined for every other text: a text with a bit flipped must not stand for the same bytes.
 */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};

export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
