import { describe, expect, it } from 'vitest';
import {
  type AddCheckpoint,
  formatAddCheckpoint,
  maxRequest,
} from '#shared/audit/add-checkpoint.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { readCosignatures } from '#shared/audit/read-cosignatures.ts';
import { cosignedAt } from '#shared/audit/tlog/cosignature.ts';
import { emptyRoot } from '#shared/audit/tlog/hash.ts';
import { formatNote, parseNote } from '#shared/audit/tlog/note.ts';
import { addCheckpoint } from '#shared/audit/witness.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { noteKey, type TestNoteKey } from '#tests/support/log-keys.ts';
import {
  checkpointOver,
  consistencyOf,
  growthOver,
  leavesOf,
  strangeHash,
  textOver,
} from '#tests/support/test-log.ts';

const origin = 'exchange.example/log/0';
const log = noteKey(origin, 'ed25519');
const signer = noteKey('witness.example/w', 'cosignature');

/** 2027-01-15T08:00:00.999Z. */
const instant = 1_800_000_000_999;

const makeWitness = (
  changed: { readonly logs?: readonly TestNoteKey[]; readonly signer?: TestNoteKey } = {},
) => {
  const { logs = [log], signer: by = signer } = changed;
  const latest = memoryLatestTree();
  const signed: Uint8Array[] = [];
  const clock = { now: instant };
  const add = addCheckpoint({
    logs: logs.map(({ verifier }) => verifier),
    latest: latest.store,
    signer: {
      ...by,
      sign: async (message) => {
        signed.push(message);
        return by.sign(message);
      },
    },
    now: () => clock.now,
  });
  const send = (request: AddCheckpoint) => add(formatAddCheckpoint(request));
  const recorded = () => latest.dump().get(origin)?.size;
  return { add, send, latest, signed, recorded, clock };
};

/** A witness that has this tree of the log on record. */
const witnessAt = async (size: number, changed: Parameters<typeof makeWitness>[0] = {}) => {
  const witness = makeWitness(changed);
  const { status } = await witness.send(await growthOver(origin, 0, leavesOf(size)));
  expect(status).toBe(200);
  witness.signed.length = 0;
  return witness;
};

const conflict = (size: number) => ({
  status: 409,
  type: 'text/x.tlog.size',
  body: `${size}\n`,
});

