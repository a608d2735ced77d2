import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatNote,
  formatSignature,
  maxNote,
  maxSignatures,
  type Note,
  parseNote,
  parseSignature,
} from '#shared/audit/tlog/note.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { anyKeyName, hex } from './arbitraries.ts';

const anyId = fc.stringMatching(/^[0-9a-f]{8}$/);
const anySignature = fc.record({
  name: anyKeyName,
  id: anyId,
  signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
});
const anySignatures = fc.uniqueArray(anySignature, {
  minLength: 1,
  maxLength: maxSignatures,
  selector: ({ name, id }) => `${name}+${id}`,
});
/** Texts with empty lines anywhere; control characters and lone surrogates are not allowed in notes. */
const anyText = fc
  .array(
    fc
      .string({ unit: 'binary', maxLength: 12 })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the rule
      .map((line) => line.replaceAll(/[\u0000-\u001f]/g, '')),
    { minLength: 1, maxLength: 5 },
  )
  .map((lines) => `${lines.join('\n')}\n`);

const shown = ({ text, signatures }: Note): unknown => ({
  text,
  signatures: signatures.map((one) => ({ ...one, signature: hex(one.signature) })),
});

const line = (name: string, id = '01020304', signature = Uint8Array.of(5)): string =>
  formatSignature({ name, id, signature });

const good = `text\n\n${line('a.example')}`;

const isRead = (note: string | Uint8Array): boolean =>
  parseNote(typeof note === 'string' ? utf8(note) : note) !== undefined;

describe('a note', () => {
  it('gives its text and its signatures back', () => {
    fc.assert(
      fc.property(anyText, anySignatures, (text, signatures) => {
        const note = parseNote(formatNote({ text, signatures }));
        expect(note && shown(note)).toEqual(shown({ text, signatures }));
      }),
    );
  });

  it('has one spelling: with any one byte changed it is another note or none', () => {
    const bytes = formatNote({
      text: 'a\n\nb\n',
      signatures: [
        { name: 'a.example', id: '01020304', signature: Uint8Array.of(5) },
        { name: 'b.example', id: '01020304', signature: Uint8Array.of(6, 7) },
      ],
    });
    for (let at = 0; at < bytes.length; at += 1) {
      for (let byte = 0; byte < 256; byte += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        const note = parseNote(changed);
        expect(hex(note === undefined ? changed : formatNote(note))).toBe(hex(changed));
      }
    }
  });

  it.each([
    ['text\n\n', 'text\n'],
    ['a\n\nb\n\n', 'a\n\nb\n'],
    ['text\n\n\n', 'text\n\n'],
    ['\n\n', '\n'],
    ['— a.example AQIDBAU=\n\n', '— a.example AQIDBAU=\n'],
    ['\ufefftext\n\n', '\ufefftext\n'],
    ['متن\n\n', 'متن\n'],
    ['a\u007fb\u0085c\n\n', 'a\u007fb\u0085c\n'],
  ])('of %j has the text up to the last empty line: %j', (head, text) => {
    expect(parseNote(utf8(`${head}${line('a.example')}`))?.text).toBe(text);
  });

  it('holds up to 16 signatures, and not 17', () => {
    const lines = Array.from({ length: 17 }, (_, n) => line(`w${n}.example`));
    expect(isRead(`text\n\n${lines.slice(0, 16).join('')}`)).toBe(true);
    expect(isRead(`text\n\n${lines.join('')}`)).toBe(false);
  });

  it('holds 16 post-quantum signatures of 5 kB', () => {
    const long = new Uint8Array(5000).fill(7);
    const lines = Array.from({ length: 16 }, (_, n) => line(`w${n}.example`, '01020304', long));
    expect(isRead(`text\n\n${lines.join('')}`)).toBe(true);
  });

  it('holds up to 131,072 bytes, and not one more', () => {
    const rest = `\n\n${line('a.example')}`;
    const longest = 'x'.repeat(maxNote - utf8(rest).length);
    expect(isRead(longest + rest)).toBe(true);
    expect(isRead(`${longest}x${rest}`)).toBe(false);
  });

  it('may be signed twice under one name by keys of different ids, and the reverse', () => {
    expect(isRead(`text\n\n${line('a', '00000001')}${line('a', '00000002')}`)).toBe(true);
    expect(isRead(`text\n\n${line('a', '00000001')}${line('b', '00000001')}`)).toBe(true);
  });
});

