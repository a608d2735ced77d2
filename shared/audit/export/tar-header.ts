import { equalBytes } from '../../kernel/bytes.ts';
import { ExportInvalid } from './export-invalid.ts';

/** A plain file in a tar (POSIX.1-2017, pax, ustar Interchange Format). */
export type TarHeader = {
  readonly name: string;
  /** Bytes: below 8 GiB, as eleven octal digits say it. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
};

/** Headers and files fill blocks of so many bytes. */
export const blockSize = 512;

/** The largest number in eleven octal digits. */
export const maxOctal = 8 ** 11 - 1;

/** Where a field of a header begins, and how long it is. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;

const namePattern = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;

const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;

/** The sum of a header's bytes, its own checksum read as spaces. */
const checksumOf = (block: Uint8Array): string => {
  const [at, length] = fields.checksum;
  const sum = block.reduce(
    (total, byte, n) => total + (n >= at && n < at + length ? 0x20 : byte),
    0,
  );
  return `${sum.toString(8).padStart(6, '0')}\0 `;
};

const textAt = (block: Uint8Array, [at, length]: readonly [number, number]): string =>
  Buffer.from(block.subarray(at, at + length)).toString('latin1');

/** Writes a header: owner 0, readable by all. Throws a RangeError for what ustar cannot hold. */
export const formatHeader = ({ name, size, mtime }: TarHeader): Uint8Array => {
  const isOctal = [size, mtime].every(
    (one) => Number.isInteger(one) && one >= 0 && one <= maxOctal,
  );
  if (!isOctal || !namePattern.test(name) || name.length > fields.name[1]) {
    throw new RangeError('No tar can hold this file.');
  }
  const block = Buffer.alloc(blockSize);
  const put = (field: keyof typeof fields, text: string): void => {
    block.write(text, fields[field][0], 'latin1');
  };
  put('name', name);
  put('mode', '0000644\0');
  put('uid', '0000000\0');
  put('gid', '0000000\0');
  put('size', octal(size));
  put('mtime', octal(mtime));
  put('type', '0');
  put('magic', 'ustar\u000000');
  put('checksum', checksumOf(block));
  return block;
};

/** Whether bytes begin like a tar of ustar's form: what an export is known by. */
export const beginsLikeTar = (bytes: Uint8Array): boolean =>
  bytes.length >= blockSize && textAt(bytes, fields.magic) === 'ustar\u000000';

const readOctal = (text: string): number =>
  /^[0-7]{11}\0$/.test(text) ? Number.parseInt(text.slice(0, -1), 8) : -1;

/**
 * Reads a header; throws {@link ExportInvalid} for every one that {@link formatHeader} does not
 * write: other formats, links, folders, names that leave the folder, other owners.
 */
export const parseHeader = (block: Uint8Array): TarHeader => {
  if (!beginsLikeTar(block)) throw new ExportInvalid('not-ustar');
  if (textAt(block, fields.checksum) !== checksumOf(block)) throw new ExportInvalid('checksum');
  if (textAt(block, fields.type) !== '0') throw new ExportInvalid('not-a-file');
  const name = textAt(block, fields.name).replace(/\0+$/, '');
  if (!namePattern.test(name)) throw new ExportInvalid('name');
  const size = readOctal(textAt(block, fields.size));
  const mtime = readOctal(textAt(block, fields.mtime));
  if (size < 0 || mtime < 0 || !equalBytes(block, formatHeader({ name, size, mtime }))) {
    throw new ExportInvalid('header');
  }
  return { name, size, mtime };
};
