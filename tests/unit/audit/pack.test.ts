import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inquiryAnsweredExample } from '#events/inquiry-answered.ts';
import { inquiryAskedExample } from '#events/inquiry-asked.ts';
import { registryChangedExample } from '#events/registry-changed.ts';
import { packRecord, packText, unpackRecord, unpackText } from '#shared/audit/pack.ts';
import { packDictionaries } from '#shared/audit/pack-dictionary.ts';
import { concat, sha256, toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const segment = fc.uint8Array({ minLength: 1, maxLength: 200 }).map(toBase64Url);
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toBase64Url);
const token = fc.tuple(segment, segment, signature).map((parts) => parts.join('.'));

/** Strings that look like the place where a token stands. */
const confusing = fc.constantFrom(
  '"req":""',
  '"res":""',
  '\\"req\\":\\"\\"',
  '{"req":"a.b.c"}',
  'req',
  '","req":"',
  'a.b.c',
  '\u0000\n\t\\',
  'استعلام «هویت» 🪪',
);

const asked = fc
  .record({ id: fc.uuid(), rule: fc.oneof(text, confusing), registry: fc.nat(), req: token })
  .map(({ id, rule, registry, req }) =>
    canonicalJson({ ...inquiryAskedExample, id, dec: { effect: 'deny', rule, registry }, req }),
  );

const answered = fc
  .record(
    {
      fee: fc.oneof(text, confusing),
      withheld: fc.oneof(text, confusing),
      res: token,
      ms: fc.nat(),
    },
    { requiredKeys: ['ms'] },
  )
  .map((members): string => {
    const { id, i, t } = inquiryAnsweredExample;
    return canonicalJson({ v: 1, k: 'o', id, i, t, out: 'FOUND', http: 200, ...members });
  });

const member = fc.constantFrom('req', 'res', 'cmd', 'entry', 'k');
const dotted = fc
  .array(fc.oneof(segment, fc.stringMatching(/^[A-Za-z0-9_-]{0,9}$/)), {
    minLength: 2,
    maxLength: 4,
  })
  .map((parts) => parts.join('.'));
const flat = fc.dictionary(member, fc.oneof(text, confusing, token, dotted), {
  noNullPrototype: true,
});
/** Records of other kinds: an entry of the registry may hold names and texts like a token's. */
const line = fc
  .dictionary(member, fc.oneof(text, confusing, token, dotted, flat, flat.map(canonicalJson)), {
    noNullPrototype: true,
  })
  .map(canonicalJson);

describe('packRecord and unpackRecord', () => {
  it('give back every intent, byte for byte', () => {
    fc.assert(
      fc.property(asked, (record) => {
        expect(unpackRecord(packRecord(record))).toBe(record);
      }),
      { numRuns: 500 },
    );
  });

  it('give back every outcome, with and without a token', () => {
    fc.assert(
      fc.property(answered, (record) => {
        expect(unpackRecord(packRecord(record))).toBe(record);
      }),
      { numRuns: 500 },
    );
  });

  it('give back any text that holds no token', () => {
    fc.assert(
      fc.property(fc.oneof(text, confusing, fc.json()), (record) => {
        fc.pre(!/"re[qs]":"[^"]/.test(record));
        expect(unpackRecord(packRecord(record))).toBe(record);
      }),
      { numRuns: 500 },
    );
  });

  it('give back a record whose payload holds line breaks, quotes and an empty req', () => {
    const payload = toBase64Url(utf8('{\n  "req":"",\r\n "iss":"counter:1" }\n'));
    const record = canonicalJson({ ...inquiryAskedExample, req: `e30.${payload}.AAAA` });
    expect(unpackRecord(packRecord(record))).toBe(record);
  });

  it.each([
    [
      'its token stands in another member, before its own',
      { a: 'e30.e30.AAAA', req: 'e30.e30.AAAA' },
    ],
    [
      'an empty member of that name stands before its token',
      { a: { req: '' }, res: 'e30.e30.AAAA' },
    ],
    ['it holds two tokens', { req: 'e30.e30.AAAA', res: 'e30.e30.BBBB' }],
    ['it holds one token twice', { req: 'e30.e30.AAAA', res: 'e30.e30.AAAA' }],
    ['its token has no signature', { req: 'e30.e30.' }],
  ])('give back a record even if %s', (_, record) => {
    const json = canonicalJson(record);
    expect(unpackRecord(packRecord(json))).toBe(json);
  });

  it('give back a record whose token is not canonical base64url, or cannot be one', () => {
    for (const broken of ['e31.e30.AAAA', 'e30.e31.AAAA', 'e30.e30.AAB', 'e30.e30.A', 'a.b.c']) {
      const record = canonicalJson({ req: broken });
      expect(unpackRecord(packRecord(record))).toBe(record);
    }
  });

  it('give back a signature whose length does not fit its byte', () => {
    for (const length of [255, 256, 512]) {
      const record = canonicalJson({ req: `e30.e30.${toBase64Url(new Uint8Array(length))}` });
      expect(unpackRecord(packRecord(record))).toBe(record);
    }
  });

  it('give back any record of one line, whatever its members are called', () => {
    fc.assert(
      fc.property(line, (record) => {
        expect(unpackRecord(packRecord(record))).toBe(record);
      }),
      { numRuns: 500 },
    );
  });

  it('give back a registry entry of 20 KB that holds the signed command, verbatim', () => {
    const digests = Array.from({ length: 400 }, (_, n) => toBase64Url(sha256(String(n))));
    const payload = toBase64Url(utf8(digests.join('')));
    const cmd = `${toBase64Url(utf8('{"alg":"ES256"}'))}.${payload}.${toBase64Url(new Uint8Array(64))}`;
    const record = canonicalJson({ ...registryChangedExample, entry: '{"req":"a.b.c"}', cmd });
    expect(record.length).toBeGreaterThan(20_000);
    const packed = packRecord(record);
    expect(packed.length).toBeLessThan(record.length);
    expect(unpackRecord(packed)).toBe(record);
  });

  it('give back a long record that says again what it said some 3 KB before', () => {
    const digests = Array.from({ length: 70 }, (_, n) => toBase64Url(sha256(String(n)))).join('');
    const record = canonicalJson({ a: digests.repeat(6) });
    const packed = packRecord(record);
    expect(packed.length).toBeLessThan(record.length / 4);
    expect(unpackRecord(packed)).toBe(record);
  });

  it('take a record as long as a leaf may be, and refuse a longer one', () => {
    const longest = canonicalJson({ a: 'x'.repeat(65_535 - 8) });
    expect(longest).toHaveLength(65_535);
    expect(unpackRecord(packRecord(longest))).toBe(longest);
    expect(() => packRecord(`${longest} `)).toThrow(RangeError);
  });

  // One text has many deflated forms, so damage may go unseen here; the records' hashes see it.
  it('read a damaged row as an error or as a text that is bounded, and never hang', () => {
    let errors = 0;
    fc.assert(
      fc.property(asked, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, at, flip) => {
        const packed = Uint8Array.from(packRecord(record));
        const place = at % packed.length;
        packed[place] = (packed[place] ?? 0) ^ flip;
        const read = attempt(() => unpackRecord(packed));
        if (read === undefined) errors += 1;
        expect(read?.length ?? 0).toBeLessThan(400_000);
      }),
    );
    expect(errors).toBeGreaterThan(0);
  });
});

