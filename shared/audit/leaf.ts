import { utf8 } from '../kernel/bytes.ts';
import { maxEntry } from './tlog/bundle.ts';

const bytesOf = (lines: string): Uint8Array => {
  const data = utf8(lines);
  if (data.length > maxEntry) throw new RangeError('A leaf outgrows an entry bundle.');
  return data;
};

/** Leaf data = I ‖ 0x0A ‖ O ‖ 0x0A (audit-log.md §2). */
export const leafData = (intent: string, outcome: string): Uint8Array =>
  bytesOf(`${intent}\n${outcome}\n`);

/** A record that is a leaf by itself: R ‖ 0x0A. */
export const recordLeafData = (record: string): Uint8Array => bytesOf(`${record}\n`);
