import { createHash } from 'node:crypto';
import { concat, utf8 } from '../kernel/bytes.ts';

const newline = Uint8Array.of(0x0a);

/** The most a leaf may hold: an entry of a C2SP tlog-tiles bundle has a 16-bit length. */
export const maxLeafData = 65_535;

/** Leaf data = I ‖ 0x0A ‖ O ‖ 0x0A (audit-log.md §2). */
export const leafData = (intent: string, outcome: string): Uint8Array => {
  const data = concat(utf8(intent), newline, utf8(outcome), newline);
  if (data.length > maxLeafData) throw new RangeError('A leaf outgrows an entry bundle.');
  return data;
};

/** SHA-256(0x00 ‖ data), the Merkle leaf hash of RFC 6962 §2.1. */
export const leafHash = (data: Uint8Array): Uint8Array =>
  createHash('sha256').update(Uint8Array.of(0x00)).update(data).digest();
