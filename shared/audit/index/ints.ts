import { IndexInvalid } from './index-invalid.ts';

/** Bytes before the fields: the width of one in bits, and the least number in 56 bits, lowest byte first. */
const headLength = 8;
/** Zero bytes behind the fields: four can be read wherever one begins. */
const tailLength = 4;
/** Wider fields begin at whole bytes: with the bits before them they would not fit four. */
const widestPacked = 24;
const widest = 56;

const bitsOf = (most: number): number => {
  let bits = 0;
  for (let left = most; left >= 1; left /= 2) bits += 1;
  return bits <= widestPacked ? bits : Math.ceil(bits / 8) * 8;
};

const lengthOf = (count: number, width: number): number =>
  headLength + Math.ceil((count * width) / 8) + tailLength;

const writeWhole = (block: Uint8Array, at: number, length: number, value: number): void => {
  let left = value;
  for (let n = 0; n < length; n += 1) {
    block[at + n] = left % 256;
    left = Math.floor(left / 256);
  }
};

const readWhole = (block: Uint8Array, at: number, length: number): number => {
  let value = 0;
  for (let n = length - 1; n >= 0; n -= 1) value = value * 256 + (block[at + n] ?? 0);
  return value;
};

/**
 * Whole numbers from 0 to 2^53 - 1 as fields of one width, so that any of them can be read by itself:
 * how much each exceeds the least of them, the lowest bits first. Throws a RangeError for any other.
 */
export const packInts = (numbers: ArrayLike<number>): Uint8Array => {
  let [least, most] = [numbers[0] ?? 0, 0];
  for (let n = 0; n < numbers.length; n += 1) {
    const number = numbers[n] ?? 0;
    if (!Number.isSafeInteger(number) || number < 0)
      throw new RangeError('This is no whole number.');
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  const width = bitsOf(Math.max(0, most - least));
  const block = new Uint8Array(lengthOf(numbers.length, width));
  block[0] = width;
  writeWhole(block, 1, headLength - 1, least);
  if (width > widestPacked) {
    const length = width / 8;
    for (let n = 0; n < numbers.length; n += 1) {
      writeWhole(block, headLength + n * length, length, (numbers[n] ?? 0) - least);
    }
    return block;
  }
  let [open, held, to] = [0, 0, headLength];
  for (let n = 0; n < numbers.length; n += 1) {
    open |= ((numbers[n] ?? 0) - least) << held;
    for (held += width; held >= 8; held -= 8) {
      block[to++] = open & 0xff;
      open >>>= 8;
    }
  }
  if (held > 0) block[to] = open;
  return block;
};

/** Numbers of which each can be read by itself; both throw {@link IndexInvalid} for one that is too large. */
export type Ints = {
  readonly at: (row: number) => number;
  /** All of them, one after another, in an array with room for them. */
  readonly into: <Target extends Float64Array | Uint16Array>(target: Target) => Target;
};

/** Opens a block of `count` numbers, none of which exceeds `most`; throws {@link IndexInvalid}. */
export const openInts = (block: Uint8Array, count: number, most: number): Ints => {
  const [width = 0, least] = [block[0], readWhole(block, 1, headLength - 1)];
  const isWhole = width > widestPacked;
  if (width > widest || (isWhole && width % 8 > 0) || block.length !== lengthOf(count, width)) {
    throw new IndexInvalid('A column of the index has another length.');
  }
  const checked = (number: number): number => {
    if (number > most) throw new IndexInvalid('A number of the index is too large.');
    return number;
  };
  if (isWhole) {
    const bytes = width / 8;
    const at = (row: number): number =>
      checked(least + readWhole(block, headLength + row * bytes, bytes));
    const into = <Target extends Float64Array | Uint16Array>(target: Target): Target => {
      for (let row = 0; row < count; row += 1) target[row] = at(row);
      return target;
    };
    return { at, into };
  }
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const mask = 2 ** width - 1;
  const at = (row: number): number => {
    const bit = row * width;
    return checked(least + ((view.getUint32(headLength + (bit >>> 3), true) >>> (bit & 7)) & mask));
  };
  // Most of the time that a query takes goes to this loop.
  const into = <Target extends Float64Array | Uint16Array>(target: Target): Target => {
    let largest = 0;
    for (let row = 0, bit = headLength * 8; row < count; row += 1, bit += width) {
      const field = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
      if (field > largest) largest = field;
      target[row] = least + field;
    }
    checked(least + largest);
    return target;
  };
  return { at, into };
};

/** All numbers of a block; throws {@link IndexInvalid}. */
export const readInts = (
  block: Uint8Array,
  count: number,
  most = Number.MAX_SAFE_INTEGER,
): Float64Array => openInts(block, count, most).into(new Float64Array(count));
