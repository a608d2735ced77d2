import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal } from '#shared/audit/vault.ts';
import { unwrapKey, wrapKey } from '#shared/inquiry/wrap-key.ts';
import { sha256, toBase64Url, utf8 } from '#shared/kernel/bytes.ts';

const vaultKey = sha256('vault key');
const random = (length: number): Uint8Array => randomBytes(length);
const refused = 'unable to authenticate data';

/** The bytes of an opened key. */
const bytesIn = (box: Uint8Array, window: number): Uint8Array => {
  const key = unwrapKey(box, window, vaultKey);
  return key instanceof Uint8Array ? key : key.export();
};

describe('the key of a window', () => {
  it('comes out as it was wrapped, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat({ max: 20_000_000 }),
        (key, window) => {
          const box = wrapKey(key, window, { vaultKey, random });
          expect(toBase64Url(bytesIn(box, window))).toBe(toBase64Url(key));
          expect(Buffer.from(box).includes(Buffer.from(key))).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('opens as that of its window and under its vault key alone', () => {
    const box = wrapKey(sha256('key'), 6_000_000, { vaultKey, random });
    for (const window of [5_999_999, 6_000_001, 60_000_000, 0]) {
      expect(() => unwrapKey(box, window, vaultKey)).toThrow(refused);
    }
    expect(() => unwrapKey(box, 6_000_000, sha256('another'))).toThrow(refused);
    const damaged = box.map((byte, at) => (at === 20 ? byte + 1 : byte));
    expect(() => unwrapKey(damaged, 6_000_000, vaultKey)).toThrow(refused);
  });

  it('is none when what was wrapped has another length', () => {
    for (const length of [0, 16, 31, 33]) {
      const box = wrapKey(random(length), 1, { vaultKey, random });
      expect(() => unwrapKey(box, 1, vaultKey)).toThrow('another length');
    }
    const sealing = { key: vaultKey, nonce: () => random(12) };
    const text = seal([toBase64Url(utf8('no key!'))], 'hold key 1', sealing);
    expect(() => unwrapKey(text, 1, vaultKey)).toThrow('another length');
  });
});
