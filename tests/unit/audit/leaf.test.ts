import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { leafData } from '#shared/audit/leaf.ts';
import { maxEntry } from '#shared/audit/tlog/bundle.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';

const vectorFile = new URL(
  '../../../../shared/vectors/tlog/rfc6962/reference-tree.json',
  import.meta.url,
);

const ReferenceTree = z.looseObject({
  leafInputs: z.array(z.string()),
  nodeHashes: z.array(z.array(z.string())),
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('leafHash', () => {
  it('is SHA-256 of one zero byte for empty data (RFC 6962 section 2.1)', () => {
    expect(hex(leafHash(new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it('is the hash of every leaf of the published reference tree', ({ skip }) => {
    if (!existsSync(vectorFile)) skip('../shared/vectors/tlog/rfc6962 is not on this machine');
    const json: unknown = JSON.parse(readFileSync(vectorFile, 'utf8'));
    const { leafInputs, nodeHashes } = ReferenceTree.parse(json);
    expect(leafInputs).toHaveLength(8);
    expect(leafInputs.map((input) => hex(leafHash(Buffer.from(input, 'hex'))))).toEqual(
      nodeHashes[0],
    );
  });

  it('tells leaves apart that differ in one bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (data, at) => {
        const bent = Uint8Array.from(data);
        const index = at % data.length;
        bent[index] = (bent[index] ?? 0) ^ 1;
        expect(hex(leafHash(bent))).not.toBe(hex(leafHash(data)));
      }),
    );
  });
});

describe('leafData', () => {
  it('is the intent and the outcome, each with a line feed behind it', () => {
    expect(Buffer.from(leafData('{"k":"i"}', '{"k":"o"}')).toString('utf8')).toBe(
      '{"k":"i"}\n{"k":"o"}\n',
    );
  });

  it('holds the UTF-8 bytes of both', () => {
    expect(leafData('ا', 'ب')).toHaveLength(6);
  });

  it('may fill an entry of a tile bundle to its last byte, and not one more', () => {
    const outcome = 'o'.repeat(100);
    const longest = 'i'.repeat(maxEntry - 102);
    expect(leafData(longest, outcome)).toHaveLength(65_535);
    expect(() => leafData(`${longest}i`, outcome)).toThrow(RangeError);
  });

  it('has room for the largest request and answer that are taken', () => {
    expect(leafData('i'.repeat(6 * 1024), 'o'.repeat(13 * 1024)).length).toBeLessThan(maxEntry);
  });
});
