import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { checkConsistency } from '#shared/audit/tlog/check.ts';
import { openCheckpoint, parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { cosignedAt } from '#shared/audit/tlog/cosignature.ts';
import { formatNote, parseNote } from '#shared/audit/tlog/note.ts';
import { formatProofFile, parseProofFile } from '#shared/audit/tlog/proof-file.ts';
import {
  formatVerifierKey,
  parseVerifierKey,
  verifyEd25519,
} from '#shared/audit/tlog/verifier-key.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { readVectors } from '#tests/support/vectors.ts';

const SignedNotes = z.array(
  z.object({
    name: z.string(),
    note: z.string(),
    vkeys: z.tuple([z.string()]),
    ok: z.boolean(),
  }),
);

/** Whether the note is well-formed and the key signed it. */
const isSignedBy = (text: string, vkey: string): boolean => {
  const key = parseVerifierKey(vkey);
  const note = parseNote(utf8(text));
  const lines = note?.signatures ?? [];
  const own = lines.find(({ name, id }) => name === key.name && id === key.id);
  return (
    note !== undefined && own !== undefined && verifyEd25519(key, utf8(note.text), own.signature)
  );
};

describe('C2SP signed-note', () => {
  it('four notes', (test) => {
    const notes = readVectors(test, 'tlog/c2sp/notes.json', SignedNotes);

    expect(notes.map(({ note, vkeys: [vkey] }) => isSignedBy(note, vkey))).toEqual(
      notes.map(({ ok }) => ok),
    );
    expect(notes.map(({ ok }) => ok)).toEqual([true, false, false, false]);
  });

  it('their verifier keys are written as they were read', (test) => {
    for (const { vkeys } of readVectors(test, 'tlog/c2sp/notes.json', SignedNotes)) {
      expect(formatVerifierKey(parseVerifierKey(vkeys[0]))).toBe(vkeys[0]);
    }
  });
});

const Cosignatures = z.array(
  z.object({ source: z.string(), note: z.string(), vkey: z.string(), time: z.int() }),
);

describe('C2SP tlog-cosignature', () => {
  it('three cosignatures of others hold, at their time', (test) => {
    const cases = readVectors(test, 'tlog/witness/cosignatures.json', Cosignatures);
    const times = cases.map(({ note, vkey }) => {
      const key = parseVerifierKey(vkey);
      const { text, signatures } = parseNote(utf8(note)) ?? { text: '', signatures: [] };
      const own = signatures.filter(({ name, id }) => name === key.name && id === key.id);
      return own.map(({ signature }) => cosignedAt(key, text, signature));
    });

    expect(times).toEqual(cases.map(({ time }) => [time]));
    expect(times.length).toBe(3);
  });

  it('without the key of the log, their checkpoints are not opened', (test) => {
    for (const { note, vkey } of readVectors(
      test,
      'tlog/witness/cosignatures.json',
      Cosignatures,
    )) {
      const witnesses = [parseVerifierKey(vkey)];
      expect(openCheckpoint(utf8(note), { log: [], witnesses })).toBeUndefined();
    }
  });
});

const Monkeys = z.object({
  logVkey: z.string(),
  otherVkey: z.string(),
  init: z.string(),
  next: z.string(),
  consistency: z.array(z.hex().transform((text) => Buffer.from(text, 'hex'))),
});

describe('the log of transparency-dev/witness', () => {
  it('both checkpoints open with its key, and the later continues the earlier', (test) => {
    const vector = readVectors(test, 'tlog/witness/monkeys.json', Monkeys);
    const keys = { log: [parseVerifierKey(vector.logVkey)], witnesses: [] };
    const init = openCheckpoint(utf8(vector.init), keys)?.checkpoint;
    const next = openCheckpoint(utf8(vector.next), keys)?.checkpoint;

    expect(init).toMatchObject({ origin: 'monkeys', size: 5n, extensions: [] });
    expect(next).toMatchObject({ origin: 'monkeys', size: 8n, extensions: [] });
    if (init === undefined || next === undefined) return;
    const claim = { oldSize: init.size, oldRoot: init.root, size: next.size, root: next.root };
    expect(checkConsistency({ ...claim, proof: vector.consistency })).toBe(true);
    expect(checkConsistency({ ...claim, proof: vector.consistency.slice(1) })).toBe(false);
  });

  it('neither opens with the key of another log', (test) => {
    const { init, next, otherVkey } = readVectors(test, 'tlog/witness/monkeys.json', Monkeys);
    const keys = { log: [parseVerifierKey(otherVkey)], witnesses: [] };

    expect([init, next].map((note) => openCheckpoint(utf8(note), keys))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

const Exchanges = z.object({
  logPublicKeyHex: z.hex(),
  exchanges: z.array(z.object({ request: z.string() })).length(9),
});

describe('the checkpoints that torchwood sends its witness', () => {
  it('eight of nine are read, and written again byte for byte', (test) => {
    const { exchanges } = readVectors(
      test,
      'tlog/witness/add-checkpoint-exchanges.json',
      Exchanges,
    );
    const again = exchanges.map(({ request }) => {
      const bytes = utf8(request.slice(request.indexOf('\n\n') + 2));
      const note = parseNote(bytes);
      if (note === undefined || parseCheckpoint(note.text) === undefined) return 'refused';
      return Buffer.compare(formatNote(note), bytes) === 0 ? 'same' : 'other';
    });

    // The forged signature of the second ends with `6gx=`: unused bits of its base64 are not zero.
    expect(again).toEqual(['same', 'refused', ...Array.from({ length: 7 }, () => 'same')]);
  });
});

const ProofFiles = z
  .array(z.object({ name: z.string(), proof: z.string(), ok: z.boolean() }))
  .length(15);

describe('C2SP tlog-proof', () => {
  it('15 proofs: 3 are read, 12 refused', (test) => {
    const files = readVectors(test, 'tlog/tlog-proof/parse.json', ProofFiles);
    const wrong = files
      .filter(({ proof, ok }) => (parseProofFile(utf8(proof)) !== undefined) !== ok)
      .map(({ name }) => name);

    expect(wrong).toEqual([]);
    expect(files.filter(({ ok }) => ok).length).toBe(3);
  });

  it('those that are read are written byte for byte', (test) => {
    const files = readVectors(test, 'tlog/tlog-proof/parse.json', ProofFiles);
    for (const { proof } of files.filter(({ ok }) => ok)) {
      const parsed = parseProofFile(utf8(proof));
      expect(parsed && Buffer.from(formatProofFile(parsed)).toString()).toBe(proof);
    }
  });
});
