import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxEntry } from '#shared/audit/tlog/bundle.ts';
import { maxNote } from '#shared/audit/tlog/note.ts';
import {
  formatProofFile,
  maxProofFile,
  type ProofFile,
  parseProofFile,
} from '#shared/audit/tlog/proof-file.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { anyHash, anyUint64, hex, hexes } from './arbitraries.ts';

const anyFile = fc.record({
  extra: fc.option(fc.uint8Array({ maxLength: 60 }), { nil: undefined }),
  index: anyUint64,
  proof: fc.array(anyHash, { maxLength: 64 }),
  checkpoint: fc.uint8Array({ minLength: 1, maxLength: 200 }),
});

const shown = (file: ProofFile): unknown => ({
  extra: file.extra && hex(file.extra),
  index: file.index,
  proof: hexes(file.proof),
  checkpoint: hex(file.checkpoint),
});

const hash = 'ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=';
const header = 'c2sp.org/tlog-proof@v1';

describe('a proof file', () => {
  it('gives its parts back, the checkpoint byte for byte', () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const parsed = parseProofFile(formatProofFile(file));
        expect(parsed && shown(parsed)).toEqual(shown(file));
      }),
    );
  });

  it('is the header, extra data, the index, the hashes, an empty line and the checkpoint', () => {
    const file = {
      extra: utf8('extra'),
      index: 10n,
      proof: [Buffer.from(hash, 'base64')],
      checkpoint: utf8('log.example\n…'),
    };
    expect(Buffer.from(formatProofFile(file)).toString()).toBe(
      `${header}\nextra ZXh0cmE=\nindex 10\n${hash}\n\nlog.example\n…`,
    );
  });

  it('has one spelling: with any byte changed before the checkpoint it is another or none', () => {
    const bytes = utf8(`${header}\nextra YQ==\nindex 10\n${hash}\n\ncp\n`);
    for (let at = 0; at < bytes.length; at += 1) {
      for (let byte = 0; byte < 256; byte += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        const file = parseProofFile(changed);
        expect(hex(file === undefined ? changed : formatProofFile(file))).toBe(hex(changed));
      }
    }
  });

  it('holds up to 64 hashes, and not 65', () => {
    const withHashes = (count: number) =>
      parseProofFile(utf8(`${header}\nindex 0\n${`${hash}\n`.repeat(count)}\ncp\n`));
    expect(withHashes(64)?.proof.length).toBe(64);
    expect(withHashes(65)).toBeUndefined();
  });

  it('has room for the largest entry with the longest proof and note, and not for more', () => {
    const largest = {
      extra: new Uint8Array(maxEntry),
      index: 2n ** 64n - 1n,
      proof: Array.from({ length: 64 }, () => new Uint8Array(32)),
      checkpoint: new Uint8Array(maxNote).fill(0x61),
    };
    const bytes = formatProofFile(largest);
    expect(parseProofFile(bytes)?.extra?.length).toBe(maxEntry);
    const fill = new Uint8Array(maxProofFile - bytes.length).fill(0x61);
    expect(parseProofFile(Buffer.concat([bytes, fill]))).toBeDefined();
    expect(parseProofFile(Buffer.concat([bytes, fill, Uint8Array.of(0x61)]))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a header alone', `${header}\n`],
    ['another header', 'c2sp.org/tlog-proof@v2\nindex 0\n\ncp\n'],
    ['no header', 'index 0\n\ncp\n'],
    ['a header with a space', `${header} \nindex 0\n\ncp\n`],
    ['a byte-order mark', `\ufeff${header}\nindex 0\n\ncp\n`],
    ['an empty line first', `\n${header}\nindex 0\n\ncp\n`],
    ['no checkpoint', `${header}\nindex 0\n\n`],
    ['no empty line', `${header}\nindex 0\ncp\n`],
    ['no index', `${header}\n\ncp\n`],
    ['no index but a hash', `${header}\n${hash}\n\ncp\n`],
    ['an index of 2^64', `${header}\nindex 18446744073709551616\n\ncp\n`],
    ['an index with a leading zero', `${header}\nindex 01\n\ncp\n`],
    ['an index in capitals', `${header}\nIndex 1\n\ncp\n`],
    ['two indexes', `${header}\nindex 1\nindex 1\n\ncp\n`],
    ['extra data behind the index', `${header}\nindex 1\nextra YQ==\n\ncp\n`],
    ['extra data twice', `${header}\nextra YQ==\nextra YQ==\nindex 1\n\ncp\n`],
    ['extra data without a space', `${header}\nextra\nindex 1\n\ncp\n`],
    ['extra data with unused bits', `${header}\nextra YR==\nindex 1\n\ncp\n`],
    ['CRLF', `${header}\r\nindex 0\r\n\r\ncp\r\n`],
    ['a hash of 31 bytes', `${header}\nindex 0\n${'A'.repeat(42)}==\n\ncp\n`],
    ['a hash with a space behind', `${header}\nindex 0\n${hash} \n\ncp\n`],
    ['a letter beyond ASCII', `${header}\nindex ١\n\ncp\n`],
  ])('with %s is refused', (_, text) => {
    expect(parseProofFile(utf8(text))).toBeUndefined();
  });

  it('ends at the first empty line: the rest is the checkpoint, verbatim', () => {
    const parsed = parseProofFile(utf8(`${header}\nindex 0\n\n\ncp\n\n`));
    expect(parsed && Buffer.from(parsed.checkpoint).toString()).toBe('\ncp\n\n');
  });
});