const attempt = (read: () => string): string | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

describe('packText and unpackText', () => {
  it('give back every text', () => {
    fc.assert(
      fc.property(fc.oneof(text, confusing), (plain) => {
        expect(unpackText(packText(plain))).toBe(plain);
      }),
      { numRuns: 500 },
    );
  });

  it('give back a text as long as a message may be', () => {
    const long = Array.from({ length: 2000 }, (_, n) => toBase64Url(sha256(String(n)))).join('');
    expect(unpackText(packText(long))).toBe(long);
  });
});

describe('a packed row', () => {
  it('names the version it was packed with in its first byte', () => {
    expect(packText('استعلام')[0]).toBe(1);
    expect(packRecord(canonicalJson(inquiryAskedExample))[0]).toBe(1);
  });

  it.each([0, 2, 255])('is refused when its version is %s', (version) => {
    const text1 = Uint8Array.from(packText('a'));
    const record = Uint8Array.from(packRecord('{}'));
    text1[0] = version;
    record[0] = version;
    expect(() => unpackText(text1)).toThrow('unknown packing');
    expect(() => unpackRecord(record)).toThrow('unknown packing');
  });

  it('is refused when it is empty', () => {
    expect(() => unpackText(new Uint8Array())).toThrow('unknown packing');
    expect(() => unpackRecord(new Uint8Array())).toThrow('unknown packing');
  });

  it('cannot fill the memory: what inflates beyond a quarter of a megabyte is refused', () => {
    const dictionary = packDictionaries.get(1) ?? new Uint8Array();
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { dictionary });
    expect(bomb.length).toBeLessThan(70_000);
    expect(() => unpackText(concat(Uint8Array.of(1), bomb))).toThrow(RangeError);
    expect(() => unpackRecord(concat(Uint8Array.of(1, 0), bomb))).toThrow(RangeError);
  });

  it.each([
    [
      'AQEAY5jMwE9UtBgRipdEyySTRFNdYwsDA13zxKRkXcuU1DRdA0MjYxNTM3MLy8QkXDFnYYAAWCOxtroWAA',
      '{"dec":{"effect":"allow","registry":12,"rule":"open-service"},"id":"01a9b4a5-3800-7abc-9def-0123456789ab","k":"i","req":"eyJhbGciOiJFUzI1NiJ9.e30.AA","t":1800000000000,"v":1}',
    ],
    [
      'AQEAY1jFwF-NnspNzF1cAwuyLDycghN140M8c8N1Tb2cU0sDU4Oyc039fAu8wqPcjTOCS91CERki0TLJJNFU19jCwEDXPDEpWdcyJTVN18DQyNjE1MzcwjIxCS3LGFtAEhY82-ig5hsLAygwMTTCGre11bUA',
      '{"http":200,"i":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","id":"01a9b4a5-3800-7abc-9def-0123456789ab","k":"o","ms":381,"out":"FOUND","res":"eyJhbGciOiJFUzI1NiJ9.e30.AA","t":1800000000412,"v":1}',
    ],
  ])('that was written by an earlier version is read as ever: %s', (packed, record) => {
    expect(unpackRecord(Buffer.from(packed, 'base64url'))).toBe(record);
  });

  it('was packed with a dictionary that never changes', () => {
    const digest = toBase64Url(sha256(packDictionaries.get(1) ?? new Uint8Array()));
    expect([...packDictionaries.keys()]).toEqual([1]);
    expect(digest).toBe('7Hs6H9w_BjSv5JthPYNecDHvesLb8cRW8sPFQ-2A8ls');
  });
});
