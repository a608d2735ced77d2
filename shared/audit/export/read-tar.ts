import { concat } from '../../kernel/bytes.ts';
import { ExportInvalid } from './export-invalid.ts';
import { blockSize, parseHeader, type TarHeader } from './tar-header.ts';
import { paddingOf, tarEnd } from './write-tar.ts';

/**
 * Reads a tar member by member, in an order that the reader knows beforehand and in memory that does
 * not grow with it. Everything that is not exactly as expected is an {@link ExportInvalid}.
 */
export type TarReader = {
  /** The next member, whole: it must have this name and at most so many bytes. */
  readonly file: (name: string, max: number) => Promise<Uint8Array>;
  /** The lines of the next member, without their newlines, each of at most so many bytes. */
  readonly lines: (name: string, maxLine: number) => AsyncGenerator<Uint8Array, void, undefined>;
  /** Reads the end: nothing may follow. */
  readonly end: () => Promise<void>;
  /** The time that all members so far have, in seconds since 1970. */
  readonly mtime: () => number | undefined;
  /** Says that no more will be read. */
  readonly close: () => Promise<void>;
};

const newline = 0x0a;

/** Takes a stream of chunks apart by numbers of bytes. */
const bytesOf = (source: AsyncIterable<Uint8Array>) => {
  const iterator = source[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array();
  /** Some bytes, at least one and at most `max`; undefined at the end. */
  const some = async (max: number): Promise<Uint8Array | undefined> => {
    while (held.length === 0) {
      const next = await iterator.next();
      if (next.done === true) return undefined;
      held = next.value;
    }
    const part = held.subarray(0, max);
    held = held.subarray(part.length);
    return part;
  };
  const parts = async function* (size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = size; left > 0; ) {
      const part = await some(left);
      if (part === undefined) throw new ExportInvalid('truncated');
      left -= part.length;
      yield part;
    }
  };
  return {
    some,
    parts,
    exactly: async (size: number): Promise<Uint8Array> => {
      const all: Uint8Array[] = [];
      for await (const part of parts(size)) all.push(part);
      return concat(...all);
    },
    close: async (): Promise<void> => {
      await iterator.return?.();
    },
  };
};

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Cuts chunks into lines; what follows the last newline must be nothing. */
const linesOf = async function* (
  chunks: AsyncIterable<Uint8Array>,
  maxLine: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let open: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(newline, from);
      const part = chunk.subarray(from, end === -1 ? chunk.length : end);
      length += part.length;
      if (length > maxLine) throw new ExportInvalid('too-large');
      open.push(part);
      if (end === -1) break;
      yield concat(...open);
      [open, length, from] = [[], 0, end + 1];
    }
  }
  if (length > 0) throw new ExportInvalid('line-open');
};

export const readTar = (source: AsyncIterable<Uint8Array>): TarReader => {
  const bytes = bytesOf(source);
  let mtime: number | undefined;
  const header = async (name: string): Promise<TarHeader> => {
    const block = await bytes.exactly(blockSize);
    if (isZero(block)) throw new ExportInvalid('unexpected');
    const read = parseHeader(block);
    if (read.name !== name) throw new ExportInvalid('unexpected');
    mtime ??= read.mtime;
    if (read.mtime !== mtime) throw new ExportInvalid('mtime');
    return read;
  };
  const padding = async (size: number): Promise<void> => {
    const zeros = await bytes.exactly(paddingOf(size).length);
    if (!isZero(zeros)) throw new ExportInvalid('padding');
  };
  return {
    file: async (name, max) => {
      const { size } = await header(name);
      if (size > max) throw new ExportInvalid('too-large');
      const all = await bytes.exactly(size);
      await padding(size);
      return all;
    },
    lines: async function* (name, maxLine) {
      const { size } = await header(name);
      yield* linesOf(bytes.parts(size), maxLine);
      await padding(size);
    },
    end: async () => {
      const block = await bytes.exactly(blockSize);
      if (!isZero(block)) {
        parseHeader(block);
        throw new ExportInvalid('unexpected');
      }
      const rest = await bytes.exactly(tarEnd.length - blockSize);
      if (!isZero(rest) || (await bytes.some(1)) !== undefined) throw new ExportInvalid('surplus');
    },
    mtime: () => mtime,
    close: bytes.close,
  };
};
