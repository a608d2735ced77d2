import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { readVectors, readVectorText } from '#tests/support/vectors.ts';

/** cyberphone/json-canonicalization, the reference vectors of RFC 8785. */
const published = ['arrays', 'french', 'structures', 'unicode', 'values', 'weird'];

describe('canonicalJson', () => {
  it.for(published)('writes the published vector %s', (name, test) => {
    const folder = 'tlog/jcs/testdata';
    const input = readVectors(test, `${folder}/input/${name}.json`, z.json());
    const output = readVectorText(test, `${folder}/output/${name}.json`).trimEnd();

    expect(canonicalJson({ vector: input })).toBe(`{"vector":${output}}`);
  });

  it('is the same for every order of the members', () => {
    const members = fc.uniqueArray(fc.tuple(fc.string(), fc.integer()), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(members, (pairs) => {
        const usable = pairs.filter(([name]) => name !== '__proto__');
        const there = canonicalJson(Object.fromEntries(usable));
        expect(canonicalJson(Object.fromEntries(usable.toReversed()))).toBe(there);
        expect(JSON.parse(there)).toEqual(Object.fromEntries(usable));
      }),
    );
  });

  it('refuses half a surrogate pair and what is no number, wherever it stands', () => {
    const refused = [{ a: '\ud800' }, { '\udc00': 1 }, { a: [{ b: Number.NaN }] }];
    for (const value of [...refused, { a: Number.POSITIVE_INFINITY }]) {
      expect(() => canonicalJson(value)).toThrow(/surrogate|NaN|Infinity/);
    }
  });

  it('sorts names by UTF-16 code units and writes no space', () => {
    expect(canonicalJson({ '\u{1f600}': 1, '\ufb33': 2, b: [1, { z: 1, a: 2 }], a: '۱' })).toBe(
      '{"a":"۱","b":[1,{"a":2,"z":1}],"\u{1f600}":1,"\ufb33":2}',
    );
  });
});
