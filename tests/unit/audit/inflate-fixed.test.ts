import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fixedInflater } from '#shared/audit/inflate-fixed.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';

const dictionary = utf8('{"agency":"civil-registry","counter":"72110345","service":"identity@1"}');
const windowBits = 12;
const most = 20_000;
const inflate = fixedInflater(dictionary, 2 ** windowBits, most);

const deflate = (bytes: Uint8Array, options: Parameters<typeof deflateRawSync>[1] = {}): Buffer =>
  deflateRawSync(bytes, {
    dictionary,
    windowBits,
    memLevel: 3,
    strategy: constants.Z_FIXED,
    ...options,
  });

const Told = z.object({
  buffer: z.instanceof(Buffer),
  engine: z.object({ bytesWritten: z.number() }),
});

/** What zlib makes of it, and how many bytes of it that took; undefined when it is damaged. */
const byZlib = (
  bytes: Uint8Array,
): { readonly out: Buffer; readonly taken: number } | undefined => {
  try {
    const { buffer, engine } = Told.parse(
      inflateRawSync(bytes, { dictionary, windowBits, info: true }),
    );
    return { out: buffer, taken: engine.bytesWritten };
  } catch {
    return undefined;
  }
};

/** Texts that repeat themselves and the dictionary, and bytes that do not. */
const pieces = fc.oneof(
  fc.constantFrom('"agency":"civil-registry"', '72110345', 'aaaaaaaaaaaaaaaaaaaaaaa', 'ab'),
  fc.string({ unit: 'binary' }),
);
const plain = fc.oneof(
  fc.array(pieces, { maxLength: 60 }).map((all) => utf8(all.join(''))),
  fc.uint8Array({ maxLength: 3000 }),
);

describe('the inflater of fixed codes', () => {
  it('gives back what zlib deflated with them', () => {
    fc.assert(
      fc.property(plain, fc.integer({ min: 1, max: 9 }), (bytes, level) => {
        const deflated = deflate(bytes, { level });
        // zlib stores what does not become shorter, without any code.
        fc.pre(deflated.length < bytes.length);
        expect(inflate(deflated)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['nothing', ''],
    [
      'every length there is',
      Array.from({ length: 260 }, (_, n) => 'x'.repeat(n))
        .join('-')
        .slice(0, most),
    ],
    ['its dictionary', Buffer.from(dictionary).toString('utf8')],
    [
      'more than one block',
      Array.from({ length: 3000 }, (_, n) => (n * n * 31).toString(36))
        .join('')
        .slice(0, 9000),
    ],
    ['as much as it may', 'abcdefgh'.repeat(most / 8)],
  ])('knows %s', (_, text) => {
    expect(inflate(deflate(utf8(text)))?.toString('utf8')).toBe(text);
  });

  it('agrees with zlib about whatever it takes, damaged or not', () => {
    let taken = 0;
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat({ max: 7 }), (bytes, place, bit) => {
        const bent = deflate(bytes);
        bent[place % bent.length] = (bent[place % bent.length] ?? 0) ^ (1 << bit);
        const ours = inflate(bent);
        if (ours === undefined) return;
        taken += 1;
        expect(byZlib(bent)).toEqual({ out: Buffer.from(ours), taken: bent.length });
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('takes any bytes without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        // A first block of fixed codes, the last one.
        const begun = Uint8Array.from([((bytes[0] ?? 0) & 0xf8) | 3, ...bytes]);
        const ours = inflate(begun);
        if (ours === undefined) return;
        expect(byZlib(begun)).toEqual({ out: Buffer.from(ours), taken: begun.length });
      }),
      { numRuns: 2000 },
    );
  });

  const digits = Array.from({ length: 9000 }, (_, n) => (n * n * 31).toString(36)).join('');
  const text = utf8('a text of some length, and of some length');

  it.each([
    ['cut off anywhere', () => deflate(text).subarray(0, -1)],
    ['cut off at its beginning', () => deflate(text).subarray(0, 1)],
    ['nothing at all', () => Buffer.alloc(0)],
    ['followed by more', () => Buffer.concat([deflate(text), Buffer.of(0)])],
    ['stored', () => deflate(text, { level: 0 })],
    [
      'of other codes',
      () =>
        deflate(utf8('abc'.repeat(40).concat('xyz'.repeat(99), '123456')), {
          strategy: constants.Z_HUFFMAN_ONLY,
          level: 9,
        }),
    ],
    ['longer than it may be', () => deflate(new Uint8Array(most + 1))],
    ['longer by a literal', () => deflate(utf8(`${digits.slice(0, most)}~`))],
    ['of a block that is none', () => Buffer.of(0b111, 0)],
  ])('leaves to zlib what is %s', (_, make) => {
    expect(inflate(make())).toBeUndefined();
  });

  it('reaches no further back than the window, nor before the dictionary', () => {
    const long = Buffer.concat(Array.from({ length: 160 }, (_, n) => sha256(String(n))));
    const far = deflateRawSync(Buffer.concat([long, long]), {
      dictionary,
      windowBits: 15,
      strategy: constants.Z_FIXED,
    });
    expect(inflate(far)).toBeUndefined();
    const other = deflateRawSync(text, {
      dictionary: Buffer.concat([Buffer.from(text), dictionary]),
      windowBits,
      strategy: constants.Z_FIXED,
    });
    expect(inflate(other)).toBeUndefined();
  });
});
