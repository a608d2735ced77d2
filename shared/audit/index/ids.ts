import { concat } from '../../kernel/bytes.ts';
import { IndexInvalid } from './index-invalid.ts';

/** Bytes of an id, of the time that it begins with, and of what follows. */
const idWidth = 16;
const timeWidth = 6;
const restWidth = idWidth - timeWidth;

export const idBytes = (id: string): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex');

export const idText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** What ids have behind their times, one after another; throws a RangeError for what is no UUID. */
export const packIds = (ids: readonly string[]): Uint8Array =>
  concat(
    ...ids.map((id) => {
      const bytes = idBytes(id);
      if (bytes.length !== idWidth) throw new RangeError('An id of the index is no UUID.');
      return bytes.subarray(timeWidth);
    }),
  );

/** A column of ids. */
export type Ids = {
  readonly at: (row: number) => string;
  readonly is: (row: number, bytes: Uint8Array) => boolean;
};

/** Opens what {@link packIds} made, with the times that belong to it; throws {@link IndexInvalid}. */
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
  return { at, is };
};
