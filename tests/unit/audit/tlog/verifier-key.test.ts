import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '#shared/audit/tlog/base64.ts';
import {
  formatVerifierKey,
  isKeyName,
  parseVerifierKey,
  rawEd25519,
  type SignatureType,
  VerifierKeyInvalid,
  verifierKey,
  verifyEd25519,
} from '#shared/audit/tlog/verifier-key.ts';
import { concat, sha256, utf8 } from '#shared/kernel/bytes.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { anyKeyName, flipBit, hex } from './arbitraries.ts';

const anyType = fc.constantFrom<SignatureType>('ed25519', 'cosignature');

/** The vkey of C2SP signed-note's example. */
const example = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';

/** A vkey with the id that belongs to it, whatever its key is. */
const vkeyOf = (name: string, type: number, publicKey: Uint8Array): string => {
  const typed = concat(Uint8Array.of(type), publicKey);
  const id = hex(sha256(concat(utf8(`${name}\n`), typed)).subarray(0, 4));
  return `${name}+${id}+${toBase64(typed)}`;
};

const reasonOf = (text: string): string => {
  try {
    parseVerifierKey(text);
    return 'accepted';
  } catch (error) {
    return error instanceof VerifierKeyInvalid ? error.message : 'another error';
  }
};

describe('a verifier key', () => {
  it('gives itself back from its text', () => {
    fc.assert(
      fc.property(anyKeyName, anyType, (name, type) => {
        const { verifier } = noteKey(name, type);
        const parsed = parseVerifierKey(formatVerifierKey(verifier));
        expect(parsed).toMatchObject({ name, type, id: verifier.id });
        expect(hex(parsed.publicKey)).toBe(hex(verifier.publicKey));
        expect(formatVerifierKey(parsed)).toBe(formatVerifierKey(verifier));
      }),
    );
  });

  it('has the id of the specification: SHA-256 of name, newline, type and key, four bytes', () => {
    const { publicKey } = noteKey('log.example', 'ed25519').verifier;
    for (const [type, byte] of [
      ['ed25519', 1],
      ['cosignature', 4],
    ] as const) {
      const expected = vkeyOf('log.example', byte, publicKey);
      expect(formatVerifierKey(verifierKey('log.example', type, publicKey))).toBe(expected);
    }
  });

  it('under another type or name has another id', () => {
    const { publicKey, id } = noteKey('log.example', 'ed25519').verifier;
    expect(verifierKey('log.example', 'cosignature', publicKey).id).not.toBe(id);
    expect(verifierKey('log.examplf', 'ed25519', publicKey).id).not.toBe(id);
  });

  it('of the specification is read', () => {
    expect(parseVerifierKey(example)).toMatchObject({
      name: 'example.com/foo',
      id: '530d903a',
      type: 'ed25519',
    });
  });
});

const { publicKey: sound } = noteKey('log.example', 'ed25519').verifier;
const malformed = 'This is no verifier key: <name>+<id>+<base64>.';
const otherId = 'The id does not belong to the key.';

