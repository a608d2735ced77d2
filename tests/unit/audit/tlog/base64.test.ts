import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '#shared/audit/tlog/base64.ts';
import { hex } from './arbitraries.ts';

describe('base64', () => {
  it('gives the bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(hex(fromBase64(toBase64(bytes)) ?? Uint8Array.of())).toBe(hex(bytes));
      }),
    );
  });

  it('writes a view by its own bytes only', () => {
    expect(toBase64(Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 4))).toBe('AQID');
  });

  it.each([
    ['AQI', 'without its padding'],
    ['AQ=', 'with half its padding'],
    ['AQ===', 'with too much'],
    ['AQJ=', 'with unused bits that are not zero'],
    ['AR==', 'with unused bits that are not zero'],
    ['AQID\n', 'with a newline'],
    ['AQ ID', 'with a space'],
    ['-_-_', 'of the alphabet for URLs'],
    ['AQID=', 'with padding that pads nothing'],
    ['A', 'of one character'],
    ['====', 'of padding only'],
    ['AQID!', 'with a character of no alphabet'],
    ['AQIDé', 'beyond ASCII'],
    ['A\u0000', 'with a zero'],
  ])('refuses %j: %s', (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  it('no two texts stand for the same bytes', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9+/_=-]{0,12}$/), (text) => {
        const bytes = fromBase64(text);
        expect(bytes === undefined ? text : toBase64(bytes)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
