import { concat } from '../../kernel/bytes.ts';
import { blockSize, formatHeader, type TarHeader } from './tar-header.ts';

/** The zeros that fill the last block of a file. */
export const paddingOf = (size: number): Uint8Array =>
  new Uint8Array((blockSize - (size % blockSize)) % blockSize);

/** A whole member: header, bytes, padding. */
export const tarFile = (name: string, bytes: Uint8Array, mtime: TarHeader['mtime']): Uint8Array =>
  concat(formatHeader({ name, size: bytes.length, mtime }), bytes, paddingOf(bytes.length));

/** A member in parts. Throws a RangeError when they are not `size` bytes in all. */
export const tarStream = async function* (
  header: TarHeader,
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let written = 0;
  yield formatHeader(header);
  for await (const part of parts) {
    written += part.length;
    yield part;
  }
  if (written !== header.size) throw new RangeError('A member is not as long as its header says.');
  yield paddingOf(written);
};

/** What a tar ends with: two blocks of zeros. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockSize);