describe('parseNote refuses', () => {
  it.each([
    ['nothing', ''],
    ['a newline', '\n'],
    ['empty lines', '\n\n\n'],
    ['a text alone', 'text\n'],
    ['a text and an empty line', 'text\n\n'],
    ['no text', `\n${line('a.example')}`],
    ['a signature line alone', line('a.example')],
    ['no empty line', `text\n${line('a.example')}`],
    ['no newline at the end', good.slice(0, -1)],
    ['an empty line behind the signatures', `${good}\n`],
    ['an empty line between the signatures', `${good}\n\n${line('b.example')}\n`],
    ['CRLF everywhere', good.replaceAll('\n', '\r\n')],
    ['CRLF at the end', `${good.slice(0, -1)}\r\n`],
    ['a carriage return in the text', `te\rxt\n\n${line('a.example')}`],
    ['a tab in the text', `te\txt\n\n${line('a.example')}`],
    ['a zero in the text', `te\u0000xt\n\n${line('a.example')}`],
    ['an escape in the text', `te\u001bxt\n\n${line('a.example')}`],
    ['the same line twice', `${good}${line('a.example')}`],
    [
      'one key twice with two signatures',
      `${good}${line('a.example', '01020304', Uint8Array.of(6))}`,
    ],
    ['a hyphen for the dash', good.replace('—', '-')],
    ['an en dash for the dash', good.replace('—', '–')],
    ['no dash', good.replace('— ', '')],
    ['two spaces after the dash', good.replace('— ', '—  ')],
    ['two spaces before the signature', good.replace(' AQID', '  AQID')],
    ['a space at the end of a line', `${good.slice(0, -1)} \n`],
    ['a third word', `${good.slice(0, -1)} x\n`],
    ['no name', 'text\n\n—  AQIDBAU=\n'],
    ['no signature', 'text\n\n— a.example \n'],
    ['a name with a plus', 'text\n\n— a+b AQIDBAU=\n'],
    ['a name with a space', 'text\n\n— a b AQIDBAU=\n'],
    ['a name with a no-break space', 'text\n\n— a\u00a0b AQIDBAU=\n'],
    ['a name with an ideographic space', 'text\n\n— a\u3000b AQIDBAU=\n'],
    ['a name with a line separator', 'text\n\n— a\u2028b AQIDBAU=\n'],
    ['base64 without its padding', 'text\n\n— a AQIDBAU\n'],
    ['base64 whose unused bits are not zero', 'text\n\n— a AQIDBAV=\n'],
    ['base64 for URLs', 'text\n\n— a AQIDB_-_\n'],
    ['a key id and no signature', 'text\n\n— a AQIDBA==\n'],
    ['three bytes', 'text\n\n— a AQID\n'],
    ['a text line among the signatures', `text\n\nmore\n${line('a.example')}`],
  ])('%s', (_, note) => {
    expect(isRead(note)).toBe(false);
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a byte of no UTF-8', [0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong newline', [0xc0, 0x8a]],
    ['a lone surrogate', [0xed, 0xa0, 0x80]],
    ['a character cut short', [0xe2, 0x80]],
    ['a character above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('UTF-8 that holds %s, in the text or in a name', (_, bytes) => {
    const bad = Uint8Array.from(bytes);
    expect(isRead(concat(utf8('te'), bad, utf8(`xt\n\n${line('a.example')}`)))).toBe(false);
    expect(isRead(concat(utf8('text\n\n— a'), bad, utf8('b AQIDBAU=\n')))).toBe(false);
  });

  it('a byte-order mark does not vanish from the text', () => {
    const marked = parseNote(concat(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(good)));
    expect(marked?.text).toBe('\ufefftext\n');
  });

  it('UTF-16', () => {
    expect(isRead(Buffer.from(`\ufeff${good}`, 'utf16le'))).toBe(false);
  });
});

describe('parseSignature', () => {
  it('gives a line back, without its newline', () => {
    fc.assert(
      fc.property(anySignature, (one) => {
        const parsed = parseSignature(formatSignature(one).slice(0, -1));
        expect(parsed && formatSignature(parsed)).toBe(formatSignature(one));
      }),
    );
  });

  it('refuses a line with its newline', () => {
    expect(parseSignature(line('a.example'))).toBeUndefined();
  });
});