describe('a witness that is asked for a cosignature', () => {
  it('takes the first tree of a log as it is, and cosigns it with the second of the request', async () => {
    const { send, recorded } = makeWitness();
    const answer = await send(await growthOver(origin, 0, leavesOf(5)));
    expect(answer).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8' });
    expect(answer.about).toEqual({ origin, size: 5n });
    const text = textOver(origin, { leaves: leavesOf(5) });
    const line = readCosignatures(answer.body, text, signer.verifier);
    expect(answer.body).toMatch(/^— witness\.example\/w [A-Za-z0-9+/]{102}==\n$/u);
    expect(cosignedAt(signer.verifier, text, line?.signature ?? utf8(''))).toBe(1_800_000_000);
    expect(recorded()).toBe(5n);
  });

  it('cosigns every tree that grows from the one on record', async () => {
    const { send, recorded } = makeWitness();
    const sizes = [0, 1, 2, 3, 4, 7, 8, 9, 16, 31, 64, 65];
    for (const [n, size] of sizes.entries()) {
      const old = sizes[n - 1] ?? 0;
      expect(await send(await growthOver(origin, old, leavesOf(size)))).toMatchObject({
        status: 200,
      });
      expect(recorded()).toBe(BigInt(size));
    }
  });

  it('cosigns the very tree on record again, with the time of now', async () => {
    const { send, clock } = await witnessAt(5);
    clock.now += 60_000;
    const { status, body } = await send(await growthOver(origin, 5, leavesOf(5)));
    const text = textOver(origin, { leaves: leavesOf(5) });
    const line = readCosignatures(body, text, signer.verifier);
    expect(status).toBe(200);
    expect(cosignedAt(signer.verifier, text, line?.signature ?? utf8(''))).toBe(1_800_000_060);
  });

  it('signs the time at which the request came, when no larger tree had been seen', async () => {
    const { send, latest, clock } = makeWitness();
    const pause = latest.faults.pauseCall('compareAndSwap', 'after');
    const answer = send(await growthOver(origin, 0, leavesOf(5)));
    await pause.reached;
    clock.now += 3000;
    pause.release();
    const text = textOver(origin, { leaves: leavesOf(5) });
    const line = readCosignatures((await answer).body, text, signer.verifier);
    expect(cosignedAt(signer.verifier, text, line?.signature ?? utf8(''))).toBe(1_800_000_000);
  });

  it('signs the whole text, extension lines too', async () => {
    const { send } = makeWitness();
    const tree = { leaves: leavesOf(2), extensions: ['an extension', 'another'] };
    const checkpoint = await checkpointOver(origin, tree);
    const { body } = await send({ oldSize: 0n, proof: [], checkpoint });
    expect(readCosignatures(body, textOver(origin, tree), signer.verifier)).toBeDefined();
    const bare = textOver(origin, { leaves: leavesOf(2) });
    expect(readCosignatures(body, bare, signer.verifier)).toBeUndefined();
  });

  it('has the tree on record before it signs', async () => {
    const { send, latest, signed, recorded } = makeWitness();
    const pause = latest.faults.pauseCall('compareAndSwap', 'before');
    const answer = send(await growthOver(origin, 0, leavesOf(5)));
    await pause.reached;
    expect([signed.length, recorded()]).toEqual([0, undefined]);
    pause.release();
    expect(await answer).toMatchObject({ status: 200 });
    expect([signed.length, recorded()]).toEqual([1, 5n]);
  });

  it('keeps logs apart', async () => {
    const other = noteKey('other.example/log', 'ed25519');
    const { send, latest } = makeWitness({ logs: [log, other] });
    await send(await growthOver(origin, 0, leavesOf(5)));
    const first = await growthOver('other.example/log', 0, leavesOf(3, ' elsewhere'));
    expect(await send(first)).toMatchObject({ status: 200 });
    expect([...latest.dump()].map(([name, { size }]) => [name, size])).toEqual([
      [origin, 5n],
      ['other.example/log', 3n],
    ]);
  });
});

