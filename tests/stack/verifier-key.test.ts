import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifierKeyOf } from '#infra/verifier-key.ts';
import { formatVerifierKey, parseVerifierKey } from '#shared/audit/tlog/verifier-key.ts';

const spkiOf = (type: 'ed25519' | 'x25519'): string => {
  const { publicKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
};

describe('the verifier key that is told to witnesses', () => {
  it('is one that they read, of this name and this key', () => {
    const spki = spkiOf('ed25519');
    const text = verifierKeyOf('exchange.example/log/0', `${spki}\n`);
    const parsed = parseVerifierKey(text);
    expect(formatVerifierKey(parsed)).toBe(text);
    expect([parsed.name, parsed.type]).toEqual(['exchange.example/log/0', 'ed25519']);
    expect(spki.endsWith(Buffer.from(parsed.publicKey).toString('base64').slice(-20))).toBe(true);
  });

  it.each([
    ['another kind of key', 'exchange.example/log/0', spkiOf('x25519')],
    ['no key', 'exchange.example/log/0', 'None'],
    ['a name with a space', 'exchange.example /log/0', spkiOf('ed25519')],
    ['a name with a plus', 'exchange.example/log+0', spkiOf('ed25519')],
  ])('is refused for %s', (_, name, key) => {
    expect(() => verifierKeyOf(name, key)).toThrow(/\.$/);
  });
});
