/** The code of every symbol below 288 (RFC 1951 §3.2.6), its bits in the order they are read. */
const fixedCode = (symbol: number): { readonly code: number; readonly length: number } => {
  if (symbol < 144) return { code: 0x30 + symbol, length: 8 };
  if (symbol < 256) return { code: 0x190 + symbol - 144, length: 9 };
  if (symbol < 280) return { code: symbol - 256, length: 7 };
  return { code: 0xc0 + symbol - 280, length: 8 };
};

/** A number of `length` bits, read from its other end. */
const mirror = (code: number, length: number): number =>
  Number.parseInt(code.toString(2).padStart(length, '0').split('').toReversed().join(''), 2);

/** By the next nine bits: symbol × 16 + length of its code. */
const symbols = new Uint16Array(512);
for (let symbol = 0; symbol < 288; symbol += 1) {
  const { code, length } = fixedCode(symbol);
  const step = 2 ** length;
  for (let at = mirror(code, length); at < 512; at += step) symbols[at] = symbol * 16 + length;
}

/** By the next five bits: the code of a distance. */
const distanceCodes = Uint8Array.from({ length: 32 }, (_, code) => mirror(code, 5));

/** The first value of each code, when the code before it ends after `2 ** extra` values. */
const bases = (first: number, extras: Uint8Array): Uint16Array => {
  let next = first;
  return Uint16Array.from(extras, (extra) => {
    const base = next;
    next += 2 ** extra;
    return base;
  });
};

/** Extra bits of the lengths 257 to 284 and of the distances (RFC 1951 §3.2.5). */
const lengthExtras = Uint8Array.from({ length: 29 }, (_, n) =>
  n === 28 ? 0 : Math.max(Math.floor(n / 4) - 1, 0),
);
/** The last code stands for the longest by itself. */
const lengthBases = bases(3, lengthExtras).fill(258, 28);
const distanceExtras = Uint8Array.from({ length: 30 }, (_, n) =>
  Math.max(Math.floor(n / 2) - 1, 0),
);
const distanceBases = bases(1, distanceExtras);

const [endOfBlock, longest] = [256, 285];

/** No row is longer; what is, is for zlib. */
const longestInput = 65_536;
const fixedBlock = 1;

/**
 * Makes an inflater of raw DEFLATE that knows blocks with the fixed codes only. It gives back the
 * bytes as a view that holds until the next call, or undefined for all that it does not know or is not
 * whole, about which zlib has the last word: other blocks, damage, bytes left over, a distance over
 * `window`, more than `most` bytes. What it is for: zlib sets up a stream for each row, which takes
 * longer than to read it.
 */
export const fixedInflater = (
  dictionary: Uint8Array,
  window: number,
  most: number,
): ((bytes: Uint8Array) => Buffer | undefined) => {
  const start = dictionary.length;
  const end = start + most;
  // The dictionary stands before the output, where distances reach it.
  const out = Buffer.alloc(end);
  out.set(dictionary);

  const bytes = new Uint8Array(longestInput + 4);
  // All bits are read in place: a function that shares them takes three times as long.
  return (packed) => {
    if (packed.length > longestInput) return undefined;
    bytes.set(packed);
    // Behind the end stand zeros, so that reading needs no look at it.
    bytes.fill(0, packed.length, packed.length + 4);
    let position = 0;
    let held = 0;
    let bits = 0;
    let to = start;
    let last = 0;
    while (last === 0) {
      for (; bits < 3; bits += 8) held |= (bytes[position++] ?? 0) << bits;
      last = held & 1;
      if (((held >>> 1) & 3) !== fixedBlock) return undefined;
      held >>>= 3;
      bits -= 3;
      for (;;) {
        // Enough for a code of nine bits, or for one of eight and the extra bits of a length.
        if (bits < 15) {
          held |= ((bytes[position] ?? 0) | ((bytes[position + 1] ?? 0) << 8)) << bits;
          position += 2;
          bits += 16;
        }
        const found = symbols[held & 511] ?? 0;
        held >>>= found & 15;
        bits -= found & 15;
        const symbol = found >> 4;
        if (symbol < endOfBlock) {
          if (to === end) return undefined;
          out[to++] = symbol;
          continue;
        }
        if (symbol === endOfBlock) break;
        if (symbol > longest) return undefined;
        const more = lengthExtras[symbol - 257] ?? 0;
        const length = (lengthBases[symbol - 257] ?? 0) + (held & ((1 << more) - 1));
        held >>>= more;
        bits -= more;
        for (; bits < 18; bits += 8) held |= (bytes[position++] ?? 0) << bits;
        const code = distanceCodes[held & 31] ?? 0;
        if (code >= distanceBases.length) return undefined;
        const extra = distanceExtras[code] ?? 0;
        const distance = (distanceBases[code] ?? 0) + ((held >>> 5) & ((1 << extra) - 1));
        held >>>= 5 + extra;
        bits -= 5 + extra;
        if (distance > window || distance > to || to + length > end) return undefined;
        const stop = to + length;
        while (to < stop) {
          out[to] = out[to - distance] ?? 0;
          to += 1;
        }
      }
      // Behind the end stand zeros, and codes are made of zeros too.
      if (position - (bits >> 3) > packed.length) return undefined;
    }
    return position - (bits >> 3) === packed.length ? out.subarray(start, to) : undefined;
  };
};
