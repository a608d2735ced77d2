import { concat, utf8 } from '../../kernel/bytes.ts';
import { IndexInvalid } from './index-invalid.ts';

/** What an object of the index is: the fifth byte says it. */
export type Kind = 'segment' | 'summary' | 'prints';

const magic = 'EIDX';
const kindBytes: Readonly<Record<Kind, number>> = { segment: 1, summary: 2, prints: 3 };
const version = 1;
const headLength = 8;
const rowLength = 4;

/**
 * Blocks as one object: `EIDX`, kind, version, their number in 16 bits; the length of each in 32 bits,
 * big-endian; the blocks. Nothing is deflated: what is asked for is read where it stands.
 */
export const packBlocks = (kind: Kind, blocks: readonly Uint8Array[]): Uint8Array => {
  const head = Buffer.alloc(headLength + rowLength * blocks.length);
  head.write(magic, 'latin1');
  head.writeUInt8(kindBytes[kind], 4);
  head.writeUInt8(version, 5);
  head.writeUInt16BE(blocks.length, 6);
  blocks.forEach(({ length }, n) => {
    head.writeUInt32BE(length, headLength + rowLength * n);
  });
  return concat(head, ...blocks);
};

/** The block of a number. */
export type Blocks = (n: number) => Uint8Array;

/** Checks that an object has these many blocks and is whole; throws {@link IndexInvalid}. */
export const openBlocks = (kind: Kind, count: number, bytes: Uint8Array): Blocks => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = headLength + rowLength * count;
  if (view.length < start || !view.subarray(0, magic.length).equals(utf8(magic))) {
    throw new IndexInvalid('This is no object of the index.');
  }
  if (view[4] !== kindBytes[kind] || view[5] !== version || view.readUInt16BE(6) !== count) {
    throw new IndexInvalid('This object of the index is of another kind or version.');
  }
  const ends = new Float64Array(count);
  let end = start;
  for (let n = 0; n < count; n += 1) {
    end += view.readUInt32BE(headLength + rowLength * n);
    ends[n] = end;
  }
  if (end !== view.length) throw new IndexInvalid('An object of the index has another length.');
  return (n) => view.subarray(n === 0 ? start : ends[n - 1], ends[n]);
};

/** Makes a value when it is first asked for, and keeps it. */
export const lazily = <Value extends object>(make: () => Value): (() => Value) => {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
