import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url } from '#shared/kernel/bytes.ts';
import { isP256Point, judgeEd25519 } from '#shared/kernel/curve-point.ts';
import { makeKey } from '#tests/support/messages.ts';

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');

/** "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020), table 1: canonical. */
const lowOrder = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];

/** The same, table 2: other spellings of the same points. */
const nonCanonical = [
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

describe('an Ed25519 point', () => {
  it.each(lowOrder)('%s is of low order', (encoded) => {
    expect(judgeEd25519(hex(encoded))).toBe('low-order');
  });

  it.each(nonCanonical)('%s is not the canonical spelling', (encoded) => {
    expect(judgeEd25519(hex(encoded))).toBe('non-canonical');
  });

  it('with a y from the prime up to 2^255 - 1 is never canonical', () => {
    for (let low = 0xed; low <= 0xff; low += 1) {
      const encoded = Buffer.from(`${low.toString(16)}${'ff'.repeat(30)}7f`, 'hex');
      expect(judgeEd25519(encoded)).toBe('non-canonical');
    }
  });

  // RFC 8032 §7.1, tests 1 to 3.
  it.each([
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  ])('%s of the standard is sound', (encoded) => {
    expect(judgeEd25519(hex(encoded))).toBe('sound');
  });

  it('y = 2 is off the curve', () => {
    expect(judgeEd25519(Uint8Array.of(2, ...new Uint8Array(31)))).toBe('off-curve');
  });

  it('is found for about half of all y, and both signs are judged alike', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const y = createHash('sha256').update(String(seed)).digest();
        const positive = y.map((byte, at) => (at === 31 ? byte & 0x7f : byte));
        const negative = y.map((byte, at) => (at === 31 ? byte | 0x80 : byte));
        const judgement = judgeEd25519(positive);
        expect(['sound', 'off-curve']).toContain(judgement);
        expect(judgeEd25519(negative)).toBe(judgement);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a P-256 point', () => {
  // SP 800-186 §3.2.1.3: the base point.
  const x = hex('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296');
  const y = hex('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5');
  const p = hex('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff');
  let made: readonly [Uint8Array, Uint8Array];

  beforeAll(async () => {
    const { jwk } = await makeKey('ES256');
    if (jwk.kty !== 'EC') throw new Error('An ES256 key is an EC key.');
    made = [fromBase64Url(jwk.x) ?? p, fromBase64Url(jwk.y) ?? p];
  });

  it('is the base point, and whatever a library makes', () => {
    expect(isP256Point(x, y)).toBe(true);
    expect(isP256Point(...made)).toBe(true);
  });

  it('is none with one bit flipped, nor with its coordinates swapped', () => {
    fc.assert(
      fc.property(fc.nat({ max: 255 }), fc.boolean(), (bit, inX) => {
        const flip = (bytes: Uint8Array): Uint8Array =>
          bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(isP256Point(inX ? flip(x) : x, inX ? y : flip(y))).toBe(false);
      }),
    );
    expect(isP256Point(y, x)).toBe(false);
  });

  it('is not (0, 0), which some take for infinity, nor anything from the prime up', () => {
    const zero = new Uint8Array(32);
    const top = new Uint8Array(32).fill(0xff);
    // (0, √b) is a point; (p, √b) is its other spelling.
    const root = hex('66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4');

    expect(isP256Point(zero, zero)).toBe(false);
    expect(isP256Point(zero, root)).toBe(true);
    expect(isP256Point(p, root)).toBe(false);
    expect(isP256Point(x, p)).toBe(false);
    expect(isP256Point(top, top)).toBe(false);
  });
});