describe('parseVerifierKey refuses', () => {
  it.each([
    ['nothing', '', malformed],
    ['a name alone', 'example.com/foo', malformed],
    ['an id that is not the key’s', example.replace('530d903a', '530d903b'), otherId],
    ['an id in capitals', example.replace('530d903a', '530D903A'), malformed],
    ['an id of seven digits', example.replace('530d903a', '530d903'), malformed],
    ['an id of nine digits', example.replace('530d903a', '0530d903a'), malformed],
    ['another name', example.replace('foo', 'fop'), otherId],
    ['a fourth part', `${example}+`, malformed],
    ['a newline behind', `${example}\n`, malformed],
    ['a space before', ` ${example}`, 'The name of the key is not allowed.'],
    ['base64 with padding that is not due', `${example}=`, malformed],
    ['base64 for URLs', example.replace('Aeky', '-eky'), malformed],
    ['no name', example.replace('example.com/foo', ''), malformed],
    ['no key', 'example.com/foo+530d903a+', malformed],
    ['a name with a tab', vkeyOf('a\tb', 1, sound), 'The name of the key is not allowed.'],
    ['ECDSA', vkeyOf('log.example', 2, sound), 'The signature type is not supported.'],
    [
      'RFC 6962 tree heads',
      vkeyOf('log.example', 5, sound),
      'The signature type is not supported.',
    ],
    ['ML-DSA-44', vkeyOf('log.example', 6, sound), 'The signature type is not supported.'],
    [
      'a type of no assignment',
      vkeyOf('log.example', 0xff, sound),
      'The signature type is not supported.',
    ],
    ['the type 0', vkeyOf('log.example', 0, sound), 'The signature type is not supported.'],
    ['31 bytes', vkeyOf('log.example', 1, sound.subarray(1)), 'An Ed25519 key has 32 bytes.'],
    [
      '33 bytes',
      vkeyOf('log.example', 1, concat(sound, Uint8Array.of(0))),
      'An Ed25519 key has 32 bytes.',
    ],
    [
      'a key of no bytes',
      vkeyOf('log.example', 1, Uint8Array.of()),
      'An Ed25519 key has 32 bytes.',
    ],
  ])('%s', (_, text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it('every single bit flipped in the text', () => {
    const bytes = utf8(example);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(flipBit(bytes, bit)).toString('latin1');
      expect(reasonOf(flipped)).not.toBe('accepted');
    }
  });

  it('and says nothing of the text in its reason', () => {
    for (const text of [
      'secret.example+12345678+AAAA',
      'secret.example+xyz',
      example.replace('foo', 'secret'),
    ]) {
      expect(reasonOf(text)).not.toContain('secret');
    }
  });
});

describe('an Ed25519 public key is refused', () => {
  // "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020), tables 1 and 2.
  it.each([
    ['low-order', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['low-order', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['low-order', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['low-order', '0000000000000000000000000000000000000000000000000000000000000080'],
    ['low-order', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['low-order', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
    ['low-order', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['low-order', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
    ['non-canonical', '0100000000000000000000000000000000000000000000000000000000000080'],
    ['non-canonical', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'],
    ['non-canonical', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['non-canonical', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'],
    ['off-curve', '0200000000000000000000000000000000000000000000000000000000000000'],
  ])('that is %s: %s', (judgement, encoded) => {
    const publicKey = Buffer.from(encoded, 'hex');
    const reason = `The Ed25519 key is ${judgement}.`;
    for (const [type, byte] of [
      ['ed25519', 1],
      ['cosignature', 4],
    ] as const) {
      expect(() => verifierKey('log.example', type, publicKey)).toThrow(reason);
      expect(reasonOf(vkeyOf('log.example', byte, publicKey))).toBe(reason);
    }
  });
});

describe('isKeyName', () => {
  it.each(['a', 'exchange.example/log/0', 'زاگرس', 'é', '😀', 'a'.repeat(256), '—', 'a=b'])(
    'takes %s',
    (name) => {
      expect(isKeyName(name)).toBe(true);
    },
  );

  it.each([
    ['', 'nothing'],
    ['a b', 'a space'],
    ['a+b', 'a plus'],
    ['a\u00a0b', 'a no-break space'],
    ['a\u1680b', 'an Ogham space'],
    ['a\u2003b', 'an em space'],
    ['a\u2028b', 'a line separator'],
    ['a\u202fb', 'a narrow space'],
    ['a\u205fb', 'a mathematical space'],
    ['a\u3000b', 'an ideographic space'],
    ['a\u0085b', 'a next line'],
    ['a\nb', 'a newline'],
    ['a\tb', 'a tab'],
    ['a\u0000b', 'a zero'],
    ['a\u007fb', 'a delete'],
    ['a\ud800b', 'half a character'],
    ['a'.repeat(257), '257 characters'],
  ])('refuses %j: %s', (name) => {
    expect(isKeyName(name)).toBe(false);
    expect(() => verifierKey(name, 'ed25519', sound)).toThrow(
      'The name of the key is not allowed.',
    );
  });
});

describe('rawEd25519', () => {
  it('is the end of the DER', () => {
    const spki = noteKey('a', 'ed25519').verifier.key.export({ format: 'der', type: 'spki' });
    expect(hex(rawEd25519(spki))).toBe(hex(spki.subarray(12)));
  });

  it.each([
    ['shorter', '302a300506032b65700321'],
    ['of X25519', `302a300506032b656e032100${'09'.repeat(32)}`],
    ['longer', `302a300506032b6570032100${'09'.repeat(33)}`],
    ['nothing', ''],
  ])('refuses a key %s', (_, der) => {
    expect(() => rawEd25519(Buffer.from(der, 'hex'))).toThrow(VerifierKeyInvalid);
  });
});

describe('verifyEd25519', () => {
  const { verifier, sign } = noteKey('log.example', 'ed25519');
  const message = utf8('a text\n');

  it('holds for the signed bytes, and not with a bit of them or of the signature flipped', async () => {
    const signature = await sign(message);
    expect(verifyEd25519(verifier, message, signature)).toBe(true);
    for (let bit = 0; bit < 512; bit += 1) {
      expect(verifyEd25519(verifier, message, flipBit(signature, bit))).toBe(false);
    }
    for (let bit = 0; bit < message.length * 8; bit += 1) {
      expect(verifyEd25519(verifier, flipBit(message, bit), signature)).toBe(false);
    }
  });

  it('does not hold for S + L: a signature has one spelling (RFC 8032 section 5.1.7)', async () => {
    const signature = await sign(message);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${hex(signature.subarray(32).toReversed())}`);
    const above = Buffer.from((s + order).toString(16).padStart(64, '0'), 'hex').toReversed();
    expect(verifyEd25519(verifier, message, concat(signature.subarray(0, 32), above))).toBe(false);
  });

  it.each([0, 63, 65, 128])('does not hold with %i bytes', (length) => {
    expect(verifyEd25519(verifier, message, new Uint8Array(length))).toBe(false);
  });

  it('does not hold under another key', async () => {
    const other = noteKey('other.example', 'ed25519').verifier;
    expect(verifyEd25519(other, message, await sign(message))).toBe(false);
  });
});
