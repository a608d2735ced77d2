import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTraceparent, traceIdOf } from '#functions/runtime/trace.ts';

/** A valid field of version 00 (W3C Trace Context, level 1 §3.2) that sets no reserved flag. */
const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/;

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.constantFrom(...'0123456789abcdef'.split('')),
      minLength: length,
      maxLength: length,
    })
    .filter((digits) => /[^0]/.test(digits));

describe('nextTraceparent', () => {
  it("keeps the caller's trace and names a span of our own", () => {
    const next = nextTraceparent(`00-${trace}-${span}-01`);
    expect(next).toMatch(valid);
    expect(traceIdOf(next)).toBe(trace);
    expect(next).not.toContain(span);
    expect(next.endsWith('-01')).toBe(true);
  });

  it.each([
    ['00', '00'],
    ['01', '01'],
    ['02', '00'],
    ['03', '01'],
    ['fe', '00'],
    ['ff', '01'],
  ])('of the flags %s passes on the sampled flag only: %s', (received, passedOn) => {
    expect(nextTraceparent(`00-${trace}-${span}-${received}`).slice(-2)).toBe(passedOn);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${span}-01`],
    ['a span of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${trace.toUpperCase()}-${span}-01`],
    ['a short trace', `00-${trace.slice(1)}-${span}-01`],
    ['a long trace', `00-${trace}0-${span}-01`],
    ['a short span', `00-${trace}-${span.slice(1)}-01`],
    ['no flags', `00-${trace}-${span}`],
    ['long flags', `00-${trace}-${span}-011`],
    ['flags that are not hex', `00-${trace}-${span}-0g`],
    ['something after it', `00-${trace}-${span}-01-extra`],
    ['a line after it', `00-${trace}-${span}-01\n`],
    ['two of them', `00-${trace}-${span}-01,00-${trace}-${span}-01`],
    ['the forbidden version', `ff-${trace}-${span}-01`],
    ['a version we do not know', `01-${trace}-${span}-01`],
    ['spaces around it', ` 00-${trace}-${span}-01 `],
  ])('begins a new trace for a caller that sent %s', (_, received) => {
    const next = nextTraceparent(received);
    expect(next).toMatch(valid);
    expect(traceIdOf(next)).not.toBe(trace);
    expect(next.endsWith('-00')).toBe(true);
  });

  it('is valid whatever it is given', () => {
    fc.assert(
      fc.property(fc.option(fc.string(), { nil: undefined }), (received) => {
        expect(nextTraceparent(received)).toMatch(valid);
      }),
    );
  });

  it('keeps every valid trace', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom('00', '01'), (id, parent, flags) => {
        const next = nextTraceparent(`00-${id}-${parent}-${flags}`);
        expect(next).toMatch(valid);
        expect(traceIdOf(next)).toBe(id);
        expect(next.slice(-2)).toBe(flags);
      }),
    );
  });
});
