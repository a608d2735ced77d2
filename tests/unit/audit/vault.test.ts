import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nonceLength, seal, unseal, type VaultKey } from '#shared/audit/vault.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import { requestFactsExample } from '#tests/support/messages.ts';

const key = sha256('key');

/** What GCM says when its tag does not fit. */
const refused = 'unable to authenticate data';

/** Nonces that count up: two of them never meet. */
const countedKey = (): VaultKey & { readonly used: readonly string[] } => {
  const used: string[] = [];
  return {
    key,
    used,
    nonce: () => {
      const nonce = Buffer.alloc(nonceLength);
      nonce.writeUInt32BE(used.length, 8);
      used.push(nonce.toString('hex'));
      return nonce;
    },
  };
};

const disclosure = fc
  .tuple(
    fc.uint8Array({ minLength: 16, maxLength: 32 }),
    fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,20}$/),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.constant({ a: ['ي', '\n'] })),
  )
  .map(([salt, name, value]) => makeDisclosure(salt, name, value).text);

const example = Object.entries(requestFactsExample).map(
  ([name, value]) => makeDisclosure(sha256(name).subarray(0, 16), name, value).text,
);

describe('seal and unseal', () => {
  it('give back the disclosures as they travelled', () => {
    fc.assert(
      fc.property(fc.array(disclosure, { maxLength: 8 }), fc.string(), (texts, context) => {
        expect(unseal(seal(texts, context, countedKey()), context, { key })).toEqual(texts);
      }),
    );
  });

  it('give back no disclosures as none', () => {
    expect(unseal(seal([], 'a#i', countedKey()), 'a#i', { key })).toEqual([]);
  });

  it('show nothing of a person in the box', () => {
    const box = Buffer.from(seal(example, 'a#i', countedKey())).toString('latin1');
    for (const word of ['0499370899', 'operator', 'subject', 'ir-national-id']) {
      expect(box).not.toContain(word);
    }
  });

  it('refuse another key', () => {
    const box = seal(example, 'a#i', countedKey());
    expect(() => unseal(box, 'a#i', { key: sha256('another key') })).toThrow(refused);
  });

  it('refuse another context, so that a box moved to another row does not open', () => {
    const box = seal(example, 'a#i', countedKey());
    for (const context of ['b#i', 'a#h', 'a#', '']) {
      expect(() => unseal(box, context, { key })).toThrow(refused);
    }
  });

  it('refuse a box in which any one bit is another', () => {
    const box = seal(example, 'a#i', countedKey());
    const opened = Array.from(box, (byte, index) => {
      const bent = Uint8Array.from(box);
      bent[index] = byte ^ (1 << (index % 8));
      return opens(bent);
    });
    expect(opened).toHaveLength(box.length);
    expect(opened).not.toContain(true);
  });

  it('refuse a box that was cut anywhere, and one with more behind it', () => {
    const box = seal(example, 'a#i', countedKey());
    const cut = Array.from(box, (_, length) => opens(box.subarray(0, length)));
    expect(cut).not.toContain(true);
    expect(opens(Uint8Array.from([...box, 0]))).toBe(false);
  });

  it('take a fresh nonce for every box, and put it into the box', () => {
    const counted = countedKey();
    const boxes = Array.from({ length: 50 }, () => seal(example, 'a#i', counted));
    const nonces = boxes.map((box) => Buffer.from(box.subarray(1, 13)).toString('hex'));
    expect(new Set(nonces).size).toBe(50);
    expect(nonces).toEqual(counted.used);
  });

  it('make two boxes of the same disclosures that differ', () => {
    const counted = countedKey();
    const [first, second] = [seal(example, 'a', counted), seal(example, 'a', counted)];
    expect(Buffer.from(first).equals(second)).toBe(false);
  });
});

const opens = (box: Uint8Array): boolean => {
  try {
    unseal(box, 'a#i', { key });
    return true;
  } catch {
    return false;
  }
};
