import { describe, expect, it } from 'vitest';
import { readCosignatures } from '#shared/audit/read-cosignatures.ts';
import { cosignatureMessage, formatCosignature } from '#shared/audit/tlog/cosignature.ts';
import { formatSignature, maxNote } from '#shared/audit/tlog/note.ts';
import { noteKey, type TestNoteKey } from '#tests/support/log-keys.ts';
import { leavesOf, textOver } from '#tests/support/test-log.ts';

const origin = 'exchange.example/log/0';
const text = textOver(origin, { leaves: leavesOf(3) });
const witness = noteKey('witness.example/w', 'cosignature');
const other = noteKey('other.example/w', 'cosignature');

const cosignature = async (key: TestNoteKey, said = text, time = 1_800_000_000) =>
  formatCosignature(time, await key.sign(cosignatureMessage(said, time)));

/** A line in the name of `as`, signed by `key`. */
const lineOf = async (key: TestNoteKey, said = text, as = key.verifier): Promise<string> =>
  formatSignature({ name: as.name, id: as.id, signature: await cosignature(key, said) });

const read = (body: string) => readCosignatures(body, text, witness.verifier);

describe('the answer of a witness', () => {
  it('gives its cosignature', async () => {
    const { name, id } = witness.verifier;
    const found = read(await lineOf(witness));
    expect(found).toEqual({ name, id, signature: await cosignature(witness) });
  });

  it('may hold any other lines around it', async () => {
    const around = ['', 'no signature', '— a b', await lineOf(other), '— witness.example/w AAAA'];
    const body = [...around.map((line) => `${line}\n`), await lineOf(witness), 'more'].join('');
    expect(read(body)?.name).toBe('witness.example/w');
    expect(read(around.join('\n'))).toBeUndefined();
  });

  it('may hold more lines than a note', async () => {
    expect(read((await lineOf(other)).repeat(40) + (await lineOf(witness)))).toBeDefined();
  });

  it('gives the first that holds', async () => {
    const lying = await lineOf(other, text, witness.verifier);
    const later = formatSignature({
      ...witness.verifier,
      signature: await cosignature(witness, text, 1_800_000_999),
    });
    const found = read(lying + (await lineOf(witness)) + later);
    expect(found?.signature).toEqual(await cosignature(witness));
  });

  it.each([
    ['is of another key', () => lineOf(other)],
    ['is of another key under its name', () => lineOf(other, text, witness.verifier)],
    ['is about another text', () => lineOf(witness, textOver(origin, { leaves: leavesOf(4) }))],
    [
      'has its name and another id',
      () => lineOf(witness, text, { ...witness.verifier, id: other.verifier.id }),
    ],
    [
      'has its id and another name',
      () => lineOf(witness, text, { ...witness.verifier, name: 'other.example/w' }),
    ],
    ['is cut off', async () => (await lineOf(witness)).slice(0, -10)],
    ['ends with CRLF', async () => (await lineOf(witness)).replace('\n', '\r\n')],
    ['is longer than any answer', async () => (await lineOf(witness)) + ' '.repeat(maxNote)],
  ])('gives none when it %s', async (_, body) => {
    expect(read(await body())).toBeUndefined();
  });

  it('gives none for a key that is no witness’s', async () => {
    const log = noteKey('witness.example/w', 'ed25519');
    const line = await lineOf(log);
    expect(readCosignatures(line, text, log.verifier)).toBeUndefined();
  });
});
