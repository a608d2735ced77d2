import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concat,
  equalBytes,
  fromBase64Url,
  isAscii,
  sha256,
  sha256Url,
  toBase64Url,
  utf8,
  utf8All,
} from '#shared/kernel/bytes.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const bytesOf = (text: string): readonly number[] | undefined => {
  const bytes = fromBase64Url(text);
  return bytes === undefined ? undefined : [...bytes];
};

describe('base64url', () => {
  it('reads back whatever it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(bytesOf(toBase64Url(bytes))).toEqual([...bytes]);
      }),
    );
  });

  it('writes a part of a larger buffer, not the buffer', () => {
    expect(toBase64Url(Uint8Array.from([1, 2, 3, 4]).subarray(1, 3))).toBe('AgM');
  });

  it('knows exactly one spelling of each byte string', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const bytes = fromBase64Url(text);
        expect(bytes === undefined || toBase64Url(bytes) === text).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [1, 16],
    [2, 4],
    [3, 1],
    [64, 16],
  ])('of %i bytes takes 1 of the %i last characters that lenient readers take', (length, all) => {
    const text = toBase64Url(new Uint8Array(length).fill(0xa5));
    const spellings = alphabet.split('').map((last) => text.slice(0, -1) + last);
    const lenient = spellings.filter((spelling) =>
      equalBytes(Buffer.from(spelling, 'base64url'), Buffer.from(text, 'base64url')),
    );

    expect(lenient.length).toBe(all);
    expect(lenient.filter((spelling) => fromBase64Url(spelling) !== undefined)).toEqual([text]);
  });

  it.each([
    'A',
    'AAAAA',
    'AA==',
    'AA=',
    '=',
    'A+AA',
    'A/AA',
    'AAA\n',
    ' AAA',
    'AA AA',
    'AAÂ',
    '۱۲',
  ])('refuses %j', (text) => {
    expect(fromBase64Url(text)).toBeUndefined();
  });

  it('of nothing is nothing', () => {
    expect(bytesOf('')).toEqual([]);
  });
});

describe('sha256', () => {
  // FIPS 180-4, example "abc".
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

  it('is SHA-256 of bytes and of the UTF-8 of text', () => {
    expect(Buffer.from(sha256('abc')).toString('hex')).toBe(abc);
    expect(Buffer.from(sha256(utf8('abc'))).toString('hex')).toBe(abc);
    expect(sha256Url('abc')).toBe(Buffer.from(abc, 'hex').toString('base64url'));
    expect(sha256Url('۱')).toBe(sha256Url(Uint8Array.from([0xdb, 0xb1])));
  });

  it('is 43 characters in a message', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(sha256Url(bytes)).toMatch(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);
      }),
    );
  });
});

describe('bytes', () => {
  it('are equal when every one is', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(equalBytes(a, a.slice())).toBe(true);
        expect(equalBytes(a, b)).toBe(toBase64Url(a) === toBase64Url(b));
      }),
    );
  });

  it('are put together in their order', () => {
    expect([...concat(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))]).toEqual([1, 2, 3]);
  });
});

describe('isAscii', () => {
  it.each([
    ['', true],
    ['\x01\t\n ~\x7f', true],
    ['\0', false],
    ['\x80', false],
    ['۱', false],
    ['\ufeff', false],
    ['a\n\0', false],
  ])('of %j is %s', (text, expected) => {
    expect(isAscii(text)).toBe(expected);
  });
});

describe('texts put together', () => {
  it('are the bytes of all of them, of ASCII and of any other', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 10 });
    const ascii = fc.array(fc.string({ maxLength: 20 }), { maxLength: 10 });
    fc.assert(
      fc.property(fc.oneof(texts, ascii), (all) => {
        expect(Buffer.compare(utf8All(all), utf8(all.join('')))).toBe(0);
      }),
    );
    // What does not fit behind the first is as many bytes as the whole has code units.
    for (const all of [['a', 'ب', 'c'], ['ࠀ𐀀'], ['ab', 'ب'], ['𐀀'], []]) {
      expect(Buffer.from(utf8All(all)).toString('utf8')).toBe(all.join(''));
    }
  });
});
