import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  type SignedCheckpoint,
} from '#shared/audit/tlog/checkpoint.ts';
import { formatNote, type NoteSignature } from '#shared/audit/tlog/note.ts';
import {
  formatVerifierKey,
  parseVerifierKey,
  verifierKey,
} from '#shared/audit/tlog/verifier-key.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { anyHash, anyKeyName, anyUint64, flipBit, hex } from './arbitraries.ts';
import {
  checkpoint,
  cosignText,
  first,
  keys,
  log,
  origin,
  second,
  signedCheckpoint,
  signText,
  text,
  time,
} from './signed-checkpoint.ts';

const anyLine = fc.stringMatching(/^[ -~آ-ی]{1,20}$/);

const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

describe('the text of a checkpoint', () => {
  it('gives the checkpoint back', () => {
    const anyCheckpoint = fc.record({
      origin: fc.oneof(anyKeyName, anyLine),
      size: anyUint64,
      root: anyHash,
      extensions: fc.array(anyLine, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(anyCheckpoint, (one) => {
        const parsed = parseCheckpoint(formatCheckpoint(one));
        expect(parsed && { ...parsed, root: hex(parsed.root) }).toEqual({
          ...one,
          root: hex(one.root),
        });
      }),
    );
  });

  it('of C2SP tlog-checkpoint is read and written', () => {
    const example = `example.com/behind-the-sofa\n20852163\n${root}\n`;
    const parsed = parseCheckpoint(example);
    expect(parsed).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163n });
    expect(parsed && formatCheckpoint(parsed)).toBe(example);
  });

  it.each([
    ['nothing', ''],
    ['one line', 'log.example\n'],
    ['two lines', 'log.example\n5\n'],
    ['no newline at the end', `log.example\n5\n${root}`],
    ['an empty origin', `\n5\n${root}\n`],
    ['an empty line first', `\nlog.example\n5\n${root}\n`],
    ['an empty extension', `log.example\n5\n${root}\n\n`],
    ['an empty line before an extension', `log.example\n5\n${root}\n\nmore\n`],
    ['an empty size', `log.example\n\n${root}\n`],
    ['a size with leading zeros', `log.example\n005\n${root}\n`],
    ['a size of two zeros', `log.example\n00\n${root}\n`],
    ['a signed size', `log.example\n+5\n${root}\n`],
    ['a negative size', `log.example\n-5\n${root}\n`],
    ['a size in hexadecimal', `log.example\n0x5\n${root}\n`],
    ['a size with a space', `log.example\n5 \n${root}\n`],
    ['a size of 2^64', `log.example\n18446744073709551616\n${root}\n`],
    ['a size of 100 digits', `log.example\n${'9'.repeat(100)}\n${root}\n`],
    ['a size with a carriage return', `log.example\n5\r\n${root}\n`],
    ['a root of 31 bytes', `log.example\n5\n${'A'.repeat(42)}==\n`],
    ['a root of 33 bytes', `log.example\n5\n${'A'.repeat(44)}\n`],
    ['an empty root', 'log.example\n5\n\n'],
    ['a root whose unused bits are not zero', `log.example\n5\n${root.replace('2I=', '2J=')}\n`],
    ['a root without its padding', `log.example\n5\n${root.slice(0, -1)}\n`],
    ['a root with a space', `log.example\n5\n${root} \n`],
    ['a root in hexadecimal', `log.example\n5\n${'00'.repeat(32)}\n`],
    ['the lines swapped', `log.example\n${root}\n5\n`],
  ])('with %s is refused', (_, wrong) => {
    expect(parseCheckpoint(wrong)).toBeUndefined();
  });

  it.each([
    ['0', 0n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['18446744073709551615', 2n ** 64n - 1n],
  ])('may have the size %s, exactly', (decimal, size) => {
    expect(parseCheckpoint(`log.example\n${decimal}\n${root}\n`)?.size).toBe(size);
  });

  it('has one spelling: a text that is read is written again', () => {
    const anyNearly = fc
      .tuple(
        fc.stringMatching(/^[a\n]{0,2}$/),
        fc.stringMatching(/^[0-2+]{0,3}$/),
        fc.constantFrom(root, root.slice(1), `${root}=`, root.replace('2I=', '2K=')),
        fc.stringMatching(/^[x\n]{0,3}$/),
      )
      .map(([name, size, base64, rest]) => `${name}\n${size}\n${base64}\n${rest}`);
    fc.assert(
      fc.property(anyNearly, (nearly) => {
        const parsed = parseCheckpoint(nearly);
        expect(parsed === undefined ? nearly : formatCheckpoint(parsed)).toBe(nearly);
      }),
      { numRuns: 1000 },
    );
  });
});

const open = (signatures: readonly NoteSignature[], by = keys): SignedCheckpoint | undefined =>
  openCheckpoint(formatNote({ text, signatures }), by);

describe('openCheckpoint', () => {
  it('tells who signed, who cosigned, and when', async () => {
    const opened = openCheckpoint(await signedCheckpoint(), keys);
    expect(opened?.checkpoint).toMatchObject({ origin, size: checkpoint.size, extensions: [] });
    expect(opened && hex(opened.checkpoint.root)).toBe(hex(checkpoint.root));
    expect(opened?.note.text).toBe(text);
    expect(opened?.signedBy).toEqual([log.verifier]);
    expect(opened?.cosignedBy).toEqual([
      { key: first.verifier, time },
      { key: second.verifier, time: time + 1 },
    ]);
  });

  it('ignores signatures of keys it does not know, though they share a name or an id', async () => {
    const own = await signText(log, text);
    const stranger = await signText(noteKey('stranger.example', 'ed25519'), text);
    const opened = open([
      stranger,
      { ...stranger, name: origin },
      { ...stranger, id: log.verifier.id },
      own,
      { ...own, name: `${origin}x`, signature: Uint8Array.of(1) },
    ]);
    expect(opened?.signedBy).toEqual([log.verifier]);
    expect(opened?.cosignedBy).toEqual([]);
  });

  it('refuses one that no known key signed', async () => {
    expect(open([await signText(noteKey('stranger.example', 'ed25519'), text)])).toBeUndefined();
    expect(open([await signText(log, text)], { log: [], witnesses: [] })).toBeUndefined();
  });

  it('refuses one that only witnesses signed', async () => {
    const signatures = [await cosignText(first, text, time), await cosignText(second, text, time)];
    expect(open(signatures)).toBeUndefined();
  });

  it('refuses one with a signature of the log that does not hold', async () => {
    const own = await signText(log, text);
    const bent = { ...own, signature: flipBit(own.signature, 9) };
    expect(open([bent, await cosignText(first, text, time)])).toBeUndefined();
  });

  it('refuses one that a known witness spoils, though the log signed it', async () => {
    const own = await signText(log, text);
    const cosigned = await cosignText(first, text, time);
    const bent = { ...cosigned, signature: flipBit(cosigned.signature, 9) };
    expect(open([own, bent, await cosignText(second, text, time)])).toBeUndefined();
    expect(open([own, bent], { ...keys, witnesses: [second.verifier] })?.cosignedBy).toEqual([]);
  });

  it('refuses a log that signs under the origin of another', async () => {
    const other = noteKey('other.example/log', 'ed25519');
    const by = { log: [other.verifier], witnesses: [] };
    expect(open([await signText(other, text)], by)).toBeUndefined();
    const both = { log: [log.verifier, other.verifier], witnesses: [] };
    const opened = open([await signText(other, text), await signText(log, text)], both);
    expect(opened?.signedBy).toEqual([log.verifier]);
  });

  it('takes a plain signature of a witness for no cosignature, and spoilt', async () => {
    const { id, name } = first.verifier;
    const { signature } = await signText(first, text);
    expect(open([await signText(log, text), { name, id, signature }])).toBeUndefined();
  });

  it('takes a witness for no log, though it has the name of the origin', async () => {
    const alike = noteKey(origin, 'cosignature');
    const witnesses = [alike.verifier];
    const cosigned = await cosignText(alike, text, time);
    expect(open([cosigned], { log: [log.verifier], witnesses })).toBeUndefined();
    const opened = open([cosigned, await signText(log, text)], { log: [log.verifier], witnesses });
    expect(opened?.cosignedBy).toEqual([{ key: alike.verifier, time }]);
  });

  it('takes a log for no witness, though it signs with a time', async () => {
    const timed = noteKey(origin, 'cosignature');
    const opened = open([await cosignText(timed, text, time)], {
      log: [timed.verifier],
      witnesses: [],
    });
    expect(opened?.signedBy).toEqual([timed.verifier]);
    expect(opened?.cosignedBy).toEqual([]);
  });

  it('knows a key by its name and id, not by the object', async () => {
    const again = parseVerifierKey(formatVerifierKey(log.verifier));
    const opened = open([await signText(log, text)], { log: [log.verifier, again], witnesses: [] });
    expect(opened?.signedBy.map(({ id }) => id)).toEqual([log.verifier.id]);
  });

  it('refuses what is no note, and a note that is no checkpoint', async () => {
    expect(openCheckpoint(Uint8Array.of(), keys)).toBeUndefined();
    const wrong = 'exchange.example/log/0\n05\n';
    const note = formatNote({ text: wrong, signatures: [await signText(log, wrong)] });
    expect(openCheckpoint(note, keys)).toBeUndefined();
  });

  it('keeps extension lines under the signature', async () => {
    const extended = formatCheckpoint({ ...checkpoint, extensions: ['more'] });
    const own = await signText(log, extended);
    const opened = openCheckpoint(formatNote({ text: extended, signatures: [own] }), keys);
    expect(opened?.checkpoint.extensions).toEqual(['more']);
    expect(open([own])).toBeUndefined();
  });

  it('a key under another name is another key', async () => {
    const renamed = verifierKey('renamed.example', 'ed25519', log.verifier.publicKey);
    expect(open([await signText(log, text)], { log: [renamed], witnesses: [] })).toBeUndefined();
  });
});
