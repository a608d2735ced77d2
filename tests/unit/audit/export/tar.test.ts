import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExportInvalid } from '#shared/audit/export/export-invalid.ts';
import { readTar } from '#shared/audit/export/read-tar.ts';
import {
  beginsLikeTar,
  blockSize,
  formatHeader,
  maxOctal,
  parseHeader,
} from '#shared/audit/export/tar-header.ts';
import { tarEnd, tarFile, tarStream } from '#shared/audit/export/write-tar.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { chunked } from '#tests/unit/verify/sample-export.ts';

const header = { name: 'log/0/tile/0/x001/234.p/7', size: 1234, mtime: 1_800_000_060 };

/** The fault that reading stops with. */
const faultOf = async (read: () => unknown): Promise<string | undefined> => {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof ExportInvalid) return error.fault;
    throw error;
  }
};

/** A header with bytes put somewhere, and its checksum right again. */
const bent = (at: number, text: string): Uint8Array => {
  const block = Buffer.from(formatHeader(header));
  block.write(text, at, 'latin1');
  block.write('        ', 148, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
};

describe('the header of a member', () => {
  it('comes back as it was written', () => {
    const names = fc.stringMatching(
      /^[a-z0-9][a-z0-9._-]{0,40}(?:\/[a-z0-9][a-z0-9._-]{0,10}){0,4}$/,
    );
    const octal = fc.integer({ min: 0, max: maxOctal });
    fc.assert(
      fc.property(names, octal, octal, (name, size, mtime) => {
        expect(parseHeader(formatHeader({ name, size, mtime }))).toEqual({ name, size, mtime });
      }),
    );
  });

  it('is not written for what it cannot hold', () => {
    const wrong = [
      { name: '' },
      { name: '/manifest.json' },
      { name: '../manifest.json' },
      { name: 'log/../x' },
      { name: 'Log' },
      { name: 'a'.repeat(101) },
      { size: maxOctal + 1 },
      { size: -1 },
      { mtime: 0.5 },
    ];
    for (const change of wrong) {
      expect(() => formatHeader({ ...header, ...change })).toThrow(RangeError);
    }
  });

  it.each<readonly [string, string, Uint8Array]>([
    ['the magic of GNU tar', 'not-ustar', bent(257, 'ustar  \0')],
    ['no magic', 'not-ustar', bent(257, '\0'.repeat(8))],
    ['another checksum', 'checksum', formatHeader(header).with(150, 0x37)],
    ['a hard link', 'not-a-file', bent(156, '1')],
    ['a symbolic link', 'not-a-file', bent(156, '2')],
    ['a folder', 'not-a-file', bent(156, '5')],
    ['an extended header', 'not-a-file', bent(156, 'x')],
    ['an absolute name', 'name', bent(0, '/')],
    ['a name that leaves the folder', 'name', bent(0, '../')],
    ['a name that leaves a folder inside', 'name', bent(4, '../')],
    ['bytes behind the end of a name', 'name', bent(99, 'x')],
    ['another mode', 'header', bent(100, '0000755')],
    ['an owner', 'header', bent(108, '0000001')],
    ['the name of an owner', 'header', bent(265, 'root')],
    ['the target of a link', 'header', bent(157, 'x')],
    ['a prefix', 'header', bent(345, 'etc')],
    ['a size in base 256', 'header', bent(124, '\u0080')],
    ['a size with spaces', 'header', bent(124, '       1234')],
    ['bytes behind the header', 'header', bent(511, 'x')],
  ])('is refused with %s', async (_, fault, block) => {
    expect(await faultOf(() => parseHeader(block))).toBe(fault);
  });

  it('is refused when any byte of it is another', async () => {
    const block = formatHeader(header);
    for (let at = 0; at < blockSize; at += 1) {
      const other = block.map((byte, n) => (n === at ? byte ^ 1 : byte));
      expect(await faultOf(() => parseHeader(other))).toBeDefined();
    }
  });

  it('is what a tar is known by', () => {
    expect(beginsLikeTar(formatHeader(header))).toBe(true);
    expect(beginsLikeTar(formatHeader(header).subarray(0, 511))).toBe(false);
    expect(beginsLikeTar(utf8('{'.repeat(blockSize)))).toBe(false);
  });
});

const first = { name: 'a.json', bytes: utf8('{}') };
const second = { name: 'b/c', bytes: utf8('one\ntwo\n\nthree\n') };
const [one, two] = [first, second].map(({ name, bytes }) => tarFile(name, bytes, 7));
if (one === undefined || two === undefined) throw new Error('no members');

const readAll = async (tar: Uint8Array, size = 100) => {
  const reader = readTar(chunked(tar, size));
  const file = await reader.file(first.name, 10);
  const lines: string[] = [];
  for await (const line of reader.lines(second.name, 5)) lines.push(Buffer.from(line).toString());
  await reader.end();
  return { file, lines, mtime: reader.mtime() };
};

const right = concat(one, two, tarEnd);

describe('readTar', () => {
  it('reads files and lines, however the bytes are cut', async () => {
    const lines = ['one', 'two', '', 'three'];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4000 }), async (size) => {
        expect(await readAll(right, size)).toEqual({ file: first.bytes, lines, mtime: 7 });
      }),
    );
  });

  it.each<readonly [string, string, Uint8Array]>([
    ['nothing', 'truncated', utf8('')],
    ['a member that is missing', 'unexpected', concat(two, tarEnd)],
    ['members in another order', 'unexpected', concat(two, one, tarEnd)],
    ['a member twice', 'unexpected', concat(one, one, two, tarEnd)],
    ['an end too early', 'unexpected', concat(one, tarEnd)],
    ['a member more', 'unexpected', concat(one, two, tarFile('d', utf8('x'), 7), tarEnd)],
    ['another time', 'mtime', concat(one, tarFile(second.name, second.bytes, 8), tarEnd)],
    ['a member that is too large', 'too-large', tarFile(first.name, utf8('x'.repeat(11)), 7)],
    ['a line that is too long', 'too-large', concat(one, tarFile('b/c', utf8('123456\n'), 7))],
    ['a line without its end', 'line-open', concat(one, tarFile('b/c', utf8('1\n2'), 7), tarEnd)],
    ['bytes that fill and are not zero', 'padding', right.with(blockSize + 100, 1)],
    ['no end', 'truncated', concat(one, two)],
    ['half an end', 'truncated', concat(one, two, tarEnd.subarray(0, blockSize))],
    ['an end that is not zero', 'surplus', right.with(right.length - 1, 1)],
    ['a byte behind the end', 'surplus', concat(right, utf8('\0'))],
  ])('refuses %s', async (_, fault, tar) => {
    expect(await faultOf(() => readAll(tar))).toBe(fault);
  });

  it('refuses every tar that was cut short', async () => {
    for (let size = 0; size < right.length; size += 1) {
      expect(await faultOf(() => readAll(right.subarray(0, size), 4000))).toBeDefined();
    }
  });

  it('tells its source that it is done', async () => {
    let closed = 0;
    const source = async function* () {
      try {
        yield right;
      } finally {
        closed += 1;
      }
    };
    const reader = readTar(source());
    await reader.file(first.name, 10);
    expect(closed).toBe(0);
    await reader.close();
    expect(closed).toBe(1);
  });
});

describe('tarStream', () => {
  it('writes what tarFile writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        const parts: Uint8Array[] = [];
        const made = tarStream({ name: 'x', size: bytes.length, mtime: 1 }, chunked(bytes, 33));
        for await (const part of made) parts.push(part);
        expect(concat(...parts)).toEqual(tarFile('x', bytes, 1));
      }),
    );
  });

  it('does not end with another size than its header says', async () => {
    const made = tarStream({ name: 'x', size: 3, mtime: 1 }, chunked(utf8('four')));
    const drained = async () => {
      for await (const part of made) expect(part.length).toBeGreaterThan(0);
    };
    await expect(drained()).rejects.toThrow(RangeError);
  });
});
