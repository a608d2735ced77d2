import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddCheckpoint,
  maxProofLines,
  maxRequest,
  parseAddCheckpoint,
} from '#shared/audit/add-checkpoint.ts';
import { toBase64 } from '#shared/audit/tlog/base64.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { strangeHash } from '#tests/support/test-log.ts';

const line = toBase64(strangeHash);

const parse = (text: string) => parseAddCheckpoint(utf8(text));

describe('a request to a witness', () => {
  it('is an old size, a proof, an empty line and a checkpoint', () => {
    const request = { oldSize: 7n, proof: [strangeHash, strangeHash], checkpoint: utf8('note\n') };
    const text = `old 7\n${line}\n${line}\n\nnote\n`;
    expect(Buffer.from(formatAddCheckpoint(request)).toString()).toBe(text);
    expect(parse(text)).toEqual(request);
  });

  it('comes back as it was written', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.array(hash, { maxLength: maxProofLines }),
        fc.uint8Array({ maxLength: 300 }),
        (oldSize, proof, checkpoint) => {
          const read = parseAddCheckpoint(formatAddCheckpoint({ oldSize, proof, checkpoint }));
          expect(read?.oldSize).toBe(oldSize);
          expect(read?.proof.map(toBase64)).toEqual(proof.map(toBase64));
          expect(toBase64(read?.checkpoint ?? utf8('none'))).toBe(toBase64(checkpoint));
        },
      ),
    );
  });

  it('has a proof of at most 63 lines', () => {
    const full = Array.from({ length: 63 }, () => strangeHash);
    const request = { oldSize: 1n, proof: full, checkpoint: utf8('note\n') };
    expect(parseAddCheckpoint(formatAddCheckpoint(request))?.proof).toHaveLength(63);
    const more = { ...request, proof: [...full, strangeHash] };
    expect(() => formatAddCheckpoint(more)).toThrow(RangeError);
    expect(parse(`old 1\n${`${line}\n`.repeat(64)}\nnote\n`)).toBeUndefined();
  });

  it('has hashes of 32 bytes', () => {
    const proof = [strangeHash.subarray(1)];
    expect(() => formatAddCheckpoint({ oldSize: 1n, proof, checkpoint: utf8('') })).toThrow(
      RangeError,
    );
  });

  it.each([
    ['is empty', ''],
    ['has no empty line', `old 1\n${line}\nnote\n`],
    ['has no old size', `${line}\n\nnote\n`],
    ['begins with an empty line', '\n\nold 1\n\nnote\n'],
    ['names the old size otherwise', 'Old 1\n\nnote\n'],
    ['has two spaces', 'old  1\n\nnote\n'],
    ['has a space after the size', 'old 1 \n\nnote\n'],
    ['has a tab', 'old\t1\n\nnote\n'],
    ['has no size', 'old \n\nnote\n'],
    ['has a leading zero', 'old 01\n\nnote\n'],
    ['has a sign', 'old +1\n\nnote\n'],
    ['has a negative size', 'old -1\n\nnote\n'],
    ['has a size of 2^64', 'old 18446744073709551616\n\nnote\n'],
    ['has a hexadecimal size', 'old 0x1\n\nnote\n'],
    ['has digits of another script', 'old ۱\n\nnote\n'],
    ['has CRLF', `old 1\r\n${line}\r\n\r\nnote\r\n`],
    ['has a hash without padding', `old 1\n${line.slice(0, -1)}\n\nnote\n`],
    ['has a hash with unused bits set', `old 1\n${line.slice(0, -2)}N=\n\nnote\n`],
    ['has a hash in base64url', `old 1\n${'_'.repeat(42)}8=\n\nnote\n`],
    ['has a hash of 31 bytes', `old 1\n${toBase64(strangeHash.subarray(1))}\n\nnote\n`],
    ['has a hash of 33 bytes', `old 1\n${toBase64(new Uint8Array(33))}\n\nnote\n`],
    ['has a space behind a hash', `old 1\n${line} \n\nnote\n`],
    ['has two hashes in a line', `old 1\n${line} ${line}\n\nnote\n`],
    ['begins with a byte order mark', '\ufeffold 1\n\nnote\n'],
  ])('is none when it %s', (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('may have an old size of 2^64 − 1', () => {
    expect(parse('old 18446744073709551615\n\nnote\n')?.oldSize).toBe(2n ** 64n - 1n);
  });

  it('is none above 256 KB', () => {
    const head = utf8('old 0\n\n');
    const sized = (size: number) => Buffer.concat([head, Buffer.alloc(size - head.length, 'x')]);
    expect(parseAddCheckpoint(sized(maxRequest))).toBeDefined();
    expect(parseAddCheckpoint(sized(maxRequest + 1))).toBeUndefined();
  });

  it('is read or refused whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parseAddCheckpoint(bytes)).not.toThrow();
      }),
    );
  });
});
