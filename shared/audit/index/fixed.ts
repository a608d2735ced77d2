import { concat, fromBase64Url } from '../../kernel/bytes.ts';
import { IndexInvalid } from './index-invalid.ts';

/** Bytes of an id, and of a tag. */
export const idWidth = 16;
export const tagWidth = 12;

export const idBytes = (id: string): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex');

export const idText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Ids with all their first bytes first, then all their second ones: the times in them are alike. */
export const packIds = (ids: readonly string[]): Uint8Array => {
  const block = new Uint8Array(ids.length * idWidth);
  ids.forEach((id, row) => {
    const bytes = idBytes(id);
    if (bytes.length !== idWidth) throw new RangeError('An id of the index is no UUID.');
    for (let n = 0; n < idWidth; n += 1) block[n * ids.length + row] = bytes[n] ?? 0;
  });
  return block;
};

/** A column of byte strings of one width, some of which may be missing. */
export type Fixed = {
  readonly at: (row: number) => Uint8Array | undefined;
  readonly is: (row: number, bytes: Uint8Array) => boolean;
};

/** Throws {@link IndexInvalid}. */
export const openIds = (block: Uint8Array, count: number): Fixed => {
  if (block.length !== count * idWidth) {
    throw new IndexInvalid('A column of the index has another length.');
  }
  const at = (row: number): Uint8Array =>
    Uint8Array.from({ length: idWidth }, (_, n) => block[n * count + row] ?? 0);
  // The last bytes differ most: they are compared first.
  const is = (row: number, bytes: Uint8Array): boolean => {
    for (let n = idWidth - 1; n >= 0; n -= 1) {
      if (block[n * count + row] !== bytes[n]) return false;
    }
    return true;
  };
  return { at, is };
};

/** Tags behind one byte a row, 1 where there is one. */
export const packTags = (tags: readonly (string | undefined)[]): Uint8Array => {
  const present = Uint8Array.from(tags, (tag) => (tag === undefined ? 0 : 1));
  const bytes = tags.flatMap((tag): readonly Uint8Array[] => {
    const made = tag === undefined ? undefined : fromBase64Url(tag);
    if (tag !== undefined && made?.length !== tagWidth) {
      throw new RangeError('A tag of the index is 12 bytes in base64url.');
    }
    return made === undefined ? [] : [made];
  });
  return concat(present, ...bytes);
};

/** Throws {@link IndexInvalid}. */
export const openTags = (block: Uint8Array, count: number): Fixed => {
  const places = new Int32Array(count).fill(-1);
  let end = count;
  for (let row = 0; row < count; row += 1) {
    const present = block[row];
    if (present !== 0 && present !== 1) throw new IndexInvalid('A column of tags is not right.');
    if (present === 1) {
      places[row] = end;
      end += tagWidth;
    }
  }
  if (end !== block.length) throw new IndexInvalid('A column of the index has another length.');
  const at = (row: number): Uint8Array | undefined => {
    const place = places[row] ?? -1;
    return place < 0 ? undefined : block.subarray(place, place + tagWidth);
  };
  const is = (row: number, bytes: Uint8Array): boolean => {
    const place = places[row] ?? -1;
    for (let n = 0; n < tagWidth; n += 1) {
      if (place < 0 || block[place + n] !== bytes[n]) return false;
    }
    return true;
  };
  return { at, is };
};
