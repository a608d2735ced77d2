import { describe, expect, it, type TestContext } from 'vitest';
import * as z from 'zod';
import { formatAddCheckpoint } from '#shared/audit/add-checkpoint.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { readCosignatures } from '#shared/audit/read-cosignatures.ts';
import { cosignedAt } from '#shared/audit/tlog/cosignature.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import {
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from '#shared/audit/tlog/verifier-key.ts';
import { addCheckpoint } from '#shared/audit/witness.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { readVectors } from '#tests/support/vectors.ts';

const signer = noteKey('example.com/witness', 'cosignature');

const witnessOf = (...logs: readonly VerifierKey[]) => {
  const { store, dump } = memoryLatestTree();
  const add = addCheckpoint({ logs, latest: store, signer, now: () => 1_800_000_000_000 });
  return { add, dump };
};

const Exchanges = z.object({
  logPublicKeyHex: z.string(),
  exchanges: z.array(z.object({ request: z.string(), status: z.int(), asserts: z.string() })),
});

/** The text of the checkpoint in a request. */
const textOf = (request: string): string =>
  parseNote(utf8(request.slice(request.indexOf('\n\n') + 2)))?.text ?? '';

describe('the exchanges of litewitness (FiloSottile/torchwood)', () => {
  it('end the same way, each after the ones before', async (test) => {
    const { logPublicKeyHex, exchanges } = readVectors(
      test,
      'tlog/witness/add-checkpoint-exchanges.json',
      Exchanges,
    );
    const [origin = ''] = textOf(exchanges[0]?.request ?? '').split('\n');
    const log = verifierKey(origin, 'ed25519', Buffer.from(logPublicKeyHex, 'hex'));
    const { add, dump } = witnessOf(log);
    const ended: number[] = [];
    const cosigned: boolean[] = [];
    const told: string[] = [];
    const sizes: string[] = [];
    for (const { request } of exchanges) {
      const { status, type, body } = await add(utf8(request));
      ended.push(status);
      cosigned.push(readCosignatures(body, textOf(request), signer.verifier) !== undefined);
      if (type === 'text/x.tlog.size') told.push(body);
      sizes.push(`${dump().get(origin)?.size}\n`);
    }
    // The specification came to say 404 of an unknown origin; this recording is older.
    const wanted = exchanges.map(({ status, asserts }) =>
      asserts.includes('unknown log') ? 404 : status,
    );
    expect(wanted.filter((status) => status === 404)).toHaveLength(1);
    expect(ended).toEqual(wanted);
    expect(ended).toHaveLength(9);
    expect(cosigned).toEqual(ended.map((status) => status === 200));
    expect(cosigned).toEqual(exchanges.map(({ asserts }) => asserts.includes('— example.com')));
    expect(told).toEqual(sizes.filter((_, n) => ended[n] === 409));
  });
});

const Monkeys = z.object({
  logVkey: z.string(),
  otherVkey: z.string(),
  init: z.string(),
  next: z.string(),
  consistency: z.array(z.string()),
});

const readMonkeys = (test: TestContext) => {
  const file = readVectors(test, 'tlog/witness/monkeys.json', Monkeys);
  return {
    log: parseVerifierKey(file.logVkey),
    other: parseVerifierKey(file.otherVkey),
    init: { oldSize: 0n, proof: [], checkpoint: utf8(file.init) },
    next: {
      oldSize: 5n,
      proof: file.consistency.map((hash) => Buffer.from(hash, 'hex')),
      checkpoint: utf8(file.next),
    },
  };
};

describe('the log of transparency-dev/witness', () => {
  it('grows before a witness', async (test) => {
    const { log, init, next } = readMonkeys(test);
    const { add, dump } = witnessOf(log);
    expect(await add(formatAddCheckpoint(init))).toMatchObject({ status: 200 });
    expect(await add(formatAddCheckpoint(next))).toMatchObject({ status: 200 });
    expect(dump().get('monkeys')?.size).toBe(8n);
    expect(await add(formatAddCheckpoint(init))).toMatchObject({ status: 409, body: '8\n' });
  });

  it('does not grow by a proof with one bit flipped, or one hash less', async (test) => {
    const { log, init, next } = readMonkeys(test);
    const { add } = witnessOf(log);
    await add(formatAddCheckpoint(init));
    for (const [n, hash] of next.proof.entries()) {
      const flipped = next.proof.with(n, Buffer.from(hash.with(n, (hash[n] ?? 0) ^ 1)));
      for (const proof of [flipped, next.proof.toSpliced(n, 1)]) {
        expect(await add(formatAddCheckpoint({ ...next, proof }))).toMatchObject({ status: 422 });
      }
    }
  });

  it('is unknown to a witness of another', async (test) => {
    const { other, init } = readMonkeys(test);
    expect(await witnessOf(other).add(formatAddCheckpoint(init))).toMatchObject({ status: 404 });
  });
});

const Cosigned = z.array(z.object({ note: z.string(), vkey: z.string(), time: z.int() }));

describe('cosignatures of other witnesses (sunlight, torchwood)', () => {
  it('are read from an answer, and none of them under the key of another', (test) => {
    const all = readVectors(test, 'tlog/witness/cosignatures.json', Cosigned);
    for (const { note, vkey, time } of all) {
      const border = note.indexOf('\n\n') + 1;
      const [text, answer] = [note.slice(0, border), note.slice(border + 1)];
      const key = parseVerifierKey(vkey);
      const found = readCosignatures(answer, text, key);
      expect(cosignedAt(key, text, found?.signature ?? utf8(''))).toBe(time);
      for (const other of all.filter((one) => one.vkey !== vkey)) {
        expect(readCosignatures(answer, text, parseVerifierKey(other.vkey))).toBeUndefined();
      }
    }
    expect(all).toHaveLength(3);
  });
});