describe('a witness refuses', () => {
  it.each([
    ['nothing at all', ''],
    ['no checkpoint', 'old 0\n\n'],
    ['a checkpoint without a signature', `old 0\n\n${origin}\n1\n${'A'.repeat(43)}=\n`],
    ['a root of 31 bytes', `old 0\n\n${origin}\n1\n${'A'.repeat(42)}==\n\n— a YWJjZGU=\n`],
    ['a size with a leading zero', `old 0\n\n${origin}\n01\n${'A'.repeat(43)}=\n\n— a YWJjZGU=\n`],
  ])('(400) %s', async (_, body) => {
    const { add, latest } = makeWitness();
    expect(await add(utf8(body))).toMatchObject({ status: 400 });
    expect(latest.faults.calls('read')).toBe(0);
  });

  it('(400) an old size above the size of the checkpoint', async () => {
    const { send, signed } = await witnessAt(5);
    const request = await growthOver(origin, 0, leavesOf(3));
    expect(await send({ ...request, oldSize: 5n })).toMatchObject({ status: 400 });
    expect(signed).toEqual([]);
  });

  it('(404) a log that it does not know, whoever signed', async () => {
    const { send, latest } = makeWitness();
    const request = await growthOver('other.example/log', 0, leavesOf(3));
    const answer = await send(request);
    expect(answer).toMatchObject({ status: 404 });
    expect(answer).not.toHaveProperty('about');
    expect(latest.faults.calls('read')).toBe(0);
  });

  it('(403) a checkpoint that no trusted key of its log signed', async () => {
    const stranger = noteKey('stranger.example', 'ed25519');
    const other = noteKey('other.example/log', 'ed25519');
    const { send, latest } = makeWitness({ logs: [log, other] });
    const tree = { leaves: leavesOf(3) };
    // The key of another log that it does know is as strange here as any.
    for (const key of [stranger, other]) {
      const checkpoint = await checkpointOver(origin, tree, [key]);
      const answer = await send({ oldSize: 0n, proof: [], checkpoint });
      expect(answer).toMatchObject({ status: 403 });
      expect(answer).not.toHaveProperty('about');
    }
    expect(latest.faults.calls('read')).toBe(0);
  });

  it.each([
    ['no line', () => ''],
    ['CRLF', (line: string) => line.replace('\n', '\r\n')],
    ['base64 that is not canonical', (line: string) => line.replace(/.=\n$/, 'x=\n')],
    ['its line twice', (line: string) => line + line],
    ['17 lines', (line: string) => line + '— a YWJjZGU=\n'.repeat(16)],
  ])('(403) signatures with %s', async (_, change) => {
    const { add, latest } = makeWitness();
    const note = Buffer.from(await checkpointOver(origin, { leaves: leavesOf(3) })).toString();
    const border = note.indexOf('\n\n') + 2;
    const body = `old 0\n\n${note.slice(0, border)}${change(note.slice(border))}`;
    expect(await add(utf8(body))).toMatchObject({ status: 403 });
    expect(latest.faults.calls('read')).toBe(0);
  });

  it('(403) a signature of the log over another text', async () => {
    const { send } = makeWitness();
    const note = parseNote(await checkpointOver(origin, { leaves: leavesOf(3) }));
    const text = textOver(origin, { leaves: leavesOf(4) });
    const checkpoint = formatNote({ text, signatures: note?.signatures ?? [] });
    expect(await send({ oldSize: 0n, proof: [], checkpoint })).toMatchObject({ status: 403 });
  });

  it('(409) an old size that is not on record, and tells which is', async () => {
    const { send, signed } = await witnessAt(5);
    for (const old of [0, 3, 6]) {
      expect(await send(await growthOver(origin, old, leavesOf(8)))).toMatchObject(conflict(5));
    }
    expect(signed).toEqual([]);
    const fresh = makeWitness();
    expect(await fresh.send(await growthOver(origin, 3, leavesOf(8)))).toMatchObject(conflict(0));
  });

  it('(409) another root of the size on record', async () => {
    const { send, signed, latest } = await witnessAt(5);
    const before = latest.dump();
    const fork = await growthOver(origin, 5, leavesOf(5, ' forked'));
    expect(await send(fork)).toMatchObject(conflict(5));
    expect([signed, latest.dump()]).toEqual([[], before]);
  });

  it('(409) a root over nothing that is not the one of the empty tree', async () => {
    const { send, recorded } = makeWitness();
    const text = `${origin}\n0\n${Buffer.from(strangeHash).toString('base64')}\n`;
    const { name, id } = log.verifier;
    const signature = await log.sign(utf8(text));
    const checkpoint = formatNote({ text, signatures: [{ name, id, signature }] });
    expect(await send({ oldSize: 0n, proof: [], checkpoint })).toMatchObject(conflict(0));
    expect(recorded()).toBeUndefined();
    expect(Buffer.from(emptyRoot).toString('base64')).not.toBe(text.split('\n')[2]);
  });

  it('(422) a proof that does not hold', async () => {
    const { send, signed, recorded } = await witnessAt(5);
    const honest = await growthOver(origin, 5, leavesOf(8));
    const lies = [
      [],
      honest.proof.slice(1),
      [...honest.proof, strangeHash],
      honest.proof.toReversed(),
      honest.proof.with(0, strangeHash),
      consistencyOf(4, leavesOf(8)),
    ];
    for (const proof of lies) {
      expect(await send({ ...honest, proof })).toMatchObject({ status: 422 });
    }
    expect([signed, recorded()]).toEqual([[], 5n]);
    expect(await send(honest)).toMatchObject({ status: 200 });
  });

  it('(422) a fork that brings the proof of its own', async () => {
    const { send, signed, recorded } = await witnessAt(5);
    const fork = await growthOver(origin, 5, leavesOf(8, ' forked', 4));
    expect(await send(fork)).toMatchObject({ status: 422 });
    expect([signed, recorded()]).toEqual([[], 5n]);
  });

  it('(422) a proof where none is needed', async () => {
    const { send, recorded } = makeWitness();
    const request = await growthOver(origin, 0, leavesOf(5));
    expect(await send({ ...request, proof: [strangeHash] })).toMatchObject({ status: 422 });
    expect(recorded()).toBeUndefined();
    const { send: sendAgain } = await witnessAt(5);
    const again = await growthOver(origin, 5, leavesOf(5));
    expect(await sendAgain({ ...again, proof: [strangeHash] })).toMatchObject({ status: 422 });
  });

  it('(413) more than 256 KB, and a text that AWS KMS could not sign', async () => {
    const { add, send, latest } = makeWitness();
    expect(await add(new Uint8Array(maxRequest + 1))).toMatchObject({ status: 413 });
    expect(await add(new Uint8Array(maxRequest))).toMatchObject({ status: 400 });
    const room = 4000 - Buffer.byteLength(textOver(origin, { leaves: leavesOf(1) })) - 1;
    const sized = async (length: number) =>
      send({
        oldSize: 0n,
        proof: [],
        checkpoint: await checkpointOver(origin, {
          leaves: leavesOf(1),
          extensions: ['x'.repeat(length)],
        }),
      });
    expect(await sized(room + 1)).toMatchObject({ status: 413 });
    expect(latest.faults.calls('read')).toBe(0);
    expect(await sized(room)).toMatchObject({ status: 200 });
  });

  it('in the order of the protocol: 400, 404, 403, 400, 409, 422', async () => {
    const { add, send } = await witnessAt(5);
    const strange = [noteKey('stranger.example', 'ed25519')];
    const all = async (name: string, oldSize: bigint, keys?: readonly TestNoteKey[]) =>
      send({
        oldSize,
        proof: [strangeHash],
        checkpoint: await checkpointOver(name, { leaves: leavesOf(8, ' forked') }, keys),
      });
    expect(await add(utf8('old 9\n\nother.example/log\n'))).toMatchObject({ status: 400 });
    expect(await all('other.example/log', 9n, strange)).toMatchObject({ status: 404 });
    expect(await all(origin, 9n, strange)).toMatchObject({ status: 403 });
    expect(await all(origin, 9n)).toMatchObject({ status: 400 });
    expect(await all(origin, 4n)).toMatchObject({ status: 409 });
    expect(await all(origin, 5n)).toMatchObject({ status: 422 });
  });

  it('without a word of what was sent', async () => {
    const { add, send } = makeWitness();
    const answers = [
      await add(utf8('old secret\n\nsecret\n')),
      await send(await growthOver('secret.example', 0, leavesOf(3))),
      await send({
        oldSize: 0n,
        proof: [],
        checkpoint: await checkpointOver(origin, { leaves: leavesOf(1), extensions: ['secret'] }, [
          noteKey('secret', 'ed25519'),
        ]),
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 404, 403]);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });
});

describe('the signatures beside a checkpoint', () => {
  const tree = { leaves: leavesOf(3) };
  const stranger = noteKey('stranger.example', 'ed25519');

  it('of unknown keys are ignored', async () => {
    const { send } = makeWitness();
    const alike = { ...stranger, verifier: { ...stranger.verifier, name: origin } };
    const checkpoint = await checkpointOver(origin, tree, [stranger, alike, log]);
    expect(await send({ oldSize: 0n, proof: [], checkpoint })).toMatchObject({ status: 200 });
  });

  it('of a known key that does not hold spoils the others', async () => {
    const second = { ...noteKey('second', 'ed25519') };
    const key = { ...second, verifier: { ...second.verifier, name: origin } };
    const { send } = makeWitness({ logs: [log, key] });
    const lying = { ...key, sign: stranger.sign };
    const spoilt = await checkpointOver(origin, tree, [log, lying]);
    expect(await send({ oldSize: 0n, proof: [], checkpoint: spoilt })).toMatchObject({
      status: 403,
    });
    const sound = await checkpointOver(origin, tree, [key]);
    expect(await send({ oldSize: 0n, proof: [], checkpoint: sound })).toMatchObject({
      status: 200,
    });
  });
});

describe('a witness whose store or key fails', () => {
  it.each(['read', 'compareAndSwap'] as const)(
    'answers 503 and signs nothing when a %s is lost',
    async (method) => {
      const { send, latest, signed, recorded } = makeWitness();
      latest.faults.breakCall(method, 'not-persisted');
      const request = await growthOver(origin, 0, leavesOf(5));
      const answer = await send(request);
      expect(answer).toMatchObject({ status: 503, cause: { name: 'store-unavailable' } });
      expect(answer.body).toBe('Nothing was signed; try again shortly.\n');
      expect([signed, recorded()]).toEqual([[], undefined]);
      expect(await send(request)).toMatchObject({ status: 200 });
    },
  );

  it('signs a tree whose record was not acknowledged when it is asked from there', async () => {
    const { send, latest, signed, recorded } = await witnessAt(5);
    latest.faults.breakCall('compareAndSwap', 'unacknowledged');
    const request = await growthOver(origin, 5, leavesOf(8));
    expect(await send(request)).toMatchObject({ status: 503 });
    expect([signed, recorded()]).toEqual([[], 8n]);
    expect(await send(request)).toMatchObject(conflict(8));
    expect(await send(await growthOver(origin, 8, leavesOf(8)))).toMatchObject({ status: 200 });
  });

  it('answers 503 when its key is away, and signs the same tree later', async () => {
    const fate = { away: true };
    const { send, recorded } = makeWitness({
      signer: {
        ...signer,
        sign: async (message) => {
          if (fate.away) throw new Problem('signer-unavailable', 'Away.');
          return signer.sign(message);
        },
      },
    });
    const request = await growthOver(origin, 0, leavesOf(5));
    expect(await send(request)).toMatchObject({
      status: 503,
      cause: { name: 'signer-unavailable' },
    });
    expect(recorded()).toBe(5n);
    fate.away = false;
    expect(await send(request)).toMatchObject(conflict(5));
    expect(await send(await growthOver(origin, 5, leavesOf(5)))).toMatchObject({ status: 200 });
  });

  it.each([
    ['of another key', noteKey('stranger.example', 'cosignature').sign],
    ['of no use', async () => new Uint8Array(64)],
    ['too short', async (message: Uint8Array) => (await signer.sign(message)).subarray(1)],
    [
      'too long',
      async (message: Uint8Array) => Buffer.concat([await signer.sign(message), message]),
    ],
  ])('lets no signature out that is %s', async (_, sign) => {
    const { send } = makeWitness({ signer: { ...signer, sign } });
    const answer = await send(await growthOver(origin, 0, leavesOf(5)));
    expect(answer).toMatchObject({ status: 503, cause: { name: 'signer-unavailable' } });
    expect(answer.body).not.toContain('—');
  });

  it('lets what nobody expected be a bug', async () => {
    const bug = new TypeError('a bug');
    const { send } = makeWitness({ signer: { ...signer, sign: () => Promise.reject(bug) } });
    await expect(send(await growthOver(origin, 0, leavesOf(5)))).rejects.toBe(bug);
  });

  it.each([0, -1000])('signs nothing while its clock shows %i', async (now) => {
    const { send, clock } = makeWitness();
    clock.now = now;
    expect(await send(await growthOver(origin, 0, leavesOf(5)))).toMatchObject({ status: 503 });
  });
});

describe('a witness is not made', () => {
  const { store } = memoryLatestTree();
  const now = () => instant;

  it('with the key of a witness as a log’s', () => {
    const logs = [noteKey(origin, 'cosignature').verifier];
    expect(() => addCheckpoint({ logs, latest: store, signer, now })).toThrow(/type 0x01/);
  });

  it('with the key of a log as its own', () => {
    const logs = [log.verifier];
    expect(() => addCheckpoint({ logs, latest: store, signer: log, now })).toThrow(/type 0x04/);
  });
});
