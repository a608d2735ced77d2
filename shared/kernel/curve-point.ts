/** The field, the coefficient b and the equation y² = x³ − 3x + b of P-256 (SP 800-186 §3.2.1.3). */
const p256 = {
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
} as const;

/** The field and the coefficient d of −x² + y² = 1 + d·x²·y² (RFC 8032 §5.1). */
const ed25519 = {
  p: 2n ** 255n - 19n,
  d: 37095705934669439343138083508754565189542113879843219016388785533085940283555n,
} as const;

const bigEndian = (bytes: Uint8Array): bigint =>
  bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

const modulo = (value: bigint, p: bigint): bigint => ((value % p) + p) % p;

const power = (base: bigint, exponent: bigint, p: bigint): bigint => {
  let result = 1n;
  let square = modulo(base, p);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
};

const divide = (a: bigint, b: bigint, p: bigint): bigint => modulo(a * power(b, p - 2n, p), p);

/**
 * Whether two big-endian coordinates are a point of P-256 (full validation, SP 800-56A §5.6.2.3.3;
 * the cofactor is 1). The point at infinity has no coordinates, so it is never one.
 */
export const isP256Point = (xBytes: Uint8Array, yBytes: Uint8Array): boolean => {
  const { p, b } = p256;
  const [x, y] = [bigEndian(xBytes), bigEndian(yBytes)];
  return x < p && y < p && modulo(y * y - (x * x * x - 3n * x + b), p) === 0n;
};

/** A point up to its sign: the order of a point and of its negative is the same. */
type Unsigned = { readonly xx: bigint; readonly y: bigint };

const double = ({ xx, y }: Unsigned): Unsigned => {
  const { p, d } = ed25519;
  const xxyy = modulo(xx * y * y, p);
  const denominator = modulo(1n + d * xxyy, p);
  return {
    xx: divide(4n * xxyy, denominator * denominator, p),
    y: divide(y * y + xx, 1n - d * xxyy, p),
  };
};

export type Ed25519Judgement = 'sound' | 'non-canonical' | 'off-curve' | 'low-order';

/**
 * Judges 32 bytes as an Ed25519 public key: decoded by RFC 8032 §5.1.3, y below the field's prime and
 * no sign on x = 0; not one of the eight points whose order divides the cofactor 8, under which one
 * signature verifies for many messages (Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs",
 * 2020, tables 1 and 2). OpenSSL imports all of those without a word.
 */
export const judgeEd25519 = (encoded: Uint8Array): Ed25519Judgement => {
  const { p, d } = ed25519;
  const value = bigEndian(encoded.toReversed());
  const y = value & ((1n << 255n) - 1n);
  if (y >= p) return 'non-canonical';
  const xx = divide(y * y - 1n, d * y * y + 1n, p);
  if (xx === 0n && y !== value) return 'non-canonical';
  if (power(xx, (p - 1n) / 2n, p) > 1n) return 'off-curve';
  const eightfold = double(double(double({ xx, y })));
  return eightfold.xx === 0n && eightfold.y === 1n ? 'low-order' : 'sound';
};
