import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fromBase64Url, sha256, toBase64Url } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { type CursorOf, longestCursor, openCursor, sealCursor } from '#shared/oversight/cursor.ts';
import { countedRandom } from '#tests/support/exchange.ts';

const key = sha256('cursor key');
const random = countedRandom();
const sealing = { key, random };
const shape = z.strictObject({ at: z.array(z.int()), edge: z.int() });
const place = { at: [4096, 17], edge: 1_800_000_000_000 };
const whose: CursorOf = {
  reader: 'auditor:one',
  of: 'listAuditEntries',
  query: { counter: 'counter:72110345', from: '2027-01-15T08:00:00.000Z' },
};

const opened = (text: string, by: CursorOf = whose, secret = key): unknown => {
  try {
    return openCursor(secret, by, text, shape);
  } catch (error) {
    return error instanceof Problem ? `${error.name}: ${error.detail}` : error;
  }
};

const refused = 'invalid-query: The cursor is not of this query, or not of this reader.';

const texts = fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => text.isWellFormed());
const queries: fc.Arbitrary<JsonObject> = fc.dictionary(texts, fc.oneof(texts, fc.integer()), {
  maxKeys: 3,
});
const owners: fc.Arbitrary<CursorOf> = fc.record({ reader: texts, of: texts, query: queries });

describe('a cursor', () => {
  it('opens to its place for its reader and its query, in whatever order that stands', () => {
    const text = sealCursor(sealing, whose, place);
    expect(opened(text)).toEqual(place);
    const reversed = Object.fromEntries(Object.entries(whose.query).toReversed());
    expect(opened(text, { ...whose, query: reversed })).toEqual(place);
  });

  it('says nothing, and is another one each time', () => {
    const [one, other] = [sealCursor(sealing, whose, place), sealCursor(sealing, whose, place)];
    expect(one).toMatch(/^[A-Za-z0-9_-]{60,200}$/);
    expect(one).not.toBe(other);
    expect(Buffer.from(fromBase64Url(one) ?? []).toString('latin1')).not.toMatch(/4096|auditor/);
  });

  it.each<[string, Partial<CursorOf>]>([
    ['reader', { reader: 'auditor:two' }],
    ['route', { of: 'summariseEntries' }],
    ['query', { query: { ...whose.query, counter: 'counter:72110346' } }],
    ['query, with less in it', { query: {} }],
  ])('is refused for another %s', (_, change) => {
    expect(opened(sealCursor(sealing, whose, place), { ...whose, ...change })).toBe(refused);
  });

  it('is refused under another key', () => {
    expect(opened(sealCursor(sealing, whose, place), whose, sha256('another'))).toBe(refused);
  });

  it.each(['', 'A', 'AQ', 'AQ==', '../../etc/passwd', '181000.3.', 'A'.repeat(longestCursor + 4)])(
    'is refused when it was made up: %s',
    (text) => {
      expect(opened(text)).toBe(refused);
    },
  );

  it('is refused when any bit of it is another, or it ends too early', () => {
    const text = sealCursor(sealing, whose, place);
    const bytes = fromBase64Url(text) ?? new Uint8Array();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const bent = Uint8Array.from(bytes, (byte, n) => (n === at ? byte ^ (1 << bit) : byte));
        expect(opened(toBase64Url(bent))).toBe(refused);
        expect(opened(toBase64Url(bytes.subarray(0, at)))).toBe(refused);
      }),
    );
  });

  it('opens for whom it was sealed and for nobody else, whatever they are', () => {
    fc.assert(
      fc.property(owners, owners, (mine, other) => {
        const text = sealCursor(sealing, mine, place);
        expect(opened(text, mine)).toEqual(place);
        expect(opened(text, other)).toEqual(isDeepStrictEqual(mine, other) ? place : refused);
        const changed = { ...mine, reader: `${mine.reader}x` };
        expect(opened(text, changed)).toBe(refused);
      }),
    );
  });

  it('has room for a place in each of 64 logs, and is never longer than it may be', () => {
    const at = Array.from({ length: 64 }, () => Number.MAX_SAFE_INTEGER);
    expect(opened(sealCursor(sealing, whose, { ...place, at }))).toEqual({ ...place, at });
    const far = Array.from({ length: 400 }, () => Number.MAX_SAFE_INTEGER);
    expect(() => sealCursor(sealing, whose, { ...place, at: far })).toThrow(RangeError);
  });
});
