import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cosignatureMessage,
  cosignedAt,
  formatCosignature,
} from '#shared/audit/tlog/cosignature.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { flipBit, hex } from './arbitraries.ts';

const { verifier, sign } = noteKey('witness.example/w1', 'cosignature');
const text = 'exchange.example/log/0\n5\nAAAA\n';
const time = 1_679_315_147;

const cosign = async (about: string, at: number): Promise<Uint8Array> =>
  formatCosignature(at, await sign(cosignatureMessage(about, at)));

/** The same with any 64 bits as its time. */
const cosignWith = async (about: string, at: bigint): Promise<Uint8Array> => {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64BE(at);
  return concat(prefix, await sign(utf8(`cosignature/v1\ntime ${at}\n${about}`)));
};

describe('a cosignature', () => {
  it('is about two lines and the whole text', () => {
    expect(Buffer.from(cosignatureMessage(text, time)).toString()).toBe(
      `cosignature/v1\ntime 1679315147\n${text}`,
    );
  });

  it('is eight bytes of time, big-endian, and the signature', () => {
    const signature = new Uint8Array(64).fill(7);
    expect(hex(formatCosignature(time, signature))).toBe(`00000000641850cb${'07'.repeat(64)}`);
  });

  it('tells its time, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        async (about, at) => {
          expect(cosignedAt(verifier, about, await cosign(about, at))).toBe(at);
        },
      ),
    );
  });

  it('does not hold with any bit flipped, its time included', async () => {
    const cosignature = await cosign(text, time);
    for (let bit = 0; bit < cosignature.length * 8; bit += 1) {
      expect(cosignedAt(verifier, text, flipBit(cosignature, bit))).toBeUndefined();
    }
  });

  it('does not hold for another text, another key, nor as a signature of the bare text', async () => {
    const cosignature = await cosign(text, time);
    const other = noteKey('witness.example/w2', 'cosignature').verifier;
    expect(cosignedAt(verifier, `${text}\n`, cosignature)).toBeUndefined();
    expect(cosignedAt(other, text, cosignature)).toBeUndefined();
    const bare = formatCosignature(time, await sign(utf8(text)));
    expect(cosignedAt(verifier, text, bare)).toBeUndefined();
  });

  it.each([0n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n])(
    'of the time %s does not hold, though it is signed',
    async (at) => {
      expect(cosignedAt(verifier, text, await cosignWith(text, at))).toBeUndefined();
    },
  );

  it('of the time 1 holds', async () => {
    expect(cosignedAt(verifier, text, await cosignWith(text, 1n))).toBe(1);
  });

  it.each([0, 8, 64, 71, 73, 136])('of %i bytes does not hold', async (length) => {
    const cosignature = Buffer.alloc(length);
    cosignature.set((await cosign(text, time)).subarray(0, length));
    expect(cosignedAt(verifier, text, cosignature)).toBeUndefined();
  });

  it('is read from a view by its own bytes', async () => {
    const cosignature = await cosign(text, time);
    const within = concat(Uint8Array.of(1, 2, 3), cosignature, Uint8Array.of(4)).subarray(3, 75);
    expect(cosignedAt(verifier, text, within)).toBe(time);
  });
});
