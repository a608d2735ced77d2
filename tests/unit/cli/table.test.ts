import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableLines, widthOf } from '#shared/client/cli/table.ts';

const columns = [
  { head: 'who', least: 6 },
  { head: 'n', align: 'right' },
] as const;

describe('a table for a terminal', () => {
  it('stands in columns, numbers to the right', () => {
    expect(
      tableLines(
        columns,
        [
          ['counter:72110345', '7'],
          ['x', '12'],
        ],
        80,
      ),
    ).toEqual(['who                n', 'counter:72110345   7', 'x                 12']);
  });

  it('cuts the column that may be cut, and says that it did', () => {
    expect(tableLines(columns, [['counter:72110345', '7']], 10)).toEqual([
      'who      n',
      'counte…  7',
    ]);
  });

  it('leaves out what is optional where there is no room, the last one first', () => {
    const three = [
      { head: 'who', least: 3 },
      { head: 'why', optional: true },
      { head: 'where', optional: true },
    ] as const;
    const rows = [['counter', 'because', 'here']];
    expect(tableLines(three, rows, 80)[0]).toBe('who      why      where');
    expect(tableLines(three, rows, 14)).toEqual(['who    why', 'coun…  because']);
    expect(tableLines(three, rows, 5)).toEqual(['who', 'coun…']);
  });

  it('cuts nothing where the output has no width', () => {
    const long = 'x'.repeat(500);
    expect(tableLines(columns, [[long, '1']], undefined)[1]).toBe(`${long}  1`);
  });

  it('counts no column for what is not seen: joiners and marks over letters', () => {
    expect(widthOf('می\u200cشود')).toBe(5);
    expect(widthOf('شِمارش')).toBe(5);
  });

  it('lets no control character reach the terminal', () => {
    const lines = tableLines(columns, [['a\u001b[31mb\r\n', '1']], 80).join('');
    expect(/\p{Cc}/u.test(lines)).toBe(false);
  });

  it('is never wider than it may be, where every column may be cut', () => {
    const cells = fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 5 });
    fc.assert(
      fc.property(cells, fc.integer({ min: 6, max: 40 }), (rows, width) => {
        const both = [
          { head: 'a', least: 2 },
          { head: 'b', least: 2 },
        ];
        const lines = tableLines(both, rows, width);
        expect(lines).toHaveLength(rows.length + 1);
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true);
      }),
    );
  });
});
