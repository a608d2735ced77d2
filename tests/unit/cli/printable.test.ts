import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { styleText } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableOutput } from '#shared/client/cli/printable.ts';
import { printing, type Stream } from '#shared/client/cli/printing.ts';
import { reportText } from '#shared/client/cli/show-report.ts';

const anything = fc.string({ unit: 'binary', maxLength: 40 });

describe('a text from outside', () => {
  it('moves no cursor, begins no line and turns no direction', () => {
    expect(printable('a\u001b[2J\u001b]0;owned\u0007')).toBe('a\\u001b[2J\\u001b]0;owned\\u0007');
    expect(printable('\u009b31m\u007f\r\n\u2028')).toBe('\\u009b31m\\u007f\\u000d\\u000a\\u2028');
    expect(printable('\u202eevil\u2066\u200f')).toBe('\\u202eevil\\u2066\\u200f');
  });

  it('that is Persian stays as it is, with its joiners', () => {
    const text = 'استعلام نمی\u200cشود: شِمارش ۱۲۳، «دفتر»؟';
    expect(printable(text)).toBe(text);
  });

  it('has no control, whatever it was, and else every letter', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
        const rest = text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '');
        expect(printable(text).replaceAll(/\\u[0-9a-f]{4}/g, '')).toBe(
          rest.replaceAll(/\\u[0-9a-f]{4}/g, ''),
        );
      }),
    );
  });
});

describe('what a command writes', () => {
  /** What reaches a terminal. */
  const written = async (...texts: readonly string[]): Promise<string> => {
    const terminal = new PassThrough();
    const stream = printing(terminal);
    for (const text of texts) stream.write(text);
    stream.end();
    await finished(stream);
    return String(terminal.read());
  };

  it('keeps its lines and its colours, and nothing else that a terminal obeys', async () => {
    const red = styleText('red', 'no', { validateStream: false });
    expect(await written(`${red}\n\tb\n`, 'c\n')).toBe(`${red}\n\tb\nc\n`);
    expect(await written('\u001b[8mhidden\u001b[2J\u001b[31;1m\u009b2J\r')).toBe(
      '\\u001b[8mhidden\\u001b[2J\\u001b[31;1m\\u009b2J\\u000d',
    );
  });

  it('as JSON is the same JSON', () => {
    fc.assert(
      fc.property(fc.array(anything), (texts) => {
        expect(JSON.parse(printableOutput(JSON.stringify(texts)))).toEqual(texts);
      }),
    );
  });

  it('says of itself what its terminal is, and leaves that for bars', () => {
    const terminal: Stream = Object.assign(new PassThrough(), { isTTY: true, columns: 99 });
    expect(printing(terminal)).toMatchObject({ isTTY: true, columns: 99, drawing: terminal });
    expect(printing(new PassThrough()).isTTY).toBeUndefined();
  });
});

describe('the report of a verification', () => {
  it('shows on one line what an export says, whatever it says', () => {
    const evil = 'x\n✓ rows  everything\u001b[2J\u202e';
    const text = reportText(
      {
        what: 'export.tar',
        checks: [{ check: 'filter', result: 'skipped', detail: evil }],
        findings: [{ failure: 'tree', fault: 'row-surplus', index: 1, detail: evil }],
        notes: [{ note: evil, count: 1, first: 1 }],
      },
      true,
    );
    expect(text.split('\n').filter((line) => line.startsWith('✓'))).toEqual([]);
    expect(text.match(/\\u000a✓ rows {2}everything/g)).toHaveLength(3);
    expect(printableOutput(text)).toBe(text);
  });
});
