import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wantedRanges, wantedType } from '#shared/api/accept.ts';
import { languageOf } from '#shared/api/problem-document.ts';

describe('languageOf', () => {
  it.each([
    ['', 'en'],
    ['fa', 'fa'],
    ['en', 'en'],
    ['FA', 'fa'],
    ['fa-IR', 'fa'],
    ['fa-Arab-IR', 'fa'],
    ['en-GB', 'en'],
    ['fa, en', 'fa'],
    ['en, fa', 'en'],
    // A browser set to Persian, and to English.
    ['fa-IR,fa;q=0.9,en-US;q=0.8,en;q=0.7', 'fa'],
    ['en-US,en;q=0.9,fa;q=0.8', 'en'],
    ['en;q=0.5, fa', 'fa'],
    ['en;q=0.5,fa;q=0.6', 'fa'],
    ['en ; q=0.5 , fa ; q=0.4', 'en'],
    ['fa;q=0, en;q=0.1', 'en'],
    ['fa;q=0', 'en'],
    ['fa;q=0.000', 'en'],
    ['fa;Q=0.1', 'fa'],
    ['de, fr;q=0.9, fa;q=0.1', 'fa'],
    ['de', 'en'],
    ['*', 'en'],
    ['*, fa;q=0.5', 'fa'],
    // `fas` and `far` are other tags, and `x-fa` is a private one.
    ['fas, far', 'en'],
    ['x-fa', 'en'],
    // What is not a weight is not wanted.
    ['fa;q=9, en', 'en'],
    ['fa;q=-1', 'en'],
    ['fa;q=abc', 'en'],
    ['fa;q=1e400', 'en'],
    [',,;;,fa', 'fa'],
  ])('%j is answered in %s', (field, language) => {
    expect(languageOf(field)).toBe(language);
  });

  it('is one of two, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (field) => {
        expect(['en', 'fa']).toContain(languageOf(field));
      }),
    );
  });
});

describe('wantedType', () => {
  it.each([
    ['application/x-ndjson', true],
    ['Application/X-NDJSON', true],
    ['application/x-ndjson; charset=utf-8', true],
    ['application/x-ndjson, application/json;q=0.5', true],
    ['application/json;q=0.5, application/x-ndjson', true],
    ['text/html, application/x-ndjson', true],
    ['application/x-ndjson, */*;q=0.1', true],
    ['', false],
    ['*/*', false],
    ['application/json', false],
    ['application/json, application/x-ndjson;q=0.5', false],
    ['application/x-ndjson;q=0', false],
    ['application/x-ndjsonp', false],
    ['text/x-ndjson', false],
  ])('%j wants NDJSON rather than JSON: %s', (field, wanted) => {
    const types = ['application/json', 'application/x-ndjson'] as const;
    expect(wantedType(field, types) === 'application/x-ndjson').toBe(wanted);
  });

  it.each([
    ['text/csv', 'text/csv'],
    ['text/csv;q=0.4, application/json;q=0.5', 'application/json'],
    ['text/html, text/csv;q=0.1', 'text/csv'],
    ['*/*', 'application/json'],
    ['text/csv;q=0', 'application/json'],
  ])('%j is answered as %s, of three', (field, expected) => {
    expect(wantedType(field, ['application/json', 'application/x-ndjson', 'text/csv'])).toBe(
      expected,
    );
  });
});

describe('wantedRanges', () => {
  it('orders by weight, and what weighs the same as it was named', () => {
    const weights = fc.constantFrom('', ';q=0.1', ';q=0.5', ';q=1', ';q=0');
    fc.assert(
      fc.property(fc.array(weights, { maxLength: 8 }), (chosen) => {
        const field = chosen.map((weight, n) => `r${n}${weight}`).join(',');
        const weightOf = (n: number): number => Number(/[\d.]+/.exec(chosen[n] ?? '') ?? 1);
        const expected = chosen
          .map((_, n) => n)
          .filter((n) => weightOf(n) > 0)
          .toSorted((a, b) => weightOf(b) - weightOf(a) || a - b)
          .map((n) => `r${n}`);
        expect(wantedRanges(field).filter((range) => range !== '')).toEqual(expected);
      }),
    );
  });
});
