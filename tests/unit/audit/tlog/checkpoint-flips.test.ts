import { describe, expect, it } from 'vitest';
import {
  formatCheckpoint,
  openCheckpoint,
  type SignedCheckpoint,
} from '#shared/audit/tlog/checkpoint.ts';
import { flipBit } from './arbitraries.ts';
import { first, keys, log, second, signedCheckpoint, text, time } from './signed-checkpoint.ts';

/** What must come of a checkpoint: refused, or opened with the cosignature of one witness gone. */
type Fate = 'refused' | 'without the first' | 'without the second';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A name of the note's form: printable ASCII, neither a space nor a plus. */
const canBeInName = (byte: number): boolean => byte > 0x20 && byte < 0x7f && byte !== 0x2b;

/**
 * What must come of a flip at a byte of a witness's line: its name and the 32 bits of its key's id
 * make it the line of a stranger, which is ignored; everything else spoils the note. The id fills five
 * characters of the base64 and two of the six bits of the sixth.
 */
const fateInLine = (line: string, at: number, before: number, after: number, gone: Fate): Fate => {
  const nameFrom = Buffer.byteLength('— ');
  const nameTo = Buffer.byteLength(line.slice(0, line.lastIndexOf(' ')));
  if (at < nameFrom) return 'refused';
  if (at < nameTo) return canBeInName(after) ? gone : 'refused';
  const character = at - nameTo - 1;
  const [from, to] = [before, after].map((byte) => alphabet.indexOf(String.fromCharCode(byte)));
  if (character < 0 || from === undefined || to === undefined || to < 0) return 'refused';
  if (character < 5) return gone;
  return character === 5 && from >> 4 !== to >> 4 ? gone : 'refused';
};

/** The fate of a flip at each byte; `after` is what the byte became. */
const fateOf = (bytes: Uint8Array, at: number, after: number): Fate => {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const before = bytes[at] ?? 0;
  let start = 0;
  for (const [n, line] of lines.entries()) {
    const end = start + Buffer.byteLength(line);
    // A flipped newline joins two lines, which spoils both.
    if (at === end) return 'refused';
    if (at < end && n === 5)
      return fateInLine(line, at - start, before, after, 'without the first');
    if (at < end && n === 6)
      return fateInLine(line, at - start, before, after, 'without the second');
    if (at < end) return 'refused';
    start = end + 1;
  }
  return 'refused';
};

/** What an opened checkpoint says, in one text. */
const show = (opened: SignedCheckpoint | undefined): string =>
  opened === undefined
    ? 'refused'
    : [
        opened.note.text,
        formatCheckpoint(opened.checkpoint),
        ...opened.signedBy.map(({ name, id }) => `${name} ${id}\n`),
        ...opened.cosignedBy.map((by) => `${by.key.name} ${by.key.id} ${by.time}\n`),
      ].join('');

const lines = {
  log: `${log.verifier.name} ${log.verifier.id}\n`,
  first: `${first.verifier.name} ${first.verifier.id} ${time}\n`,
  second: `${second.verifier.name} ${second.verifier.id} ${time + 1}\n`,
};

const shownAs: Record<Fate, string> = {
  refused: 'refused',
  'without the first': text + text + lines.log + lines.second,
  'without the second': text + text + lines.log + lines.first,
};

describe('a signed checkpoint with one bit flipped', () => {
  it('opens with all three signatures as it is', async () => {
    const opened = openCheckpoint(await signedCheckpoint(), keys);
    expect(show(opened)).toBe(text + text + lines.log + lines.first + lines.second);
  });

  it('is refused, or has lost the witness whose name or id was hit; its text is never another', async () => {
    const bytes = await signedCheckpoint();
    const counts = { refused: 0, 'without the first': 0, 'without the second': 0 };
    const wrong: string[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = flipBit(bytes, bit);
      const fate = fateOf(bytes, bit >> 3, flipped[bit >> 3] ?? 0);
      counts[fate] += 1;
      const said = show(openCheckpoint(flipped, keys));
      if (said !== shownAs[fate]) wrong.push(`bit ${bit}: ${said} instead of ${shownAs[fate]}`);
    }
    expect(wrong).toEqual([]);
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(bytes.length * 8);
    expect(counts['without the first']).toBeGreaterThan(100);
    expect(counts['without the second']).toBeGreaterThan(100);
  });

  it('cut short is refused, but where whole lines of witnesses are gone', async () => {
    const bytes = await signedCheckpoint();
    const opened: string[] = [];
    for (let length = 0; length < bytes.length; length += 1) {
      const said = show(openCheckpoint(bytes.subarray(0, length), keys));
      if (said !== 'refused') opened.push(said);
    }
    expect(opened).toEqual([text + text + lines.log, text + text + lines.log + lines.first]);
  });
});
