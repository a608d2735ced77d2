import fc from 'fast-check';

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const hexes = (list: readonly Uint8Array[]): readonly string[] => list.map(hex);

export const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Names of keys, of ASCII and of other letters. */
export const anyKeyName = fc.oneof(
  fc.stringMatching(/^[a-z0-9.-]{1,20}\/[a-z0-9/_-]{0,20}$/),
  fc.stringMatching(/^[آ-ی😀a-z]{1,12}$/u),
);

export const anyUint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

/** A copy with one bit turned over. */
export const flipBit = (bytes: Uint8Array, bit: number): Uint8Array =>
  Uint8Array.from(bytes, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
