import { IndexInvalid } from './index-invalid.ts';

/** Bytes of the largest safe integer, seven bits each. */
const longest = 8;

/**
 * Whole numbers from 0 to 2^53 - 1, seven bits a byte, the lowest first; a set high bit says that more
 * bytes follow (as in LEB128). Divisions, since the numbers outgrow 32 bits.
 */
export const writeVarints = (numbers: ArrayLike<number>): Uint8Array => {
  const bytes = new Uint8Array(numbers.length * longest);
  let to = 0;
  for (let n = 0; n < numbers.length; n += 1) {
    let left = numbers[n] ?? 0;
    if (!Number.isSafeInteger(left) || left < 0) throw new RangeError('This is no whole number.');
    while (left >= 128) {
      bytes[to++] = (left % 128) + 128;
      left = Math.floor(left / 128);
    }
    bytes[to++] = left;
  }
  return bytes.subarray(0, to);
};

/** Exactly `count` numbers and no byte more; throws {@link IndexInvalid}. */
export const readVarints = (bytes: Uint8Array, count: number): Float64Array => {
  if (bytes.length < count || bytes.length > count * longest) {
    throw new IndexInvalid('A list of numbers has another length.');
  }
  const numbers = new Float64Array(count);
  let at = 0;
  for (let n = 0; n < count; n += 1) {
    let value = 0;
    let scale = 1;
    for (let taken = 1; ; taken += 1) {
      const byte = bytes[at++];
      if (byte === undefined || taken > longest) throw new IndexInvalid('A number is not whole.');
      value += (byte % 128) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    if (!Number.isSafeInteger(value)) throw new IndexInvalid('A number is too large.');
    numbers[n] = value;
  }
  if (at !== bytes.length) throw new IndexInvalid('A list of numbers has another length.');
  return numbers;
};

/** Numbers as the differences to the one before, signs in the lowest bit; each less than 2^51. */
export const writeDeltas = (numbers: ArrayLike<number>): Uint8Array =>
  writeVarints(
    Float64Array.from(numbers, (number, n) => {
      const delta = number - (n === 0 ? 0 : (numbers[n - 1] ?? 0));
      return delta < 0 ? -2 * delta - 1 : 2 * delta;
    }),
  );

/** The numbers again, each from 0 to `most`; throws {@link IndexInvalid}. */
export const readDeltas = (bytes: Uint8Array, count: number, most: number): Float64Array => {
  const numbers = readVarints(bytes, count);
  let value = 0;
  for (let n = 0; n < count; n += 1) {
    const folded = numbers[n] ?? 0;
    value += folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
    if (value < 0 || value > most) throw new IndexInvalid('A number is out of its range.');
    numbers[n] = value;
  }
  return numbers;
};
