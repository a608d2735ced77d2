import { tileWidth } from './tree.ts';

/** The most bytes of one entry: its length is written in 16 bits. */
export const maxEntry = 65_535;

/** Bytes of the length that stands before an entry. */
export const entryHead = 2;

/** Entries as a bundle: each behind its length, big-endian in 16 bits (C2SP tlog-tiles). */
export const formatBundle = (entries: readonly Uint8Array[]): Uint8Array => {
  const length = entries.reduce((sum, entry) => sum + entryHead + entry.length, 0);
  const bundle = new Uint8Array(length);
  let position = 0;
  for (const entry of entries) {
    if (entry.length > maxEntry) throw new RangeError('An entry outgrows its bundle.');
    bundle[position] = Math.floor(entry.length / 256);
    bundle[position + 1] = entry.length % 256;
    bundle.set(entry, position + entryHead);
    position += entryHead + entry.length;
  }
  return bundle;
};

/** The entries of a bundle, as views of its bytes; undefined when they are not exactly `width`. */
export const parseBundle = (
  bytes: Uint8Array,
  width: number,
): readonly Uint8Array[] | undefined => {
  if (width < 1 || width > tileWidth) return undefined;
  const entries: Uint8Array[] = [];
  let position = 0;
  while (position + entryHead <= bytes.length && entries.length < width) {
    const length = (bytes[position] ?? 0) * 256 + (bytes[position + 1] ?? 0);
    const end = position + entryHead + length;
    if (end > bytes.length) return undefined;
    entries.push(bytes.subarray(position + entryHead, end));
    position = end;
  }
  return position === bytes.length && entries.length === width ? entries : undefined;
};
