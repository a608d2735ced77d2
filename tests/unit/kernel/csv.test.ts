import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, cellText, csvText } from '#shared/kernel/csv.ts';

/** A reader of RFC 4180 that knows nothing of how it was written. */
const parse = (text: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted && char === '"' && text.charAt(at + 1) === '"') {
      cell += '"';
      at += 1;
    } else if (char === '"') quoted = !quoted;
    else if (!quoted && char === ',') {
      row.push(cell);
      cell = '';
    } else if (!quoted && char === '\r' && text.charAt(at + 1) === '\n') {
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
      at += 1;
    } else cell += char;
  }
  return rows;
};

const bodyOf = (text: string): string => text.slice(1);

const cells = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('=1+1', '+98', '-2', '@sum', '\tx', "'", "''x", '0012', '1-2', '1E5', 'a,b', '"'),
  fc.constantFrom('تهران', 'a\r\nb', ' x', '۱۲', '12:30', '٣'),
);

describe('a table as CSV', () => {
  it('begins with a byte order mark and ends each row with CRLF', () => {
    expect(
      csvText([
        ['شناسه', 'n'],
        ['الف', 7],
        [undefined, 0],
      ]),
    ).toBe('\uFEFFشناسه,n\r\nالف,7\r\n,0\r\n');
  });

  it('is parsed back to what it was, whatever the texts', () => {
    const table = fc.array(fc.array(cells, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(table, (rows) => {
        expect(parse(bodyOf(csvText(rows))).map((row) => row.map(cellText))).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['mar-1', 'dec12', 'sep/2', 'May.5', '1-jan'])(
    'keeps a text that a spreadsheet shows as a day: %s',
    (text) => {
      expect(csvText([[text]])).toBe(`\uFEFF'${text}\r\n`);
    },
  );

  it.each(['st-1', 'march', 'marriage', 'desk-12', 'mar-1-2'])('leaves other words: %s', (text) => {
    expect(csvText([[text]])).toBe(`\uFEFF${text}\r\n`);
  });

  it('holds no text that a spreadsheet takes for a formula', () => {
    fc.assert(
      fc.property(cells, (text) => {
        const [[cell = ''] = []] = parse(bodyOf(csvText([[text, 'x']])));
        expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['0012', '1-2', '12/3', '12:30', '1E5', '10.5', '1,000', '9007199254740993', '50%'])(
    'marks %s, which would be shown as a number or a date',
    (text) => {
      expect(parse(bodyOf(csvText([[text, 'x']])))[0]?.[0]).toBe(`'${text}`);
    },
  );

  it.each<[Cell, string]>([
    ['counter:72110345', 'counter:72110345'],
    ['019b76da-a800-7000-8000-000000000000', '019b76da-a800-7000-8000-000000000000'],
    ['2027-01-15T08:00:00.000Z', '2027-01-15T08:00:00.000Z'],
    ['till-3', 'till-3'],
    [42, '42'],
    [undefined, ''],
    ['a "b"', '"a ""b"""'],
  ])('writes %j as %s', (cell, expected) => {
    expect(csvText([[cell]])).toBe(`\uFEFF${expected}\r\n`);
  });
});
