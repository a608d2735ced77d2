import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { mergeNotes } from '#shared/audit/publish/merge-notes.ts';
import {
  checkpointKey,
  cosignedKey,
  objectPublisher,
  replaceCheckpoint,
} from '#shared/audit/publish/publish-checkpoint.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { formatNote, type Note, parseNote } from '#shared/audit/tlog/note.ts';
import { rootOfHashes } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { signCheckpoint, testSigners } from '#tests/support/log-builder.ts';

const key = checkpointKey(3);
const { log, witnesses } = testSigners();
const [first, second] = witnesses;

const plain = (text: string): Uint8Array => Uint8Array.from(utf8(text));

/** A checkpoint of so many leaves, cosigned by some at a time. */
const tree = async (
  size: number,
  by: readonly (typeof log)[] = [],
  time = 1_800_000_000,
  text = 'leaf',
) =>
  Uint8Array.from(
    await signCheckpoint(
      { size: BigInt(size), root: rootOfHashes([leafHash(utf8(`${text} ${size}`))]) },
      { signers: { log, witnesses: by }, time },
    ),
  );

const cosigner = (one: typeof first) => (one === undefined ? [] : [one]);

const noteOf = (bytes: Uint8Array | undefined): Note => {
  const note = bytes === undefined ? undefined : parseNote(bytes);
  if (note === undefined) throw new Error('There is no note.');
  return note;
};

const published = async (...checkpoints: readonly Uint8Array[]) => {
  const objects = memoryObjectStore();
  const publisher = objectPublisher(objects.store);
  for (const one of checkpoints) await publisher.publish(3, one);
  return {
    ...objects,
    publisher,
    names: () => noteOf(objects.peek(key)).signatures.map(({ name }) => name),
  };
};

describe('publishing a checkpoint', () => {
  it('shows it where C2SP tlog-tiles has it', async () => {
    const bytes = await tree(4);
    const { publisher } = await published(bytes);
    expect(await publisher.published(3)).toEqual(bytes);
    expect(await publisher.published(2)).toBeUndefined();
    expect([key, cosignedKey(3)]).toEqual(['log/3/checkpoint', 'cosigned/3/checkpoint']);
  });

  it('takes the place of a smaller tree, with its cosignatures', async () => {
    const larger = await tree(5);
    const { peek } = await published(await tree(4, cosigner(first)), larger);
    expect(peek(key)).toEqual(larger);
  });

  it('never takes the place of a larger tree', async () => {
    const larger = await tree(5);
    const { peek, faults } = await published(larger, await tree(4));
    expect(peek(key)).toEqual(larger);
    expect(faults.calls('replace')).toBe(1);
  });

  it('keeps every cosignature beside the same tree, and writes nothing that stands', async () => {
    const { names, publisher, faults } = await published(
      await tree(4, cosigner(first)),
      await tree(4, cosigner(second)),
      await tree(4),
    );
    expect(names()).toEqual([log, ...witnesses].map(({ verifier }) => verifier.name));
    const writes = faults.calls('replace');
    await publisher.publish(3, await tree(4, cosigner(second)));
    expect(faults.calls('replace')).toBe(writes);
  });

  it('keeps the later of two cosignatures of one witness, whichever comes last', async () => {
    const [early, late] = [
      await tree(4, cosigner(first), 1000),
      await tree(4, cosigner(first), 2000),
    ];
    for (const order of [
      [early, late],
      [late, early],
    ]) {
      const { peek } = await published(...order);
      expect(peek(key)).toEqual(late);
    }
  });

  it('stops at another tree of the same size', async () => {
    const { publisher } = await published(await tree(4));
    await expect(publisher.publish(3, await tree(4, [], 1, 'fork'))).rejects.toMatchObject({
      name: 'LogStopped',
      reason: 'signer-refused',
      shard: 3,
    });
  });

  it('stops when what stands is no checkpoint, and refuses to publish what is none', async () => {
    const { publisher, overwrite, peek } = await published(await tree(4));
    await expect(publisher.publish(3, utf8('none'))).rejects.toThrow('no checkpoint');
    overwrite(key, plain('damage'));
    await expect(publisher.publish(3, await tree(9))).rejects.toMatchObject({
      name: 'LogStopped',
      reason: 'published-damaged',
    });
    expect(peek(key)).toEqual(plain('damage'));
  });

  it('looks again when somebody else was faster, and loses nothing', async () => {
    const { store, faults, peek, names, publisher } = await published(await tree(4));
    const pause = faults.pauseCall('replace', 'before');
    const slow = publisher.publish(3, await tree(4, cosigner(first)));
    await pause.reached;
    await objectPublisher(store).publish(3, await tree(4, cosigner(second)));
    pause.release();
    await slow;
    expect(names()).toHaveLength(3);
    const late = faults.pauseCall('replace', 'before');
    const smaller = publisher.publish(3, await tree(6));
    await late.reached;
    const larger = await tree(9);
    await objectPublisher(store).publish(3, larger);
    late.release();
    await smaller;
    expect(peek(key)).toEqual(larger);
  });

  it('gives up after eight times', async () => {
    const { store } = memoryObjectStore();
    let sizes = 0;
    const busy = {
      get: store.get,
      replace: async () => {
        sizes += 1;
        return { standing: await tree(sizes) };
      },
    };
    await expect(replaceCheckpoint(busy, key, 3, await tree(100))).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(sizes).toBe(8);
  });

  it.each(['not-persisted', 'unacknowledged'] as const satisfies readonly Fault[])(
    'is made good by publishing again when its write is %s',
    async (fault) => {
      const { faults, publisher, peek } = await published(await tree(4));
      faults.breakCall('replace', fault);
      const bytes = await tree(5);
      await expect(publisher.publish(3, bytes)).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      await publisher.publish(3, bytes);
      expect(peek(key)).toEqual(bytes);
    },
  );
});

describe('merging the signatures of two notes', () => {
  it('keeps at most sixteen, those that stood first', () => {
    const signatures = Array.from({ length: 20 }, (_, n) => ({
      name: `name-${n}`,
      id: '00000000',
      signature: Uint8Array.of(n),
    }));
    const standing = { text: 'text\n', signatures: signatures.slice(0, 10) };
    const merged = mergeNotes(standing, signatures.slice(10));
    expect(merged.signatures).toEqual(signatures.slice(0, 16));
    expect(parseNote(formatNote(merged))?.signatures).toHaveLength(16);
  });

  it('tells keys apart by name and id', () => {
    const one = { name: 'a', id: '00000001', signature: Uint8Array.of(1) };
    const other = { ...one, id: '00000002' };
    const renewed = { ...one, signature: Uint8Array.of(9) };
    const merged = mergeNotes({ text: 'text\n', signatures: [one] }, [other, renewed]);
    expect(merged.signatures).toEqual([renewed, other]);
  });
});
