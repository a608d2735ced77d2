import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pemNoteSigner } from '#shared/audit/pem-note-signer.ts';
import { rawEd25519, verifierKey, verifyEd25519 } from '#shared/audit/tlog/verifier-key.ts';
import { utf8 } from '#shared/kernel/bytes.ts';

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const pem = generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString();
const name = 'witness.example/w';
const wanted = { name, type: 'cosignature' } as const;

describe('a signer from PEM', () => {
  it('signs for the public key it shows, under its name and type', async () => {
    const { verifier, sign } = pemNoteSigner(wanted, pem);
    const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    expect(verifier.id).toBe(verifierKey(name, 'cosignature', rawEd25519(spki)).id);
    const signature = await sign(utf8('message'));
    expect(verifyEd25519(verifier, utf8('message'), signature)).toBe(true);
    expect(verifyEd25519(verifier, utf8('another'), signature)).toBe(false);
  });

  it.each([
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['Ed448', generateKeyPairSync('ed448').privateKey],
    ['X25519', generateKeyPairSync('x25519').privateKey],
  ])('refuses a key of %s', (_, key) => {
    expect(() => pemNoteSigner(wanted, key.export(pkcs8).toString())).toThrow(
      'The private key is not Ed25519.',
    );
  });

  it.each([
    ['nothing', ''],
    ['a text', 'secret text'],
    ['a public key', createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString()],
    ['a key that is cut off', pem.slice(0, 60)],
    [
      'a key behind a passphrase',
      generateKeyPairSync('ed25519', {
        privateKeyEncoding: { ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'x' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      }).privateKey,
    ],
  ])('refuses %s, and shows nothing of it', (_, text) => {
    const refused = (): unknown => {
      try {
        return pemNoteSigner(wanted, text);
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toMatchObject({ name: 'VerifierKeyInvalid' });
    expect(refused()).toHaveProperty('message', expect.stringMatching(/no PEM of PKCS#8/));
    expect(refused()).not.toHaveProperty('cause');
  });

  it.each(['', 'a b', 'a+b', 'a\nb'])('refuses the name %j', (bad) => {
    expect(() => pemNoteSigner({ ...wanted, name: bad }, pem)).toThrow(/name/);
  });
});
