import { describe, expect, it } from 'vitest';
import { openCheckpoint, parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import { readReceipt } from '#shared/client/verify/check-receipt.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { testSigners } from '#tests/support/log-builder.ts';
import { receiptOf } from '#tests/support/log-leaves.ts';
import { makeLogWorld } from '#tests/support/log-world.ts';
import { makeKey } from '#tests/support/messages.ts';
import {
  built,
  bundle,
  changed,
  flipAt,
  inquiries,
  leaves,
} from '#tests/unit/verify/sample-files.ts';
import {
  cast,
  failuresOf,
  inquiryAt,
  logOf,
  policy,
  verifyFiles,
  verifyLeaves,
} from '#tests/unit/verify/sample-log.ts';

/** The files of other leaves under the checkpoint that stands. */
const underTheCheckpoint = async (others: readonly Uint8Array[]) => {
  const { files } = await logOf(others);
  return new Map(files).set('checkpoint', built.checkpoint);
};

const swapped = leaves.with(5, leaves[6] ?? utf8('')).with(6, leaves[5] ?? utf8(''));

describe('what an auditor detects', () => {
  it('altered bundle byte', async () => {
    expect(failuresOf(await verifyFiles(built.files))).toEqual([]);
    for (const position of [0, 40, 300, 2000]) {
      const report = await verifyFiles(changed(built.files, bundle, flipAt(position)));
      expect(failuresOf(report)).toContain('tree');
    }
  });

  it('leaf and tile rewritten together', async () => {
    const other = await inquiryAt(0);
    const report = await verifyFiles(await underTheCheckpoint(leaves.with(4, other.data)));
    expect(failuresOf(report)).toContain('tree');
  });

  it('truncated tail', async () => {
    const shorter = await logOf(leaves.slice(0, -2));
    const cut = await verifyFiles(new Map(shorter.files).set('checkpoint', built.checkpoint));
    expect(failuresOf(cut)).toContain('tree');
    const previous = [{ name: 'before', bytes: built.checkpoint }];
    expect(failuresOf(await verifyFiles(shorter.files, { previous }))).toEqual(['fork']);
  });

  it('full rewrite with the real key', async () => {
    const rewritten = await logOf(leaves.toSpliced(5, 1));
    expect(failuresOf(await verifyFiles(rewritten.files))).toEqual([]);
    const previous = [{ name: 'before', bytes: (await logOf(leaves.slice(0, 7))).checkpoint }];
    expect(failuresOf(await verifyFiles(rewritten.files, { previous }))).toEqual(['fork']);
  });

  it('split view', async () => {
    const other = await logOf([...leaves.slice(0, -1), (await inquiryAt(40_000)).data]);
    const previous = [{ name: "somebody else's view", bytes: other.checkpoint }];
    expect(failuresOf(await verifyFiles(built.files, { previous }))).toEqual(['fork']);

    // Nor do the witnesses cosign a second view: it has no quorum.
    const [world, fork] = [makeLogWorld(), makeLogWorld()];
    for (const one of [world, fork]) {
      await one.inquiries(3);
      one.clock.advance(60_000);
      await one.drain();
    }
    await world.startWitnessing()();
    const asked = await fork.startWitnessing(0, { client: world.client })();
    expect(asked.quorum).toBe(false);
    expect(asked.asked.map(({ result }) => result)).toEqual(['disagrees', 'disagrees']);
  });

  it('two entries swapped', async () => {
    expect(failuresOf(await verifyFiles(await underTheCheckpoint(swapped)))).toContain('tree');
    const previous = [{ name: 'before', bytes: built.checkpoint }];
    const { files } = await logOf(swapped);
    expect(failuresOf(await verifyFiles(files, { previous }))).toEqual(['fork']);
  });

  it('receipt issued and entry dropped', async () => {
    const [inquiry] = inquiries;
    if (inquiry === undefined) throw new Error('There is no inquiry.');
    const receipt = readReceipt(await receiptOf(inquiry, { exchange: cast.exchange }));
    const receipts = receipt === undefined ? [] : [receipt];
    expect(failuresOf(await verifyFiles(built.files, { receipts }))).toEqual([]);
    const dropped = leaves.filter((data) => data !== inquiry.data);
    expect(failuresOf(await verifyLeaves(dropped, { receipts }))).toEqual(['receipt']);
  });

  it("fabricated inquiry in a counter's name", async () => {
    const stranger = await makeKey('ES256');
    const made = await inquiryAt(50_000, { counter: stranger });
    expect(failuresOf(await verifyLeaves([...leaves, made.data]))).toEqual(['message']);
  });

  it('malformed notes', () => {
    const text = Buffer.from(built.checkpoint).toString('utf8');
    const [body = '', lines = ''] = [text.split('\n\n')[0], text.split('\n\n')[1]];
    const first = lines.split('\n')[0] ?? '';
    const [, box = ''] = first.slice(2).split(' ');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    // 68 bytes end in a digit whose last two bits say nothing: they must be zero.
    const last = alphabet.indexOf(box.at(-2) ?? '');
    const surplus = `${box.slice(0, -2)}${alphabet[last + 1] ?? ''}=`;
    const many = Array.from({ length: 17 }, (_, n) => `— name-${n} ${box}\n`).join('');
    const wrong = {
      crlf: text.replaceAll('\n', '\r\n'),
      'base64 with surplus bits': text.replace(box, surplus),
      'base64 without its padding': text.replace(box, box.slice(0, -1)),
      'base64 of another alphabet': text.replace(box, `-${box.slice(1)}`),
      'one key twice': `${text}${first}\n`,
      'seventeen signatures': `${body}\n\n${many}`,
      'no signature': `${body}\n\n`,
      'no newline at the end': text.slice(0, -1),
    };
    const read = Object.entries(wrong).filter(([, one]) => parseNote(utf8(one)) !== undefined);
    expect(read.map(([what]) => what)).toEqual([]);
    expect(Buffer.from(surplus, 'base64')).toEqual(Buffer.from(box, 'base64'));
    const root = body.split('\n')[2] ?? '';
    const sizes = ['010', '+1', '-1', '1e3', ' 1', '18446744073709551616', '1.0', ''];
    expect(sizes.filter((size) => parseCheckpoint(`log\n${size}\n${root}\n`))).toEqual([]);
    expect(parseCheckpoint(`log\n18446744073709551615\n${root}\n`)?.size).toBe(2n ** 64n - 1n);
    const keys = { log: [testSigners().log.verifier], witnesses: [] };
    expect(openCheckpoint(built.checkpoint, keys)).toBeDefined();
    for (let position = 0; position < built.checkpoint.length; position += 1) {
      const flipped = flipAt(position)(built.checkpoint);
      const opened = openCheckpoint(flipped, {
        log: policy.logs.map(({ key }) => key),
        witnesses: policy.witnesses.map(({ key }) => key),
      });
      expect(opened?.cosignedBy.length === 2).toBe(false);
    }
  });
});
