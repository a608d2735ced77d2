import { concat, utf8 } from '../../kernel/bytes.ts';
import { type VerifierKey, verifyEd25519 } from './verifier-key.ts';

/** What a witness signs: a time in seconds since 1970, and the whole text (C2SP tlog-cosignature). */
export const cosignatureMessage = (text: string, time: number): Uint8Array =>
  utf8(`cosignature/v1\ntime ${time}\n${text}`);

/** A signature with its time before it: 8 bytes big-endian, then 64 bytes. */
export const formatCosignature = (time: number, signature: Uint8Array): Uint8Array => {
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(time));
  return concat(prefix, signature);
};

/** When the witness saw this text, in seconds since 1970; undefined when its signature does not hold. */
export const cosignedAt = (
  key: VerifierKey,
  text: string,
  cosignature: Uint8Array,
): number | undefined => {
  if (cosignature.length !== 72) return undefined;
  const view = new DataView(cosignature.buffer, cosignature.byteOffset, cosignature.length);
  const time = view.getBigUint64(0);
  if (time === 0n || time > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const message = cosignatureMessage(text, Number(time));
  return verifyEd25519(key, message, cosignature.subarray(8)) ? Number(time) : undefined;
};
