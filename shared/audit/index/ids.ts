import { IndexInvalid } from './index-invalid.ts';

/** Bytes of an id, of the time that it begins with, and of what follows. */
const idWidth = 16;
const timeWidth = 6;
const restWidth = idWidth - timeWidth;

export const idBytes = (id: string): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex');

export const idText = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

const form = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What ids have behind their times, one after another; throws a RangeError for what is no UUID, or has
 * another time.
 */
export const idRests = (
  entries: readonly { readonly id: string; readonly t: number }[],
): Uint8Array => {
  const rests = Buffer.alloc(entries.length * restWidth);
  for (const [row, { id, t }] of entries.entries()) {
    const bytes = form.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : undefined;
    if (bytes?.readUIntBE(0, timeWidth) !== t) {
      throw new RangeError('An id of the index is a UUID that begins with the time of its entry.');
    }
    bytes.copy(rests, row * restWidth, timeWidth);
  }
  return rests;
};

/** A column of ids. */
export type Ids = {
  readonly at: (row: number) => string;
  readonly is: (row: number, bytes: Uint8Array) => boolean;
  /** What the first of them have behind their times. */
  readonly rests: (count: number) => Uint8Array;
};

/** Opens what {@link idRests} made, with the times that belong to it; throws {@link IndexInvalid}. */
export const openIds = (block: Uint8Array, count: number, timeAt: (row: number) => number): Ids => {
  if (block.length !== count * restWidth) {
    throw new IndexInvalid('A column of the index has another length.');
  }
  const at = (row: number): string => {
    const bytes = Buffer.alloc(idWidth);
    bytes.writeUIntBE(timeAt(row), 0, timeWidth);
    bytes.set(block.subarray(row * restWidth, (row + 1) * restWidth), timeWidth);
    return idText(bytes);
  };
  // What is random differs most: it is compared first.
  const is = (row: number, bytes: Uint8Array): boolean => {
    for (let n = restWidth - 1; n >= 0; n -= 1) {
      if (block[row * restWidth + n] !== bytes[timeWidth + n]) return false;
    }
    return Buffer.from(bytes.subarray(0, timeWidth)).readUIntBE(0, timeWidth) === timeAt(row);
  };
  return { at, is, rests: (rows) => block.subarray(0, rows * restWidth) };
};
